import type { ActorId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { Ghost } from '../model/actor.ts'
import type { Handle } from '../model/handle.ts'
import type { KnownForFediverse, KnownMention } from '../translate/known.ts'
import type { Text } from '../model/event.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { formatHandle } from '../model/handle.ts'
import { findMentions } from '../translate/mentions.ts'
import { handleOf } from './actors.ts'
import { keepNewest } from './ghosts.ts'
import { isOwnId } from './new-ids.ts'

/** More typed handles than this in one message stay text. */
const maxLookups = 10
/** Nor does a message wait longer than this for the next one, milliseconds: the room waits with it. */
const lookUpTime = 20_000

export async function mentionOf(actorId: ActorId, deps: Deps): Promise<KnownMention | undefined> {
  const local = await deps.store.findLocalActor(actorId)
  if (local !== undefined) {
    return {
      actorId,
      handle: handleOf(local, deps),
      url: `${deps.identity.publicUrl}/@${local.username}`,
    }
  }
  const remote = await deps.store.findRemoteActor(actorId)
  return remote === undefined
    ? undefined
    : { actorId, handle: formatHandle(remote), url: remote.url ?? actorId }
}

const findKnownGhost = (userId: UserId, deps: Deps): Promise<Ghost | undefined> =>
  deps.store.findGhostByUser(userId)

export async function mentionOfUser(
  userId: UserId,
  deps: Deps,
  findGhost: (userId: UserId, deps: Deps) => Promise<Ghost | undefined> = findKnownGhost,
): Promise<KnownMention | undefined> {
  const ghost = await findGhost(userId, deps)
  if (ghost !== undefined) return mentionOf(ghost.actorId, deps)
  const local = await deps.store.findLocalActorByUser(userId)
  return local === undefined ? undefined : mentionOf(local.id, deps)
}

/** A handle that cannot be found, or not now, stays text: a typing error must not hold the message. */
async function mentionOfHandle(handle: Handle, deps: Deps): Promise<KnownMention | undefined> {
  const { handleDomain } = deps.identity
  if (handle.host === handleDomain) {
    const local = await deps.store.findLocalActorByUsername(handle.username)
    return local === undefined ? undefined : mentionOf(local.id, deps)
  }
  const known = await deps.store.findRemoteActorByHandle(handle)
  if (known !== undefined) return mentionOf(known.id, deps)
  try {
    const since = deps.clock.now()
    const found = await deps.fediverse.lookup(handle)
    if (isOwnId(found.id, deps)) return await mentionOf(found.id, deps)
    await keepNewest(found, since, deps)
    return { actorId: found.id, handle: formatHandle(found), url: found.url ?? found.id }
  } catch (error) {
    if (error instanceof RejectedError || error instanceof TransientError) return undefined
    throw error
  }
}

/** Everybody whom a text names: by a pill, or by a handle that was typed. */
export async function mentionsIn(
  text: Text,
  deps: Deps,
): Promise<Pick<KnownForFediverse, 'pills' | 'handles'>> {
  const found = findMentions(text)
  const pills = new Map<UserId, KnownMention>()
  const handles = new Map<string, KnownMention>()
  for (const userId of found.pills) {
    const mention = await mentionOfUser(userId, deps)
    if (mention !== undefined) pills.set(userId, mention)
  }
  const end = deps.clock.now() + lookUpTime
  for (const handle of found.handles.slice(0, maxLookups)) {
    if (deps.clock.now() >= end) break
    const mention = await mentionOfHandle(handle, deps)
    if (mention !== undefined) handles.set(formatHandle(handle).toLowerCase(), mention)
  }
  return { pills, handles }
}
