import type { AccountWork } from './account-work.ts'
import type { Change } from '../model/change.ts'
import type { Activity, News } from '../model/activity.ts'
import type { Deps } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { RemoteActor } from '../model/actor.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { asActivityId } from '../model/ids.ts'
import { acceptedOf } from './accepted.ts'
import { readBackMark } from './attempt.ts'
import { actorOf } from './ghosts.ts'
import { withGroups } from './groups-heard.ts'
import { mindingLost } from './lost-rooms.ts'
import { readAs } from './read-as.ts'
import { receiveActivity } from './receive-activity.ts'

type CatchUp = AccountWork & { readonly type: 'catch-up' }

/** Of one account and outage; `backfill` brings more. */
const mostNews = 100
/**
 * How long a server is asked for its outbox that does not give it, and how often, milliseconds: one that
 * was silent for less gets our deliveries, too.
 */
const patience = 3 * 86_400_000
const firstPause = 60_000
const longestPause = 4 * 3_600_000
/** Tries of one post that needs what another server does not give: then it has to do without. */
const mostTries = 4

const isAway = (error: unknown): error is TransientError =>
  error instanceof TransientError && error.of === 'remote'

/** What is known already and was edited meanwhile is an Update, whose id tells this version from others. */
async function asHeard(activity: Activity, deps: Deps): Promise<Activity> {
  const note = activity.type === 'create' ? activity.object.embedded : undefined
  if (activity.type !== 'create' || note?.updated === undefined) return activity
  const record = await deps.store.findObject(note.id)
  const isHeard = record !== undefined && record.cameAlong === undefined
  const isEdited = isHeard && note.updated > (record.updated ?? record.published)
  const id = asActivityId(`${activity.id}#updated-${note.updated}`)
  return isEdited ? { ...activity, id, type: 'update-note' } : activity
}

/** What a catch-up is bringing at this moment. */
const bringingMark = (job: Job): string => `bringing ${job.key}`

/** One of them, as if it had been told now; what it comes to is committed at once. */
async function hear(one: News, job: Job, deps: Deps): Promise<void> {
  const { activity, at } = one
  // Nobody waits for what it answers or boosts: that was in time long ago, or never will be.
  const run = { ...job, addedAt: 0, happenedAt: at }
  const now = deps.clock.now()
  const key = readBackMark(activity)
  const bringing = bringingMark(job)
  try {
    const heard = await asHeard(activity, deps)
    await deps.store.commit([
      { change: 'mark', key, value: '', at: now },
      { change: 'mark', key: bringing, value: JSON.stringify(one), at: now },
    ])
    const obey = async (): Promise<JobResult> =>
      withGroups(await receiveActivity(heard, run, deps), { activity: heard }, deps)
    const result = await mindingLost(obey, deps)
    const changes = 'changes' in result ? [...result.changes, unmark(key)] : []
    await deps.store.commit([...changes, unmark(bringing)])
  } catch (error) {
    const isTheirs = error instanceof RejectedError || (isAway(error) && job.attempts >= mostTries)
    if (!isTheirs) throw error
    deps.log.info({ activity: activity.id, reason: error.message }, 'missed for good')
    await deps.store.commit([unmark(bringing)])
  }
}

const unmark = (key: string): Change => ({ change: 'unmark', key })

/**
 * What an earlier run of this job may have shown already, and does not know of: people may answer it,
 * so it does not wait until the outbox can be had again.
 */
async function endBringing(job: Job, deps: Deps): Promise<void> {
  const one = await deps.store.findMark(bringingMark(job))
  if (one !== undefined) await hear(JSON.parse(one) as News, job, deps)
}

/** Off the account's lane: what it tells us itself is not to wait for its outbox. */
function later(error: TransientError, job: Job, deps: Deps): JobResult {
  const now = deps.clock.now()
  const pause = Math.min(Math.max(now - job.addedAt, firstPause), longestPause)
  const until = Math.max(now + pause, Math.min(error.retryAt ?? 0, job.addedAt + patience))
  return { park: { until, reason: error.message } }
}

async function isFollowed({ actorId }: CatchUp, deps: Deps): Promise<boolean> {
  for (const { follower } of await acceptedOf(actorId, deps))
    if ((await deps.store.findLocalActor(follower)) !== undefined) return true
  return false
}

/** Undefined: it cannot be had at all. */
async function newsOf(
  actor: RemoteActor,
  { since, isLast }: { readonly since: number; readonly isLast: boolean },
  deps: Deps,
): Promise<readonly News[] | undefined> {
  try {
    const as = await readAs(actor.id, actor.outbox ?? actor.id, deps)
    return await deps.fediverse.fetchNews(actor, { since, limit: mostNews, isLast, ...as })
  } catch (error) {
    if (error instanceof RejectedError || (isLast && isAway(error))) return undefined
    throw error
  }
}

/**
 * What a followed account published for everybody, or for its followers, while we were not there to hear it, oldest first,
 * before what it tells us from now on. What we know already is not done again.
 */
export async function catchUp(work: CatchUp, job: Job, deps: Deps): Promise<JobResult> {
  if (!(await isFollowed(work, deps))) return { outcome: 'skipped: unwanted', changes: [] }
  const actor = await actorOf(work.actorId, deps)
  const isLast = deps.clock.now() - job.addedAt >= patience
  await endBringing(job, deps)
  let news: readonly News[] | undefined
  try {
    news = await newsOf(actor, { since: work.since, isLast }, deps)
  } catch (error) {
    if (!isAway(error)) throw error
    return later(error, job, deps)
  }
  if (news === undefined) return { outcome: 'skipped: no-outbox', changes: [] }
  if (news.length >= mostNews)
    deps.log.warn({ actor: actor.id, news: news.length }, 'more was missed than is read back')
  // What one of them lacks is waited for by tries that count: the others follow soon in any case.
  for (const one of news) await hear(one, job, deps)
  return { outcome: `caught up with ${news.length}`, changes: [] }
}
