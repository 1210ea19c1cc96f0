import type { Deps } from './ports.ts'
import type { Mapping, ObjectRecord } from '../model/note.ts'
import type { MatrixEvent } from '../model/event.ts'
import { asActivityId, asObjectId } from '../model/ids.ts'

/** What a message answers: the event it names, else (a threaded message) the root of its thread. */
export async function mappingAnswered(
  event: MatrixEvent & { type: 'message' },
  deps: Deps,
): Promise<Mapping | undefined> {
  const { replyTo, threadRoot, isFallback } = event.relation
  if (replyTo !== undefined && !isFallback) {
    const named = await deps.store.findMappingByEvent(event.roomId, replyTo)
    if (named !== undefined) return named
  }
  return threadRoot === undefined
    ? undefined
    : deps.store.findMappingByEvent(event.roomId, threadRoot)
}

/** The line that says who boosted a post stands for the post. */
export async function behindBoost(
  mapping: Mapping | undefined,
  deps: Deps,
): Promise<Mapping | undefined> {
  if (mapping === undefined) return undefined
  const reaction = await deps.store.findReaction(asActivityId(mapping.remoteId))
  return reaction?.type === 'Announce' ? { ...mapping, remoteId: reaction.object } : mapping
}

/** The post that somebody has answered by hand; in a thread, clients name another one by themselves. */
export async function postAnswered(
  event: MatrixEvent & { type: 'message' },
  deps: Deps,
): Promise<ObjectRecord | undefined> {
  const { replyTo, isFallback } = event.relation
  if (replyTo === undefined || isFallback) return undefined
  const named = await deps.store.findMappingByEvent(event.roomId, replyTo)
  const mapping = await behindBoost(named, deps)
  return mapping === undefined ? undefined : deps.store.findObject(asObjectId(mapping.remoteId))
}
