import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Portal } from '../model/portal.ts'
import { RejectedError } from '../model/errors.ts'
import { acceptedOf } from './accepted.ts'
import { endFollow, handleOfActor, isReadInRoom } from './follows.ts'
import { endOfGroup } from './group-end.ts'
import { endedByAdmin, lost } from './lost-marks.ts'
import { isOurs } from './matrix-ids.ts'
import { perform } from './perform.ts'
import { tellJob } from './tell-job.ts'
import { unbridgeWork, type Unbridge } from './unbridge-job.ts'

export const isUnbridge = (work: { readonly type: string }): work is Unbridge =>
  work.type === 'unbridge' || work.type === 'vacate'

/** Members that leave in one job; the next one goes on. */
const atOnce = 100

const reasons = {
  byAdmin: 'The admin of this server has ended this room.',
  closed: 'This room is not on the fediverse any more.',
} as const

export const unbridgeJob = (roomId: RoomId, now: number): Change =>
  unbridgeWork({ type: 'unbridge', roomId }, `unbridge ${roomId} ${String(now)}`)

/** Who reads the account in its room, as people here. */
async function readersOf(actorId: ActorId, deps: Deps): Promise<readonly LocalActor[]> {
  const readers: LocalActor[] = []
  for (const { follower } of await acceptedOf(actorId, deps)) {
    const local = await deps.store.findLocalActor(follower)
    if (local !== undefined && (await isReadInRoom(local.userId, actorId, deps)))
      readers.push(local)
  }
  return readers
}

async function endReading(
  { actorId, roomId }: Portal & { kind: 'actor' },
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const handle = await handleOfActor(actorId, deps)
  const text = `The admin of this server has ended the room of ${handle}, so you no longer follow that account. \`follow ${handle}\` asks to follow it anew.`
  const changes: Change[] = []
  for (const reader of await readersOf(actorId, deps)) {
    const { userId } = reader
    changes.push(...(await perform(await endFollow(reader, actorId, deps), attempt, deps)))
    changes.push(tellJob({ key: `unbridged ${roomId} ${userId}`, userId, text }))
  }
  return changes
}

/** Nothing new comes into the room from the commit of these changes on. */
async function unbridge(roomId: RoomId, attempt: Attempt, deps: Deps): Promise<readonly Change[]> {
  const portal = await deps.store.findPortalByRoom(roomId)
  if (portal === undefined) return []
  const now = deps.clock.now()
  deps.log.warn({ room: roomId, kind: portal.kind }, 'the admin has ended a room')
  return [
    ...(portal.kind === 'actor' ? await endReading(portal, attempt, deps) : []),
    ...(portal.kind === 'group'
      ? [...(await endOfGroup(portal, deps)), endedByAdmin(roomId, now)]
      : []),
    { change: 'remove-portal', roomId },
    lost(roomId, now),
    unbridgeWork({ type: 'vacate', roomId }, `vacate ${roomId} ${String(now)}`),
  ]
}

/** A room that lets nobody say so is left all the same, as far as we are concerned. */
async function leave(userId: UserId, { roomId, isTheirs }: Unbridge, deps: Deps): Promise<void> {
  try {
    const reason = isTheirs === true ? reasons.closed : reasons.byAdmin
    await deps.homeserver.leave(userId, roomId, reason)
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
  }
  await deps.store.commit([{ change: 'put-membership', roomId, userId, membership: 'leave' }])
}

/** The bot is the last to go: it alone may do more in the room than leave it. */
async function vacate(work: Unbridge, deps: Deps): Promise<readonly Change[]> {
  const { roomId, isTheirs } = work
  const { bot } = deps.identity
  const members = await deps.store.membersOf(roomId, ['join', 'invite'])
  const ghosts = members.filter((userId) => userId !== bot && isOurs(userId, deps))
  for (const userId of ghosts.slice(0, atOnce)) await leave(userId, work, deps)
  if (ghosts.length > atOnce)
    return [unbridgeWork(work, `vacate ${roomId} ${String(deps.clock.now())}`)]
  if (members.includes(bot) && isTheirs !== true) await leave(bot, work, deps)
  return []
}

/** Does one step of it. Safe to run again. */
export const doUnbridge = (
  work: Unbridge,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> =>
  work.type === 'unbridge' ? unbridge(work.roomId, attempt, deps) : vacate(work, deps)
