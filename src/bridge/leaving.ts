import type { Action } from '../model/action.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import type { LocalActor } from '../model/actor.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Portal } from '../model/portal.ts'
import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import { hasAskedSince, isEndedForGood } from './ended-follows.ts'
import { endFollow, isAsking, isReadInRoom } from './follows.ts'
import { calm, dateOf, leavingsOf } from './leavings.ts'
import { readInLost } from './lost-marks.ts'
import { leftMark, loseIfOut, tellClosed } from './lost-rooms.ts'
import { perform } from './perform.ts'
import { leftSpace } from './spaces.ts'

/** A reader left an account's room, or their home; payload of an `upkeep` job. */
export type Left = {
  readonly type: 'left'
  readonly roomId: RoomId
  readonly userId: UserId
  /** When they did, as the homeserver dates it, milliseconds since the epoch. */
  readonly at?: number
}

/**
 * How long we wait to hear when we left a lost room ourselves: of one that was purged we may never
 * hear it.
 */
const patience = 600_000

/** Looks a little later what it was. */
export function leftOf(event: MatrixEvent & { type: 'member' }, deps: Deps): readonly Change[] {
  const { eventId, roomId, user } = event
  const now = deps.clock.now()
  const payload: Left = { type: 'left', roomId, userId: user, at: dateOf(event, deps) }
  const job = {
    kind: 'upkeep',
    key: `left ${eventId}`,
    lane: `upkeep:left ${roomId} ${user}`,
    payload: JSON.stringify(payload),
    runAt: now + calm,
  } as const
  return [
    { change: 'mark', key: leftMark(roomId, user), value: '', at: now },
    { change: 'enqueue', job },
  ]
}

/** Who reads an account in its room follows it no more with the leaving; at home they still do. */
async function endIn(
  portal: Portal,
  { userId, key }: { readonly userId: UserId; readonly key: string },
  deps: Deps,
): Promise<readonly Action[]> {
  if (portal.kind === 'space') return leftSpace(userId, key)
  const reader = await deps.store.findLocalActorByUser(userId)
  if (reader === undefined) return []
  if (portal.kind === 'home') return tellHomeLeft(reader, key, deps)
  return portal.kind === 'actor' ? endReading(reader, portal.actorId, deps) : []
}

async function endReading(
  reader: LocalActor,
  actorId: ActorId,
  deps: Deps,
): Promise<readonly Action[]> {
  const isRead = await isReadInRoom(reader.userId, actorId, deps)
  return isRead ? endFollow(reader, actorId, deps) : []
}

async function tellHomeLeft(
  { id, userId }: LocalActor,
  key: string,
  deps: Deps,
): Promise<readonly Action[]> {
  const follows = await deps.store.followsOf(id)
  const { length } = follows.filter(({ shownIn }) => shownIn === 'home')
  if (length === 0) return []
  const accounts = length === 1 ? 'the account that is' : `the ${length} accounts that are`
  return [
    {
      do: 'tell',
      place: { kind: 'management', userId },
      text: `You have left your Home room. You still follow ${accounts} read there, and see nothing of it until you come back: \`home\` invites you. \`home remove\` gives an account a room of its own, \`unfollow\` ends a follow.`,
      key: `home ${key}`,
    },
  ]
}

/** Whether they left and did not come back; an invite that they asked for before brings nobody back. */
async function isOut(portal: Portal, userId: UserId, deps: Deps): Promise<boolean> {
  const membership = await deps.store.findMembership(portal.roomId, userId)
  if (membership === 'leave')
    return portal.kind !== 'actor' || !(await hasAskedSince(userId, portal.actorId, deps))
  if (membership !== 'invite' || portal.kind !== 'actor') return false
  return isEndedForGood(userId, portal.actorId, deps)
}

/** The job that does it: `key` names this leaving. */
type Run = Attempt & { readonly key: string }

/** They asked again since, or have gone on into the next room. */
async function isBack(userId: UserId, actorId: ActorId, deps: Deps): Promise<boolean> {
  if (await hasAskedSince(userId, actorId, deps)) return true
  const next = await deps.store.findPortal({ kind: 'actor', actorId })
  return next !== undefined && (await deps.store.findMembership(next.roomId, userId)) === 'join'
}

/**
 * Who left an account's room that was lost then follows it no more where they left before those did
 * with whom it was closed; all others were made to leave, and follow on.
 */
async function endInLost(
  { roomId, userId, at }: Left,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[] | { readonly until: number }> {
  const actorId = await readInLost(roomId, deps)
  const reader = await deps.store.findLocalActorByUser(userId)
  if (actorId === undefined || at === undefined || reader === undefined) return []
  const { closed, heard = 0 } = (await leavingsOf(roomId, deps)) ?? {}
  const until = heard + patience
  if (closed === undefined && deps.clock.now() < until) return { until }
  if (await isBack(userId, actorId, deps)) return []
  const isOfThemselves = closed !== undefined && at < closed
  if (isOfThemselves) return perform(await endReading(reader, actorId, deps), attempt, deps)
  const isReader =
    (await isReadInRoom(userId, actorId, deps)) && !(await isAsking(userId, actorId, deps))
  return isReader ? [await tellClosed({ roomId, userId, actorId }, deps)] : []
}

/** Does what the leaving means, unless they came back, or the room is lost. Safe to run again. */
export async function endLeft(
  left: Left,
  { key, ...attempt }: Run,
  deps: Deps,
): Promise<JobResult> {
  const { roomId, userId } = left
  const end: Change = { change: 'unmark', key: leftMark(roomId, userId) }
  const portal = await deps.store.findPortalByRoom(roomId)
  if (portal !== undefined && !(await isOut(portal, userId, deps)))
    return { outcome: 'done', changes: [end] }
  const until = ((await leavingsOf(roomId, deps))?.heard ?? 0) + calm
  if (deps.clock.now() < until) return { park: { until, reason: 'others leave that room, too' } }
  if (portal === undefined || (await loseIfOut(roomId, deps))) {
    const ended = await endInLost(left, attempt, deps)
    return 'until' in ended
      ? { park: { ...ended, reason: 'it is not known yet when that room was closed' } }
      : { outcome: 'done', changes: [end, ...ended] }
  }
  const actions = await endIn(portal, { userId, key }, deps)
  return { outcome: 'done', changes: [end, ...(await perform(actions, attempt, deps))] }
}
