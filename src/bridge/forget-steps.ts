import type { ActivityId, ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { LocalActor } from '../model/actor.ts'
import { forgettingMark } from './actors.ts'
import { newActivityId } from './new-ids.ts'

/** Somebody who is forgotten, and the Delete that says so. */
export type Leaving = {
  readonly actorId: ActorId
  readonly userId: UserId
  readonly activityId: ActivityId
  /** When they asked for it, milliseconds since the epoch. */
  readonly since: number
}

export type Step =
  /** Every server that ever got something hears of it: those behind `after`. */
  | { readonly step: 'tell'; readonly after: string }
  /** Out of the rooms of others; which rooms are theirs alone is found out. */
  | { readonly step: 'part' }
  | { readonly step: 'leave' | 'wipe'; readonly rooms: readonly RoomId[] }
  /** Waits until every server has heard, or was given up. */
  | { readonly step: 'end' }
  | { readonly step: 'receipt'; readonly servers: number; readonly missed: readonly string[] }

/** One step on the way of somebody who is forgotten; payload of an `upkeep` job. */
export type ForgetMe = { readonly type: 'forget-me' } & Leaving & Step

/** The lane keeps the steps in their order; each is done before the next is known. */
export function stepJob({ actorId, userId, activityId, since }: Leaving, step: Step): Change {
  const name = `forget-me ${actorId}`
  const work = { type: 'forget-me', actorId, userId, activityId, since, ...step } as const
  const job = {
    kind: 'upkeep',
    key: `${name} ${step.step} ${'after' in step ? step.after : ''}`,
    lane: `upkeep:${name}`,
    payload: JSON.stringify(work satisfies ForgetMe),
  } as const
  return { change: 'enqueue', job }
}

/** From the commit of this on, the account is gone for everybody who asks. */
export function forgetMe({ id, userId, username, createdAt }: LocalActor, deps: Deps): Change[] {
  const since = deps.clock.now()
  const leaving: Leaving = { actorId: id, userId, activityId: newActivityId(deps), since }
  const actor: LocalActor = { id, userId, username, createdAt, deletedAt: since }
  return [
    { change: 'put-local-actor', actor },
    { change: 'mark', key: forgettingMark(userId), value: '', at: since },
    stepJob(leaving, { step: 'tell', after: '' }),
  ]
}
