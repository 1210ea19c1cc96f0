import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Portal } from '../model/portal.ts'
import { RejectedError } from '../model/errors.ts'
import { acceptedOf } from './accepted.ts'
import { endFollow, handleOfActor, isReadInRoom } from './follows.ts'
import { lost } from './lost-marks.ts'
import { isOurs } from './matrix-ids.ts'
import { perform } from './perform.ts'
import { tellJob } from './tell-job.ts'

/** Upkeep: an admin ends what a room is for; then everybody of ours leaves it. */
export type Unbridge = { readonly type: 'unbridge' | 'vacate'; readonly roomId: RoomId }

export const isUnbridge = (work: { readonly type: string }): work is Unbridge =>
  work.type === 'unbridge' || work.type === 'vacate'

/** Members that leave in one job; the next one goes on. */
const atOnce = 100

const why = 'The admin of this server has ended this room.'

function jobOf(work: Unbridge, key: string): Change {
  const lane = `upkeep:unbridge ${work.roomId}`
  const job = { kind: 'upkeep', key, lane, payload: JSON.stringify(work) } as const
  return { change: 'enqueue', job }
}

export const unbridgeJob = (roomId: RoomId, now: number): Change =>
  jobOf({ type: 'unbridge', roomId }, `unbridge ${roomId} ${String(now)}`)

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
    { change: 'remove-portal', roomId },
    lost(roomId, now),
    jobOf({ type: 'vacate', roomId }, `vacate ${roomId} ${String(now)}`),
  ]
}

/** A room that lets nobody say so is left all the same, as far as we are concerned. */
async function leave(userId: UserId, roomId: RoomId, deps: Deps): Promise<void> {
  try {
    await deps.homeserver.leave(userId, roomId, why)
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
  }
  await deps.store.commit([{ change: 'put-membership', roomId, userId, membership: 'leave' }])
}

/** The bot is the last to go: it alone may do more in the room than leave it. */
async function vacate(roomId: RoomId, deps: Deps): Promise<readonly Change[]> {
  const { bot } = deps.identity
  const members = await deps.store.membersOf(roomId, ['join', 'invite'])
  const ghosts = members.filter((userId) => userId !== bot && isOurs(userId, deps))
  for (const userId of ghosts.slice(0, atOnce)) await leave(userId, roomId, deps)
  if (ghosts.length > atOnce)
    return [jobOf({ type: 'vacate', roomId }, `vacate ${roomId} ${String(deps.clock.now())}`)]
  if (members.includes(bot)) await leave(bot, roomId, deps)
  return []
}

/** Does one step of it. Safe to run again. */
export const doUnbridge = (
  { type, roomId }: Unbridge,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> =>
  type === 'unbridge' ? unbridge(roomId, attempt, deps) : vacate(roomId, deps)
