import type { ActorId, Mxc, RoomId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { LocalActor } from '../model/actor.ts'
import type { PublishAction } from '../model/action.ts'
import { publicCollection } from '../model/audience.ts'
import { TransientError } from '../model/errors.ts'
import { RejectedError } from '../model/errors.ts'
import { unlessShut } from './closed-rooms.ts'
import { actorOf, ensureGhost } from './ghosts.ts'
import { ensureMedia } from './media.ts'
import { newActivityId } from './new-ids.ts'
import { performTell, redactOnce } from './perform-message.ts'
import { portalName } from './portals.ts'
import { expandPublish } from './publish.ts'
import { portalTopic } from './portal-shape.ts'
import { txnIdOf } from './txn.ts'

async function setIfChanged(
  roomId: RoomId,
  type: string,
  { content, deps }: { content: Record<string, string>; deps: Deps },
): Promise<void> {
  const { bot } = deps.identity
  const event = { type, stateKey: '' }
  const now = await deps.homeserver.findState(bot, roomId, event)
  const isSame = Object.entries(content).every(([key, value]) => now?.[key] === value)
  if (!isSame) await deps.homeserver.setState(bot, roomId, { ...event, content })
}

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

/**
 * The avatar of a ghost and its portal, from the account's icon. An icon that cannot be had is no
 * reason to fail anything: the old picture stays until the next change.
 */
export async function refreshAvatar(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  const { icon } = await actorOf(actorId, deps)
  const ghost = await deps.store.findGhost(actorId)
  if (ghost?.registered !== true || icon === undefined) return []
  if (ghost.avatarUrl === icon) {
    await showInPortal(actorId, ghost.avatar, deps)
    return []
  }
  const { mxc: avatar } = await ensureMedia(icon, 'avatar', deps)
  await deps.homeserver.setAvatar(ghost.userId, avatar)
  await showInPortal(actorId, avatar, deps)
  const fresh = (await deps.store.findGhost(actorId)) ?? ghost
  return [{ change: 'put-ghost', ghost: { ...fresh, avatar, avatarUrl: icon } }]
}

async function showInPortal(actorId: ActorId, url: Mxc | undefined, deps: Deps): Promise<void> {
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal !== undefined && url !== undefined)
    await setIfChanged(portal.roomId, 'm.room.avatar', { content: { url }, deps })
}

const retireBatch = 200

/** Everything a deleted account wrote here goes, then its ghost leaves. Bounded a run; resumes by an upkeep job. */
export async function retireActor(
  actorId: ActorId,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const ghost = await deps.store.findGhost(actorId)
  const changes: Change[] = [{ change: 'delete-remote-actor', id: actorId }]
  if (ghost === undefined) return changes
  const mappings = await deps.store.mappingsBySender(ghost.userId, retireBatch)
  for (const mapping of mappings) {
    const { roomId, eventId } = mapping
    const txnId = txnIdOf(ghost.userId, roomId, eventId, 'retire')
    await unlessShut(async () => {
      await redactOnce(mapping, txnId, { ...attempt, deps })
      return []
    })
    await deps.store.commit([{ change: 'remove-mapping', roomId, eventId }])
  }
  if (mappings.length === retireBatch)
    return [...changes, { change: 'enqueue', job: retireJob(actorId, deps) }]
  for (const roomId of await deps.store.roomsOf(ghost.userId, 'join')) {
    await deps.homeserver.leave(ghost.userId, roomId)
    changes.push({ change: 'put-membership', roomId, userId: ghost.userId, membership: 'leave' })
  }
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal === undefined) return changes
  return [...changes, ...(await closePortal(portal.roomId, attempt, deps))]
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

/** Tells the followers' servers what the account says of itself now. */
export function updateOf(actor: LocalActor, deps: Deps): PublishAction {
  const audience = { to: [publicCollection], cc: [`${actor.id}/followers`] }
  return {
    do: 'publish',
    activity: {
      type: 'update-actor',
      id: newActivityId(deps),
      actor: actor.id,
      subject: actor,
      at: deps.clock.now(),
      ...audience,
    },
    recipients: [],
    toFollowers: true,
    inboxes: [],
    order: actor.id,
  }
}

/**
 * A member event that changes name or picture: the global profile decides, a nick of one room does
 * not go out. Every room of the user tells of it at the same moment, so one at a time looks, and
 * what it found is committed together with the deliveries.
 */
export async function profileUpdate(
  event: MatrixEvent & { type: 'member' },
  deps: Deps,
): Promise<void> {
  if (event.membership !== 'join' || event.previous !== 'join') return
  if ((await deps.store.findLocalActorByUser(event.user)) === undefined) return
  await deps.locks(`profile ${event.user}`, async () => {
    const profile = await deps.homeserver.profile(event.user)
    const actor = await deps.store.findLocalActorByUser(event.user)
    if (actor === undefined || actor.deletedAt !== undefined) return
    if (profile.displayName === actor.displayName && profile.avatar === actor.avatar) return
    // A profile that is not shown to us looks empty; only the user's own change may empty it.
    const isHidden = profile.displayName === undefined && profile.avatar === undefined
    if (isHidden && (event.displayName !== undefined || event.avatar !== undefined)) return
    const { id, userId, username, createdAt, profile: own } = actor
    const changed: LocalActor = {
      ...{ id, userId, username, createdAt, ...profile },
      ...(own === undefined ? {} : { profile: own }),
    }
    const told = await expandPublish(updateOf(changed, deps), deps)
    await deps.store.commit([{ change: 'put-local-actor', actor: changed }, ...told])
  })
}

/** Trouble with a picture on somebody's server is theirs. */
export const isPictureTrouble = (error: unknown): boolean =>
  error instanceof RejectedError || (error instanceof TransientError && error.of === 'remote')
