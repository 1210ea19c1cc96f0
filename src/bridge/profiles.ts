import type { ActorId, Mxc, RoomId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Mapping } from '../model/note.ts'
import { type Ghost, withPicture } from '../model/actor.ts'
import { unlessShut } from './closed-rooms.ts'
import { actorOf, ensureGhost } from './ghosts.ts'
import { isPictureTrouble, pictureOf } from './picture.ts'
import { performTell, redactOnce } from './perform-message.ts'
import { isOurs, portalName } from './portals.ts'
import { portalTopic } from './portal-shape.ts'
import { setIfChanged, showPicture } from './set-if-changed.ts'
import { txnIdOf } from './txn.ts'

/** Ghost and portal show what the stored actor says. Idempotent. */
export async function refreshActor(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  const ghostRow = await deps.store.findGhost(actorId)
  // A ghost that was never seen on Matrix is named when it first appears.
  if (ghostRow?.registered !== true) return []
  const actor = await actorOf(actorId, deps)
  await ensureGhost(actor, deps)
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal === undefined) return []
  await setIfChanged(portal.roomId, 'm.room.name', {
    content: { name: await portalName(actor, deps) },
    deps,
  })
  await setIfChanged(portal.roomId, 'm.room.topic', {
    content: { topic: portalTopic(actor) },
    deps,
  })
  return []
}

/** The same icon in the same place was had before: what stands there is better than nothing. */
async function avatarAt(icon: string, ghost: Ghost, deps: Deps): Promise<Mxc | undefined> {
  try {
    return (await pictureOf(ghost.actorId, icon, deps)).mxc
  } catch (error) {
    if (ghost.avatarUrl === icon && isPictureTrouble(error)) return ghost.avatar
    throw error
  }
}

/**
 * The avatar of a ghost and its portal, from the account's icon; once more where the homeserver has
 * lost it. An icon that cannot be had is no reason to fail anything: the old picture stays until the
 * next change. One that was taken away goes.
 */
export async function refreshAvatar(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  const { icon } = await actorOf(actorId, deps)
  const ghost = await deps.store.findGhost(actorId)
  if (ghost?.registered !== true) return []
  const avatar = icon === undefined ? undefined : await avatarAt(icon, ghost, deps)
  if (ghost.avatarUrl === icon && ghost.avatar === avatar) {
    await showInPortal(actorId, avatar, deps)
    return []
  }
  await deps.homeserver.setAvatar(ghost.userId, avatar)
  await showInPortal(actorId, avatar, deps)
  const fresh = (await deps.store.findGhost(actorId)) ?? ghost
  const picture = avatar === undefined || icon === undefined ? {} : { avatar, avatarUrl: icon }
  return [{ change: 'put-ghost', ghost: withPicture(fresh, picture) }]
}

async function showInPortal(actorId: ActorId, url: Mxc | undefined, deps: Deps): Promise<void> {
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal !== undefined) await showPicture(portal.roomId, url, deps)
}

const retireBatch = 200

/** Says whether there may be more. */
async function takeOut(
  mappings: readonly Mapping[],
  attempt: Attempt,
  deps: Deps,
): Promise<boolean> {
  for (const mapping of mappings) {
    const { roomId, eventId, sender } = mapping
    const txnId = txnIdOf(sender, roomId, eventId, 'retire')
    await unlessShut(async () => {
      if (isOurs(sender, deps)) await redactOnce(mapping, txnId, { ...attempt, deps })
      return []
    })
    await deps.store.commit([{ change: 'remove-mapping', roomId, eventId }])
  }
  return mappings.length === retireBatch
}

/** Everything a deleted account wrote here goes, then its ghost leaves. Bounded a run; resumes by an upkeep job. */
export async function retireActor(
  actorId: ActorId,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const ghost = await deps.store.findGhost(actorId)
  const changes: Change[] = [
    { change: 'delete-remote-actor', id: actorId },
    ...(await unquote(actorId, deps)),
  ]
  // What others boosted of it, and what was told of its polls, has other senders.
  const isMore = await takeOut(
    await deps.store.mappingsByAuthor(actorId, retireBatch),
    attempt,
    deps,
  )
  const own =
    ghost === undefined ? [] : await deps.store.mappingsBySender(ghost.userId, retireBatch)
  if ((await takeOut(own, attempt, deps)) || isMore)
    return [...changes, { change: 'enqueue', job: retireJob(actorId, deps) }]
  if (ghost === undefined) return changes
  for (const roomId of await deps.store.roomsOf(ghost.userId, 'join')) {
    await deps.homeserver.leave(ghost.userId, roomId)
    changes.push({ change: 'put-membership', roomId, userId: ghost.userId, membership: 'leave' })
  }
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal === undefined) return changes
  return [...changes, ...(await closePortal(portal.roomId, attempt, deps))]
}

/** What others quoted of the account's posts goes as well. */
async function unquote(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  if ((await deps.store.quotationsOf(actorId, { limit: 1 })).length === 0) return []
  const job = {
    kind: 'upkeep',
    key: `requote ${actorId}`,
    lane: `upkeep:requote ${actorId}`,
    payload: JSON.stringify({ type: 'requote', of: actorId }),
  } as const
  return [{ change: 'enqueue', job }]
}

const retireJob = (actorId: ActorId, deps: Deps) =>
  ({
    kind: 'upkeep',
    key: `retire ${actorId} ${deps.random.id()}`,
    lane: `upkeep:retire ${actorId}`,
    payload: JSON.stringify({ type: 'retire', actorId }),
  }) as const

/** Readers are told why nothing will come any more; the room stays theirs to read. */
async function closePortal(
  roomId: RoomId,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const text = 'This account was deleted by its owner or its server.'
  const place = { kind: 'room', roomId } as const
  const told = await performTell(
    { do: 'tell', place, text, key: `closed ${roomId}` },
    attempt,
    deps,
  )
  return [...told, { change: 'remove-portal', roomId }]
}
