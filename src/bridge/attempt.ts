import type { Activity } from '../model/activity.ts'
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

/**
 * What was read back after an outage and is being shown: the job that reads it may end otherwise
 * before it knows what it sent, and its own activity comes as another job.
 */
export const readBackMark = (activity: Activity): string =>
  `read back ${activity.type === 'create' ? activity.object.ref : activity.id}`

export const attemptOf = (job: Job): Attempt => ({
  isRepeated: job.claims > 0,
  failures: job.attempts,
  away: new Set(),
})
