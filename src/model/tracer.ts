import type { Job } from './job.ts'
import type { JobResult } from './job-result.ts'
import type { Side } from './meter.ts'

/** What of a request may be told: no header, no query and no body. */
export type Exchange = { readonly side: Side; readonly method: string; readonly url: string }

/** Follows messages on their whole way, where an admin wants that. Throws only what `run` throws. */
export type Tracer = {
  /** One try of a job. What it makes belongs to the same message, and so do requests within it. */
  readonly job: (job: Job, run: () => Promise<JobResult>) => Promise<JobResult>
  /** One request of ours; outside of any job it is nobody's, and not told. */
  readonly request: <T extends { readonly status: number }>(
    exchange: Exchange,
    run: () => Promise<T>,
  ) => Promise<T>
}
