import type { Activity } from '../model/activity.ts'
import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import type { AccountWork } from './account-work.ts'
import type { Change } from '../model/change.ts'
import { accountJob } from './account-work.ts'
import type { Deps } from './ports.ts'
import type { Job, NewJob } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { ObjectRecord } from '../model/note.ts'
import type { SkipReason } from '../model/action.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { acceptedOf } from './accepted.ts'
import { suspensionOfActor } from './domain-blocks.ts'
import { isForAll } from '../translate/audience.ts'
import { readAs } from './read-as.ts'
import { receiveActivity } from './receive-activity.ts'

type Told = Activity & { readonly type: 'announced' }
type Work = AccountWork & { readonly type: 'announced' }

/** A post that changes several times in a moment is looked at once, at the end of it; milliseconds. */
const moment = 10_000
/**
 * A server may not know a post for a moment that it has: only what it does not know for this long is
 * deleted, milliseconds.
 */
const doubt = 3_600_000
/** Tries until a server that does not answer is left alone: nobody here waits for it. */
const mostTries = 4

const reactionTypes: ReadonlySet<string> = new Set(['Like', 'Dislike', 'EmojiReact'])

const skipped = (why: SkipReason | 'unreachable'): JobResult => ({
  outcome: `skipped: ${why}`,
  changes: [],
})

/**
 * Whom it asks may be slow: that holds up neither what else the group tells nor what the author does,
 * so each server that a group has us ask is a lane of its own.
 */
const laneFor = (group: ActorId, asked: string): string =>
  `activity:${group} ${new URL(asked).host}`

function workJob({ id, actor }: Told, deed: Work['deed'], at: Place): NewJob {
  const { object, now } = at
  const slot = Math.floor(now / moment)
  const work = { type: 'announced', actorId: actor, activityId: id, deed, object } as const
  return {
    ...accountJob(work, `${deed} ${object} ${String(slot)}`),
    lane: laneFor(actor, object),
    runAt: (slot + 1) * moment,
  }
}

type Place = { readonly object: ObjectId; readonly now: number }

/** Makes the job that reads an activity at its own id, in that lane. */
export type ReadJob = (
  read: { readonly id: ActivityId; readonly document: unknown },
  lane: string,
) => NewJob

/** A reaction to a post of ours counts as any other, once its own server has said it. */
function jobFor(
  activity: Told,
  record: ObjectRecord,
  { now, toReadJob }: { readonly now: number; readonly toReadJob: ReadJob },
): NewJob | SkipReason {
  const { announced } = activity
  if (announced.deed === 'react') {
    const { activity: id, document } = announced
    // Reactions to posts of others are counted nowhere here.
    if (!record.isLocal) return 'unwanted'
    return toReadJob({ id, document }, laneFor(activity.actor, id))
  }
  // What happens to posts of ours we know best.
  if (record.isLocal) return 'own-echo'
  return workJob(activity, announced.deed, { object: announced.object, now })
}

/**
 * What a group tells that somebody did there. Only a post that we know is looked at again, by a job of
 * its own; the group is believed in nothing but what it has brought itself.
 */
export async function receiveAnnounced(
  activity: Told,
  toReadJob: ReadJob,
  deps: Deps,
): Promise<JobResult> {
  const { store, clock } = deps
  const record = await store.findObject(activity.announced.object)
  if (record === undefined) return skipped('unknown-target')
  if (record.deletedAt !== undefined) return skipped('deleted')
  if ((await suspensionOfActor(activity.actor, deps)) !== undefined)
    return skipped('domain-blocked')
  // What nobody reads here by that group needs no word of it: any server could have us ask another one.
  const isRead = record.isLocal || (await acceptedOf(activity.actor, deps)).length > 0
  if (!isRead) return skipped('unwanted')
  const job = jobFor(activity, record, { now: clock.now(), toReadJob })
  if (typeof job === 'string') return skipped(job)
  return { outcome: 'done', changes: [{ change: 'enqueue', job }] }
}

/** What its own server says of a post. What is for few may only be hidden from us. */
async function stateOf(record: ObjectRecord, deps: Deps): Promise<'there' | 'missing' | 'gone'> {
  try {
    await deps.fediverse.fetchNote(record.id, await readAs(record.author, record.id, deps))
    return 'there'
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
    if (error.code === 'gone') return 'gone'
    return error.code === 'not-found' && isForAll(record) ? 'missing' : 'there'
  }
}

/** The activity that it comes to, by whoever may do that. */
function meantBy(
  { actorId: group, activityId: id, deed, object }: Work,
  { author }: ObjectRecord,
  isDeleted: boolean,
): Activity {
  switch (deed) {
    case 'update':
      return { id, actor: author, type: 'update-note', object: { ref: object } }
    case 'restore':
      return { id, actor: group, type: 'announce', object }
    case 'delete':
      if (isDeleted) return { id, actor: author, type: 'delete-object', object }
      // A moderator put it out of the group: it stays with its author, and leaves the group's room.
      return { id, actor: group, type: 'undo', target: { type: 'Announce', object } }
  }
}

/** Looks once more whether its server does not know it; in a lane that holds up nothing. */
function secondLook(work: Work, { clock }: Deps): NewJob {
  const { actorId, activityId, object } = work
  return {
    ...accountJob({ ...work, wasMissing: true }, `${object} again ${activityId}`),
    lane: `activity:${actorId} again ${object}`,
    runAt: clock.now() + doubt,
  }
}

async function obey(work: Work, record: ObjectRecord, run: Run): Promise<JobResult> {
  const { job, deps } = run
  const state = work.deed === 'delete' ? await stateOf(record, deps) : 'there'
  const wasMissing = work.wasMissing === true
  // The group's room has lost it already.
  if (wasMissing && state === 'there') return skipped('already-known')
  const isDeleted = state === 'gone' || (state === 'missing' && wasMissing)
  const result = await receiveActivity(meantBy(work, record, isDeleted), job, deps)
  if (state !== 'missing' || wasMissing || !('changes' in result)) return result
  const look: Change = { change: 'enqueue', job: secondLook(work, deps) }
  return { ...result, changes: [...result.changes, look] }
}

type Run = { readonly job: Job; readonly deps: Deps }

/** Does what a group has told of one post. Safe to run again. */
export async function doAnnounced(work: Work, job: Job, deps: Deps): Promise<JobResult> {
  const record = await deps.store.findObject(work.object)
  if (record === undefined || record.isLocal) return skipped('unknown-target')
  if (record.deletedAt !== undefined) return skipped('deleted')
  try {
    return await obey(work, record, { job, deps })
  } catch (error) {
    if (error instanceof RejectedError) return skipped('unknown-target')
    if (isAway(error) && job.attempts >= mostTries) return skipped('unreachable')
    throw error
  }
}

const isAway = (error: unknown): boolean => error instanceof TransientError && error.of === 'remote'

/** Whether a reaction that a group told of is given up, as its server says nothing. */
export const isGivenUp = (error: unknown, { attempts }: Pick<Job, 'attempts'>): boolean =>
  isAway(error) && attempts >= mostTries

/** What reading it at its own id must have brought. */
export const isReaction = (activity: Activity): boolean =>
  activity.type === 'react' ||
  (activity.type === 'undo' && reactionTypes.has(activity.target.type ?? ''))
