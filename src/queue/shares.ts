import type { JobKind } from '../model/job.ts'

type Shares = Readonly<Record<JobKind, number>>

/** Many at a time: a homeserver does several sends together for less than one after the other. */
export const concurrency: Shares = { activity: 32, event: 16, delivery: 32, upkeep: 4 }

/**
 * Half of all at most for one server: its posts may make us wait for it, or for others. Upkeep also
 * writes to our users, and one slow server must not keep that waiting. Events have no host.
 */
export const perHost: Shares = { activity: 16, event: 16, delivery: 4, upkeep: 1 }
