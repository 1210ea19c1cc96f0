import type { ActivityId, ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Told } from '../model/forgetting.ts'
import { asUserId } from '../model/ids.ts'
import { publicCollection } from '../model/audience.ts'
import { forgettingMark } from './actors.ts'
import type { Attempt } from './attempt.ts'
import { deliver, type Inboxes } from './deliveries.ts'
import { isSharedGone } from './gone-inbox.ts'
import { leaveAll, roomsToLeave, takeOut } from './forget-rooms.ts'
import { wipeRows } from './forget-rows.ts'
import { newActivityId } from './new-ids.ts'
import { endOfForgetting, giveReceipt } from './forget-end.ts'

/** Somebody who is forgotten, and the Delete that says so. */
type Leaving = {
  readonly actorId: ActorId
  readonly userId: UserId
  readonly activityId: ActivityId
  /** When they asked for it, milliseconds since the epoch. */
  readonly since: number
}

type Step =
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

/** Servers told in one go. */
const atOnce = 500

/** The lane keeps the steps in their order; each is done before the next is known. */
function stepJob({ actorId, userId, activityId, since }: Leaving, step: Step): Change {
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

/** A server is told once, where its people share an inbox. */
async function inboxesToTell(
  actor: ActorId,
  told: readonly Told[],
  deps: Deps,
): Promise<{ readonly inboxes: Inboxes; readonly changes: readonly Change[] }> {
  const inboxes = new Map<string, undefined>()
  const changes: Change[] = []
  for (const { inbox } of told) {
    const shared = await deps.store.findSharedInbox(inbox)
    const isShared = shared !== undefined && !(await isSharedGone(shared, deps))
    inboxes.set(isShared ? shared : inbox, undefined)
    if (isShared && shared !== inbox)
      changes.push(
        { change: 'remove-told', actor, inbox },
        { change: 'add-told', actor, inboxes: [shared] },
      )
  }
  return { inboxes, changes }
}

/** The Delete, and its way to the servers behind `after`. */
async function tellServers(
  work: Leaving & { readonly after: string },
  deps: Deps,
): Promise<readonly Change[]> {
  const { actorId, activityId, after } = work
  // What says that an actor is deleted is proven with its key, like everything public.
  await deps.keys.ensureKeys(actorId)
  const document = deps.fediverse.serialize({
    ...{ type: 'delete-actor', id: activityId, actor: actorId },
    ...{ to: [publicCollection], cc: [] },
  })
  const at = deps.clock.now()
  const page = await deps.store.toldPage(actorId, after, atOnce)
  const { inboxes, changes } = await inboxesToTell(actorId, page, deps)
  const payload = { activityId, signer: actorId, isFarewell: true } as const
  const sending = { payload, order: actorId, isMissed: true, isForMany: false }
  const next = page.length < atOnce ? undefined : page.at(-1)?.inbox
  return [
    {
      ...{ change: 'put-activity', id: activityId, actor: actorId },
      ...{ document, isPublic: true, at },
    },
    ...changes,
    ...(await deliver(inboxes, sending, deps)),
    stepJob(work, next === undefined ? { step: 'part' } : { step: 'tell', after: next }),
  ]
}

/** Nobody's from now on: what is left says that the id and the handle are taken. */
function toTombstone(actor: LocalActor): LocalActor {
  const { id, username, createdAt, deletedAt } = actor
  return {
    ...{ id, username, createdAt, userId: asUserId(id) },
    ...(deletedAt === undefined ? {} : { deletedAt }),
  }
}

async function wipe(
  work: Leaving & { readonly rooms: readonly RoomId[] },
  deps: Deps,
): Promise<readonly Change[]> {
  const mark = forgettingMark(work.userId)
  await wipeRows(work, mark, deps)
  const actor = await deps.store.findLocalActor(work.actorId)
  return [
    ...(actor === undefined
      ? []
      : [{ change: 'put-local-actor', actor: toTombstone(actor) } as const]),
    { change: 'unmark', key: mark },
    stepJob(work, { step: 'end' }),
  ]
}

async function end(work: Leaving, deps: Deps): Promise<JobResult> {
  const ended = await endOfForgetting(work, deps)
  if ('until' in ended)
    return { park: { until: ended.until, reason: 'not every server has heard of it' } }
  const { actorId: id, activityId } = work
  return {
    outcome: 'done',
    changes: [
      { change: 'end-actor', id, activityId },
      stepJob(work, { step: 'receipt', ...ended }),
    ],
  }
}

async function changesOf(
  work: ForgetMe & { readonly step: Exclude<Step['step'], 'end'> },
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  switch (work.step) {
    case 'tell':
      return tellServers(work, deps)
    case 'part': {
      const { rooms, changes } = await roomsToLeave(work, deps)
      await takeOut(work, deps)
      return [...changes, stepJob(work, { step: 'leave', rooms })]
    }
    case 'leave':
      await leaveAll(work.rooms, attempt, deps)
      return [stepJob(work, { step: 'wipe', rooms: work.rooms })]
    case 'wipe':
      return wipe(work, deps)
    case 'receipt':
      return giveReceipt(work, attempt, deps)
    default:
      return work satisfies never
  }
}

/** Does one step. Safe to run again. */
export async function doForgetMe(work: ForgetMe, attempt: Attempt, deps: Deps): Promise<JobResult> {
  if (work.step === 'end') return end(work, deps)
  return { outcome: 'done', changes: await changesOf(work, attempt, deps) }
}
