import type { Change } from '../model/change.ts'
import type {
  FailedJob,
  FailingHost,
  HostDepth,
  Job,
  JobFate,
  JobKind,
  KindDepth,
  NewJob,
  Waiting,
} from '../model/job.ts'

/** How long a claim is its caller's unless it is renewed, milliseconds. */
export const lease = 15 * 60 * 1000

/**
 * Keeps jobs until they are done. What is known when a call resolves survives the death of the
 * process. A call that ends a claim (`finish`, `retry`, `park`, `bury`) answers false, and changes
 * nothing, when the claim is no longer its caller's: its lease ran out, or the queue was reclaimed.
 */
export type Queue = {
  /** Jobs whose (kind, key) is known, waiting or done in the last 30 days, are ignored. Answers how many were new. */
  add(jobs: readonly NewJob[]): Promise<number>
  /**
   * Heads of lanes that are due, oldest first, at most `perHost` at a time for one host, and one at
   * a time for a host that keeps failing. They are the caller's until the `lease` ends.
   */
  claim(kind: JobKind, limit: number, options?: { readonly perHost?: number }): Promise<Job[]>
  /** Begins the leases of these claims anew, but of none that is no longer the caller's. */
  renew(jobs: readonly Job[]): Promise<void>
  /** Commits the changes and the end of the job together; its host is well. `stopped`: a block kept it from its aim. */
  finish(job: Job, changes: readonly Change[], fate?: 'stopped'): Promise<boolean>
  /** Keeps the job at the head of its lane. */
  retry(job: Job, retry: Retry): Promise<boolean>
  /**
   * Moves the job to a lane of its own, so that its old lane goes on. It is due at `until`, or once
   * a `release` of `waitsFor` is committed: also one that was committed since it was claimed, so
   * that nothing falls between its look-up and its parking.
   */
  park(job: Job, park: Park): Promise<boolean>
  /** To the dead letters, together with the changes; its lane goes on. */
  bury(job: Job, error: string, end?: BuryOptions): Promise<boolean>
  /** Newest first; page on with the last `id`. */
  listFailed(page: { readonly before?: number; readonly limit: number }): Promise<FailedJob[]>
  /** To the end of its lane, with no tries counted. False: there is no such failed job. */
  retryFailed(id: number): Promise<boolean>
  /** Forgets it for good; its key stays known. */
  dropFailed(id: number): Promise<boolean>
  depth(): Promise<readonly KindDepth[]>
  /** Hosts that most waits for, that first; at most `limit`. */
  busiest(limit: number): Promise<readonly HostDepth[]>
  /** Hosts that fail, the longest first; at most `limit`. */
  failing(limit: number): Promise<readonly FailingHost[]>
  /** What became of one job; undefined: it was never there, or ended more than 30 days ago. */
  fateOf(kind: JobKind, key: string): Promise<JobFate | undefined>
  /** Activities that are not done: only those that came by `add` are counted. */
  waitingIn(lane: string): Waiting
  /** When something of these kinds is next due; undefined: nothing waits, or all of it runs. */
  nextDue(kinds: readonly JobKind[]): Promise<number | undefined>
  /** Makes every claimed job claimable: for the start, when nobody else can be at work. */
  reclaimAll(): Promise<number>
  /** Since when nothing succeeded at the job's host; undefined when it is well. */
  hostFailingSince(job: Job): Promise<number | undefined>
  /** Days on which it failed since it was well, as if it failed now as well; 0: nothing is known of it. */
  hostFailingDays(job: Job): Promise<number>
  /** Whether it failed on so many days that nothing is sent there, but one delivery a day to see. */
  isUnavailable(host: string): Promise<boolean>
  /** Jobs of that kind for that host that nobody is at work on, oldest first. */
  waitingAt(kind: JobKind, host: string, limit: number): Promise<readonly Job[]>
  /** Jobs of that kind, in the order of ids behind that one. */
  waitingAfter(kind: JobKind, id: number, limit: number): Promise<readonly Job[]>
  /** Ends jobs that nobody is at work on, together with the changes; answers how many it ended. */
  drop(jobs: readonly Job[], changes: readonly Change[]): Promise<number>
  /** The host was heard of: what waits for it may be tried at once. Without host: the homeserver. */
  hostIsWell(host?: string): Promise<void>
}

export type Retry = {
  readonly runAt: number
  readonly error: string
  /** Whether this try counts towards giving up. */
  readonly counts: boolean
  /**
   * Whether the job's host is to blame (jobs without a host: the homeserver); absent: it tells
   * nothing of the host. A time: the host asked for peace until then.
   */
  readonly hostFailed?: boolean | number
}

export type Park = {
  readonly until: number
  readonly waitsFor?: string
  readonly reason: string
}

export type BuryOptions = {
  readonly changes?: readonly Change[]
  /** As in `Retry`, but the next job of the host is not held up by it. */
  readonly hostFailed?: boolean
}
