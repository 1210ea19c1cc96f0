import type { Deps } from '../bridge/ports.ts'
import type { RemoteActor } from '../model/actor.ts'
import { asActorId } from '../model/ids.ts'
import { parseTarget, parseUserId } from '../model/names.ts'

/** An account of another server that is known here, by its handle, id or Matrix id. Nobody is asked. */
export async function findKnown(text: string, { store }: Deps): Promise<RemoteActor | undefined> {
  const userId = parseUserId(text)
  if (userId !== undefined) {
    const ghost = await store.findGhostByUser(userId)
    return ghost && store.findRemoteActor(ghost.actorId)
  }
  const target = parseTarget(text)
  if (target === undefined) return undefined
  return 'url' in target
    ? store.findRemoteActor(asActorId(target.url))
    : store.findRemoteActorByHandle(target)
}
