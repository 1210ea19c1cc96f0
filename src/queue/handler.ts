import type { Change } from '../model/change.ts'
import type { Clock, Log, Random } from '../model/clock.ts'
import type { Job, JobKind } from '../model/job.ts'
import type { JobEnd } from '../model/meter.ts'
import type { Handlers } from '../model/job-result.ts'
import type { Queue } from './queue.ts'

export type WorkerDeps = {
  readonly queue: Queue
  readonly handlers: Handlers
  /** What is still to be changed when a job is given up, committed with its burial: tell the user. */
  readonly onGiveUp?: Partial<
    Readonly<Record<JobKind, (job: Job, error: unknown) => Promise<readonly Change[]>>>
  >
  /** Committed with the burial of the delivery by which its host was found to be unavailable. */
  readonly onUnavailable?: (host: string) => readonly Change[]
  /** Jobs at work at the same time. */
  readonly concurrency: Readonly<Record<JobKind, number>>
  /** Of these at most so many for one host. */
  readonly perHost: Readonly<Record<JobKind, number>>
  /** Kinds that wait as a whole for now; wake the worker when that changes. */
  readonly isPaused?: (kind: JobKind) => boolean
  /** Told of each try of a job, when it has ended. */
  readonly onEnd?: (job: Job, end: JobEnd) => void
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}
