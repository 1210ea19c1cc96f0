import type { Action } from '../model/action.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import type { LocalActor } from '../model/actor.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Portal } from '../model/portal.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { isEndedForGood } from './ended-follows.ts'
import { endFollow, isReadInRoom } from './follows.ts'
import { leftMark, loseIfOut } from './lost-rooms.ts'
import { perform } from './perform.ts'

type Member = MatrixEvent & { type: 'member' }

/** A reader left an account's room, or their home; payload of an `upkeep` job. */
export type Left = { readonly type: 'left'; readonly roomId: RoomId; readonly userId: UserId }

/**
 * Where an admin deletes a room, Synapse has everybody leave it in their own name, in any order, and
 * us among them. So nobody is taken to have left of themselves before it was quiet for this long.
 */
const calm = 10_000

/** When somebody last left that room in their own name. */
const leavingMark = (roomId: RoomId): string => `leaving ${roomId}`

/** Notes that somebody leaves such a room in their own name, one of ours included. */
export async function noteLeaving(event: Member, deps: Deps): Promise<readonly Change[]> {
  if (event.membership !== 'leave' || event.sender !== event.user) return []
  const portal = await deps.store.findPortalByRoom(event.roomId)
  if (portal?.kind !== 'actor' && portal?.kind !== 'home') return []
  const at = deps.clock.now()
  return [{ change: 'mark', key: leavingMark(event.roomId), value: String(at), at }]
}

/** Looks a little later what it was. */
export function leftOf({ eventId, roomId, user }: Member, deps: Deps): readonly Change[] {
  const at = deps.clock.now()
  const payload: Left = { type: 'left', roomId, userId: user }
  const job = {
    kind: 'upkeep',
    key: `left ${eventId}`,
    lane: `upkeep:left ${roomId} ${user}`,
    payload: JSON.stringify(payload),
    runAt: at + calm,
  } as const
  return [
    { change: 'mark', key: leftMark(roomId, user), value: '', at },
    { change: 'enqueue', job },
  ]
}

/** Who reads an account in its room follows it no more with the leaving; at home they still do. */
async function endIn(
  portal: Portal,
  { userId, key }: { readonly userId: UserId; readonly key: string },
  deps: Deps,
): Promise<readonly Action[]> {
  const reader = await deps.store.findLocalActorByUser(userId)
  if (reader === undefined) return []
  if (portal.kind === 'home') return tellHomeLeft(reader, key, deps)
  if (portal.kind !== 'actor') return []
  const isRead = await isReadInRoom(userId, portal.actorId, deps)
  return isRead ? endFollow(reader, portal.actorId, deps) : []
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
  if (membership === 'leave') return true
  if (membership !== 'invite' || portal.kind !== 'actor') return false
  return isEndedForGood(userId, portal.actorId, deps)
}

/** The job that does it: `key` names this leaving. */
type Run = Attempt & { readonly key: string }

/** Does what the leaving means, unless they came back, or the room is lost. Safe to run again. */
export async function endLeft(
  { roomId, userId }: Left,
  { key, ...attempt }: Run,
  deps: Deps,
): Promise<JobResult> {
  const end: Change = { change: 'unmark', key: leftMark(roomId, userId) }
  const nothing: JobResult = { outcome: 'done', changes: [end] }
  const portal = await deps.store.findPortalByRoom(roomId)
  if (portal === undefined) return nothing
  if (!(await isOut(portal, userId, deps))) return nothing
  const until = Number((await deps.store.findMark(leavingMark(roomId))) ?? 0) + calm
  if (deps.clock.now() < until) return { park: { until, reason: 'others leave that room, too' } }
  if (await loseIfOut(roomId, deps)) return nothing
  const actions = await endIn(portal, { userId, key }, deps)
  return { outcome: 'done', changes: [end, ...(await perform(actions, attempt, deps))] }
}
