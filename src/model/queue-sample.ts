import type { JobKind } from './job.ts'

/** How much waited at one moment. */
export type QueueSample = {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly waiting: Readonly<Record<JobKind, number>>
  /** Given up, of all kinds. */
  readonly failed: number
}
