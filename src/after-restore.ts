import type { Clock } from './model/clock.ts'
import type { Handlers } from './model/job-result.ts'
import { byKind } from './model/job.ts'

/**
 * For a while after a start from a copy, each job is done as one that was begun before: by a database
 * that is gone. What it sends to a room is looked for there first.
 */
export function asBegun(
  handlers: Handlers,
  until: () => number,
  clock: Pick<Clock, 'now'>,
): Handlers {
  return byKind(
    (kind) => (job) =>
      handlers[kind](clock.now() < until() ? { ...job, claims: job.claims + 1 } : job),
  )
}
