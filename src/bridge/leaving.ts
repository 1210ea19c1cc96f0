import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { endFollow } from './follows.ts'
import { leftMark, loseIfOut } from './lost-rooms.ts'
import { perform } from './perform.ts'

type Member = MatrixEvent & { type: 'member' }

/** A follower left an account's room; payload of an `upkeep` job. */
export type Left = { readonly type: 'left'; readonly roomId: RoomId; readonly userId: UserId }

/**
 * Where an admin deletes a room, Synapse has everybody leave it in their own name, in any order, and
 * us among them. So nobody is taken to have left of themselves before it was quiet for this long.
 */
const calm = 10_000

/** When somebody last left that room in their own name. */
const leavingMark = (roomId: RoomId): string => `leaving ${roomId}`

/** Notes that somebody leaves an account's room in their own name, one of ours included. */
export async function noteLeaving(event: Member, deps: Deps): Promise<readonly Change[]> {
  if (event.membership !== 'leave' || event.sender !== event.user) return []
  const portal = await deps.store.findPortalByRoom(event.roomId)
  if (portal?.kind !== 'actor') return []
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

/** Ends the follow of somebody who left, unless they came back, or the room is lost. Safe to run again. */
export async function endLeft(
  { roomId, userId }: Left,
  attempt: Attempt,
  deps: Deps,
): Promise<JobResult> {
  const end: Change = { change: 'unmark', key: leftMark(roomId, userId) }
  const nothing: JobResult = { outcome: 'done', changes: [end] }
  const portal = await deps.store.findPortalByRoom(roomId)
  if (portal?.kind !== 'actor') return nothing
  if ((await deps.store.findMembership(roomId, userId)) !== 'leave') return nothing
  const until = Number((await deps.store.findMark(leavingMark(roomId))) ?? 0) + calm
  if (deps.clock.now() < until) return { park: { until, reason: 'others leave that room, too' } }
  if (await loseIfOut(roomId, deps)) return nothing
  const follower = await deps.store.findLocalActorByUser(userId)
  if (follower === undefined) return nothing
  const actions = await endFollow(follower, portal.actorId, deps)
  return { outcome: 'done', changes: [end, ...(await perform(actions, attempt, deps))] }
}
