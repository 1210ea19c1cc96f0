import type { Action } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { Change } from '../model/change.ts'
import { attemptOf, readBackMark, type Attempt } from './attempt.ts'
import type { Deps } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { ObjectId } from '../model/ids.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import { asObjectId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { toMatrix } from '../translate/to-matrix.ts'
import { areReportsRefused, suspensionOf, suspensionOfActor } from './domain-blocks.ts'
import { ensureGhostRow } from './ghosts.ts'
import { authorOf } from './known-author.ts'
import { isToBegin } from './backlog.ts'
import { receiveForBot } from './bot-account.ts'
import { isOwnId } from './new-ids.ts'
import { perform } from './perform.ts'
import { asMeant } from './resolve-consent.ts'
import { aboutPost } from './referred.ts'
import { resolveActivity } from './resolve-activity.ts'
import { spareReaders } from './spare.ts'
import { lookingUpFew } from './user-limits.ts'
import { serverOf } from './servers.ts'
import { leaveAloneJob, optOutOf } from './wishes.ts'

/** What a job waits for off its lane, so that nothing else waits, and how long. */
type Wait = { readonly id: string; readonly patience: number }

/**
 * A reply is worth reading without its parent, and a post without what it quotes; a boost is nothing
 * without the post, whose server may be away for days.
 */
const parentPatience = 60_000
const boostPatience = 3 * 86_400_000
const firstPause = 10_000
const longestPause = 3_600_000

/** The post of another server that an activity needs. */
function neededBy(activity: Activity): Wait | undefined {
  if (activity.type === 'announce') return { id: activity.object, patience: boostPatience }
  const note = activity.type === 'create' ? activity.object.embedded : undefined
  const parent = note?.inReplyTo ?? note?.quote
  return parent === undefined ? undefined : { id: parent, patience: parentPatience }
}

/** Rarer the longer it lasts, and once more at the end. */
function nextLook({ patience }: Wait, addedAt: number, now: number): number {
  const pause = Math.min(Math.max(firstPause, Math.round((now - addedAt) / 2)), longestPause)
  return Math.min(now + pause, addedAt + patience)
}

/**
 * For what one try fetches together: far less than its claim lasts, or another try would begin
 * while it runs. Accounts that were fetched are kept, so the next try gets further.
 */
const fetchTime = 300_000

function inTime(deps: Deps): Deps {
  const end = deps.clock.now() + fetchTime
  const check = (): void => {
    if (deps.clock.now() >= end) throw new TransientError('the servers it needs take too long')
  }
  const { fetchActor, fetchNote, fetchStamp } = deps.fediverse
  const fediverse: Deps['fediverse'] = {
    ...deps.fediverse,
    fetchActor: async (id) => (check(), fetchActor(id)),
    fetchNote: async (id, how) => (check(), fetchNote(id, how)),
    fetchStamp: async (id) => (check(), fetchStamp(id)),
  }
  return { ...deps, fediverse }
}

async function inTimeOrNever<T>(id: string, fetching: Promise<T>): Promise<T> {
  try {
    return await fetching
  } catch (error) {
    if (!(error instanceof TransientError)) throw error
    throw new RejectedError(`${id} did not come in time`, { cause: error })
  }
}

/** Without its parent a reply stands as a root with a link, and so does what a post quotes; a boost goes unseen. */
function withoutWaiting({ actor }: Activity, deps: Deps): Deps {
  const { fetchActor, fetchNote, fetchStamp } = deps.fediverse
  const fediverse: Deps['fediverse'] = {
    ...deps.fediverse,
    // Who sent it is waited for, but nobody else.
    fetchActor: (id) => (id === actor ? fetchActor(id) : inTimeOrNever(id, fetchActor(id))),
    fetchNote: (id, how) => inTimeOrNever(id, fetchNote(id, how)),
    fetchStamp: (id) => inTimeOrNever(id, fetchStamp(id)),
  }
  return { ...deps, fediverse }
}

/**
 * Whoever is shown, by what they say or by their name in it, has a ghost from then on; nobody else
 * has, or any server could fill our tables with accounts that it makes up. The names were free when
 * they were looked at.
 */
async function ensureGhosts(
  actions: readonly Action[],
  { author, actors }: KnownForMatrix,
  deps: Deps,
): Promise<void> {
  if (!actions.some((action) => action.do === 'send' || action.do === 'edit')) return
  for (const { actor, ghost } of [author, ...actors.values()]) {
    if ((await ensureGhostRow(actor, deps)).userId === ghost) continue
    throw new TransientError(`another account took the name of ${actor.id} meanwhile`)
  }
}

/** What shows or changes a post takes its turn by this name. */
export const turnOf = (object: ObjectId): string => `object ${object}`

/** A boost that waited for its post is of another lane than what takes it back. */
const boostTurn = (boost: string): string => `boost ${boost}`

/**
 * What shows a post of somebody else, and what changes that post, are of different lanes. One after
 * another, each sees what the other did: no boost brings back what is deleted at this moment.
 */
async function inTurn(
  activity: Activity,
  deps: Deps,
  work: () => Promise<JobResult>,
): Promise<JobResult> {
  switch (activity.type) {
    case 'announce':
      // What is fetched is fetched before, so that nobody waits for its server.
      await resolveActivity(activity, deps)
      return deps.locks(boostTurn(activity.id), () =>
        deps.locks(turnOf(activity.object), () => committed(work, deps)),
      )
    case 'undo':
      return deps.locks(boostTurn(activity.target.id ?? activity.id), () => committed(work, deps))
    case 'delete-object':
      return deps.locks(turnOf(activity.object), () => committed(work, deps))
    case 'update-note':
      return deps.locks(turnOf(activity.object.ref), () => committed(work, deps))
    default:
      return work()
  }
}

/** Written down at once: whoever is next must know it. Done again after a crash, it changes nothing. */
async function committed(work: () => Promise<JobResult>, deps: Deps): Promise<JobResult> {
  const result = await work()
  if (!('changes' in result)) return result
  await deps.store.commit(result.changes)
  return { ...result, changes: [] }
}

/**
 * A post and its parents were read before their turn came, and the author of a parent is of another
 * lane: what was deleted meanwhile is not shown, and what is shown now is found by a Delete.
 */
async function showInTurn(
  { type }: Activity,
  { actions, deps }: { readonly actions: readonly Action[]; readonly deps: Deps },
  work: () => Promise<Change[]>,
): Promise<Change[]> {
  // The others have their turn already (`inTurn`).
  if (type !== 'create') return work()
  const posts = new Set(actions.flatMap((action) => (action.do === 'send' ? [action.from] : [])))
  const inTurnOfAll = async (): Promise<Change[]> => {
    for (const id of posts)
      if ((await deps.store.findObject(asObjectId(id)))?.deletedAt !== undefined)
        throw new TransientError(`${id} was deleted meanwhile`)
    return work()
  }
  // All take the turns of several posts in the same order, or two would wait for each other.
  return [...posts]
    .sort()
    .reduce((inner, id) => () => deps.locks(turnOf(asObjectId(id)), inner), inTurnOfAll)()
}

type Means = {
  /** What it may fetch, and how long that may take. */
  readonly reach: Deps
  readonly deps: Deps
}

/** In its turn: what was read back of it meanwhile has been sent, or was begun and is looked for. */
async function attemptAt(activity: Activity, job: Received, deps: Deps): Promise<Attempt> {
  const attempt = attemptOf(job)
  if (attempt.isRepeated || job.happenedAt !== undefined) return attempt
  return {
    ...attempt,
    isRepeated: (await deps.store.findMark(readBackMark(activity))) !== undefined,
  }
}

async function obey(activity: Activity, job: Received, { reach, deps }: Means): Promise<JobResult> {
  const resolved = await resolveActivity(activity, reach)
  const { happenedAt } = job
  const known = happenedAt === undefined ? resolved : { ...resolved, happenedAt }
  const spared = await spareReaders(activity, known, deps)
  const translation = toMatrix(activity, { ...known, spared })
  const actions = translation.actions ?? []
  await ensureGhosts(actions, known, deps)
  const changes = await showInTurn(activity, { actions, deps }, async () =>
    perform(actions, await attemptAt(activity, job, deps), deps),
  )
  const seen = { change: 'see-remote-actor', id: activity.actor, at: deps.clock.now() } as const
  const outcome = 'skip' in translation ? `skipped: ${translation.skip}` : 'done'
  return { outcome, changes: [...changes, seen] }
}

/** Whether the admin has blocked where it is from, or reports from there, or where the post is from that it brings again. */
async function isBarred(
  { type, actor }: Activity,
  needed: Wait | undefined,
  deps: Deps,
): Promise<boolean> {
  if ((await suspensionOfActor(actor, deps)) !== undefined) return true
  if (type === 'flag') return areReportsRefused(actor, deps)
  if (type !== 'announce' || needed === undefined) return false
  return (await suspensionOf(needed.id, deps)) !== undefined
}

/** What is heard of an account that is left alone: that it wants something else now, and what takes things away. */
const alwaysHeard: ReadonlySet<Activity['type']> = new Set([
  ...([
    'update-actor',
    'delete-actor',
    'delete-object',
    'undo',
    'block',
    'reject',
    'flag',
  ] as const),
  // It is refused, and not left to wait for an answer.
  'follow',
])

/** Undefined: the account may be bridged, as its profile says that is not a day old. */
async function leftAlone(activity: Activity, deps: Deps): Promise<JobResult | undefined> {
  const { type, actor } = activity
  if (alwaysHeard.has(type)) return undefined
  // What another bridge brought from Matrix does not come back there.
  const isNote = activity.type === 'create' || activity.type === 'update-note'
  if (isNote && activity.object.embedded?.isOfMatrix === true)
    return { outcome: 'skipped: of-matrix', changes: [] }
  const { fetchedAt } = await authorOf(actor, deps)
  // At first sight counts: what runs there may say that all its accounts are people on Matrix.
  const { host } = new URL(actor)
  if ((await deps.store.findServer(host)) === undefined) await serverOf(host, deps)
  const why = await optOutOf(actor, deps)
  if (why === undefined) return undefined
  // What came before we knew goes now, once for each look at its profile.
  const changes = [leaveAloneJob(actor, String(fetchedAt))]
  return { outcome: `skipped: left alone (${why})`, changes }
}

/** What may be shown in the account's room for the first time. */
const isNews = ({ type }: Activity): boolean =>
  type === 'create' || type === 'announce' || type === 'update-note'

/** A room begins with what is older. */
async function beginRoom(activity: Activity, job: Received, deps: Deps): Promise<void> {
  const { actor: actorId } = activity
  if (!isNews(activity) || !(await isToBegin(actorId, deps))) return
  await deps.store.commit(await perform([{ do: 'fill-portal', actorId }], attemptOf(job), deps))
}

type Received = Job & { readonly happenedAt?: number }

/** Not bridged, or of use for the ids in it alone. */
const isForNobody = ({ type }: Activity): boolean =>
  type === 'other' || type === 'announced' || type === 'contained'

/**
 * Does one activity whose sender is proven: resolve, translate, perform, record. Safe to run again
 * after a crash at any point: transaction ids come from the activity.
 */
export async function receiveActivity(
  received: Activity,
  job: Received,
  given: Deps,
): Promise<JobResult> {
  const deps = inTime(lookingUpFew(given))
  const activity = await asMeant(aboutPost(received, deps), deps)
  // We know what they did: done again in their name it would make remote accounts of them.
  if (isOwnId(activity.actor, deps)) return { outcome: 'skipped: own-echo', changes: [] }
  // Nothing is looked up for what is not bridged.
  if (isForNobody(activity)) return { outcome: 'skipped: unsupported', changes: [] }
  const needed = neededBy(activity)
  if (await isBarred(activity, needed, deps))
    return { outcome: 'skipped: domain-blocked', changes: [] }
  const isPatient = needed !== undefined && deps.clock.now() < job.addedAt + needed.patience
  const reach = needed === undefined || isPatient ? deps : withoutWaiting(activity, deps)
  try {
    const own = await receiveForBot(activity, attemptOf(job), deps)
    if (own !== undefined) return own
    const alone = await leftAlone(activity, reach)
    if (alone !== undefined) return alone
    await beginRoom(activity, job, deps)
    return await inTurn(activity, reach, () => obey(activity, job, { reach, deps }))
  } catch (error) {
    if (!isPatient || !(error instanceof TransientError) || error.of !== 'remote') throw error
    const until = nextLook(needed, job.addedAt, deps.clock.now())
    return { park: { until, waitsFor: needed.id, reason: error.message } }
  }
}
