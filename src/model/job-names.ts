import type { JobKind } from './job.ts'

/** What admins call the kinds of work, in the order in which things cross. */
export const jobNames: Readonly<Record<JobKind, string>> = {
  activity: 'From the fediverse',
  event: 'From Matrix',
  delivery: 'To be delivered',
  upkeep: 'Own work',
}
