import type { Job } from '../model/job.ts'

/** What an effect may depend on besides its own data. */
export type Attempt = {
  /** An earlier run of the same job may have got halfway: what it sent is looked for before it is sent again. */
  readonly isRepeated: boolean
  /** Tries of the job that failed before this one; absent: none. */
  readonly failures?: number
  /** Hosts that gave no file in this run, so that one that is away is waited for once. */
  readonly away?: Set<string>
}

export const attemptOf = (job: Job): Attempt => ({
  isRepeated: job.claims > 0,
  failures: job.attempts,
  away: new Set(),
})
