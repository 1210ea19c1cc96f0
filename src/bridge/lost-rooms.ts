import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Portal, PortalKind } from '../model/portal.ts'
import { asUserId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { acceptedOf } from './accepted.ts'
import { isShut } from './closed-rooms.ts'
import {
  endGroup,
  groupOut,
  isStillOut,
  outNoMore,
  withoutAbsent,
  type GroupOut,
} from './group-end.ts'
import { handleOfActor, isReadInRoom } from './follows.ts'
import { isUnderWay } from './invites.ts'
import { chat, isLost, lost, type Was } from './lost-marks.ts'
import { isOurs } from './matrix-ids.ts'
import { isIn } from './own-rooms.ts'
import { tellJob } from './tell-job.ts'

/** Those who read an account in its lost room, until there is another one. */
const readersMark = (actorId: ActorId): string => `readers ${actorId}`

/** Who left a room by their own name a moment ago: perhaps they were made to. */
export const leftMark = (roomId: RoomId, userId: UserId): string => `left ${roomId} ${userId}`

/** A chat goes on as long as one of its ghosts is there; every other room is the bot's. */
async function isHeld(portal: Portal, deps: Deps): Promise<boolean> {
  const { roomId } = portal
  if (await isIn(roomId, deps.identity.bot, deps)) return true
  if (portal.kind !== 'direct') return false
  for (const userId of await deps.store.membersOf(roomId, ['join']))
    if (isOurs(userId, deps) && (await isIn(roomId, userId, deps))) return true
  return false
}

const hasJustLeft = async (roomId: RoomId, userId: UserId, deps: Deps): Promise<boolean> =>
  (await deps.store.findMark(leftMark(roomId, userId))) !== undefined

async function wasReader(roomId: RoomId, userId: UserId, deps: Deps): Promise<boolean> {
  const membership = await deps.store.findMembership(roomId, userId)
  if (membership === 'join' || membership === 'invite') return true
  if (await isUnderWay(roomId, userId, deps)) return true
  return hasJustLeft(roomId, userId, deps)
}

/** Followers who were in the room, or invited, when it was lost. */
async function readersOf(
  { actorId, roomId }: Portal & { kind: 'actor' },
  deps: Deps,
): Promise<readonly UserId[]> {
  const readers: UserId[] = []
  for (const { follower } of await acceptedOf(actorId, deps)) {
    const local = await deps.store.findLocalActor(follower)
    if (local !== undefined && (await wasReader(roomId, local.userId, deps)))
      readers.push(local.userId)
  }
  return readers
}

async function loseReaders(
  portal: Portal & { kind: 'actor' },
  deps: Deps,
): Promise<readonly Change[]> {
  const { actorId, roomId } = portal
  const readers = await readersOf(portal, deps)
  const value = JSON.stringify(readers)
  const told: Change[] = []
  // Of those who have just left it is to be seen yet whether they follow on (`leaving.ts`).
  for (const userId of readers)
    if (!(await hasJustLeft(roomId, userId, deps)))
      told.push(await tellClosed({ roomId, userId, actorId }, deps))
  return [{ change: 'mark', key: readersMark(actorId), value, at: deps.clock.now() }, ...told]
}

type Reading = { readonly roomId: RoomId; readonly userId: UserId; readonly actorId: ActorId }

/** What a reader of a lost room hears, once. */
export async function tellClosed(
  { roomId, userId, actorId }: Reading,
  deps: Deps,
): Promise<Change> {
  const handle = await handleOfActor(actorId, deps)
  const text = `The room of ${handle} was closed on this server. You still follow that account: its next post opens a new room. \`follow ${handle}\` opens it now, \`unfollow ${handle}\` ends it.`
  return tellJob({ key: `closed ${roomId} ${userId}`, userId, text })
}

const closedTexts: Partial<Readonly<Record<PortalKind, string>>> = {
  profile: 'Your public room was closed on this server. `publish` opens a new one.',
  home: 'Your Home room was closed on this server. The next post in it opens a new one, or `home` does.',
}

async function consequences(portal: Portal, deps: Deps): Promise<readonly Change[]> {
  if (portal.kind === 'actor') return loseReaders(portal, deps)
  if (portal.kind === 'group') return endGroup(portal, deps)
  const text = closedTexts[portal.kind]
  if (text === undefined || !('userId' in portal)) return []
  const { roomId, userId } = portal
  return [tellJob({ key: `closed ${roomId} ${userId}`, userId, text })]
}

function wasOf(portal: Portal): Was | undefined {
  if (portal.kind === 'direct') return chat
  return portal.kind === 'actor' ? portal.actorId : undefined
}

/** Gives a portal up: what comes next makes a new room. */
export const losing = async (portal: Portal, deps: Deps): Promise<readonly Change[]> => [
  { change: 'remove-portal', roomId: portal.roomId },
  lost(portal.roomId, deps.clock.now(), wasOf(portal)),
  ...(await consequences(portal, deps)),
]

const isOutOf = (roomId: RoomId, { identity }: Deps): Change => ({
  change: 'put-membership',
  roomId,
  userId: identity.bot,
  membership: 'leave',
})

/**
 * Gives a portal up whose room we were put out of, as an admin of the homeserver does who deletes
 * it: what comes next makes a new room. A group ends later, unless we are let in again. Says whether
 * we are out. Idempotent.
 */
export async function loseIfOut(roomId: RoomId, deps: Deps): Promise<boolean> {
  return deps.locks(`lose ${roomId}`, async () => {
    const portal = await deps.store.findPortalByRoom(roomId)
    if (portal === undefined) return isLost(roomId, deps)
    if (await isHeld(portal, deps)) return false
    if (portal.kind === 'group') {
      await deps.store.commit([...(await groupOut(roomId, deps)), isOutOf(roomId, deps)])
      return true
    }
    deps.log.warn({ room: roomId, kind: portal.kind }, 'put out of a room, which is given up')
    await deps.store.commit([...(await losing(portal, deps)), isOutOf(roomId, deps)])
    return true
  })
}

/** Ends a group whose room we are still out of. Safe to run again. */
export async function endIfOut(work: GroupOut, deps: Deps): Promise<readonly Change[]> {
  const { roomId } = work
  if (!(await isStillOut(work, deps))) return []
  const portal = await deps.store.findPortalByRoom(roomId)
  if (portal?.kind !== 'group') return [outNoMore(roomId)]
  if (await isHeld(portal, deps)) return withoutAbsent(roomId, deps)
  deps.log.warn({ room: roomId, kind: portal.kind }, 'put out of a room, which is given up')
  return [...(await losing(portal, deps)), outNoMore(roomId)]
}

/** What ran into a room that is lost is tried again: by then it is meant for another one. */
export async function mindingLost<T>(work: () => Promise<T>, deps: Deps): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const roomId = error instanceof RejectedError && isShut(error) ? error.roomId : undefined
    if (roomId === undefined || !(await loseIfOut(roomId, deps))) throw error
    throw new TransientError(`we were put out of ${roomId}`, { cause: error })
  }
}

/** Those who read the account in the room before and follow it still, to be invited into the next. */
export async function formerReaders(actorId: ActorId, deps: Deps): Promise<readonly UserId[]> {
  const noted = await deps.store.findMark(readersMark(actorId))
  if (noted === undefined) return []
  const following: UserId[] = []
  for (const userId of (JSON.parse(noted) as string[]).map(asUserId))
    if (await isReadInRoom(userId, actorId, deps)) following.push(userId)
  return following
}

/** The next room is there. */
export const forgetReaders = (actorId: ActorId): Change => ({
  change: 'unmark',
  key: readersMark(actorId),
})
