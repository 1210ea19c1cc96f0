import type { Change } from './change.ts'
import type { Job, JobKind } from './job.ts'

/** How a job ended: its changes are committed together with its end. Or it waits off its lane. */
export type JobResult =
  | {
      readonly outcome: string
      readonly changes: readonly Change[]
      /** A block kept it from its aim. */
      readonly isStopped?: true
    }
  | {
      readonly park: { readonly until: number; readonly waitsFor?: string; readonly reason: string }
    }

export type Handler = (job: Job) => Promise<JobResult>

/** What does the jobs of each kind. */
export type Handlers = Readonly<Record<JobKind, Handler>>
