import type { Clock } from './model/clock.ts'
import type { Job, JobKind } from './model/job.ts'
import type { JobResult } from './model/job-result.ts'

type Handlers = Readonly<Record<JobKind, (job: Job) => Promise<JobResult>>>

/**
 * For a while after a start from a copy, each job is done as one that was begun before: by a database
 * that is gone. What it sends to a room is looked for there first.
 */
export function asBegun(
  handlers: Handlers,
  until: () => number,
  clock: Pick<Clock, 'now'>,
): Handlers {
  const begun =
    (kind: JobKind) =>
    (job: Job): Promise<JobResult> =>
      handlers[kind](clock.now() < until() ? { ...job, claims: job.claims + 1 } : job)
  return {
    activity: begun('activity'),
    event: begun('event'),
    delivery: begun('delivery'),
    upkeep: begun('upkeep'),
  }
}
