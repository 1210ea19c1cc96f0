import type { ActorId, RoomId } from '../model/ids.ts'
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
import { stepJob, type ForgetMe, type Leaving, type Step } from './forget-steps.ts'
import { wipeRows } from './forget-rows.ts'
import { endOfForgetting, giveReceipt } from './forget-end.ts'

/** Servers told in one go. */
const atOnce = 500

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
