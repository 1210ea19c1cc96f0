import type { JobKind } from './job.ts'

/** Whom we speak to. */
export type Side = 'homeserver' | 'fediverse'

/** How a job ended, or what keeps it from that. */
export type JobEnd = 'done' | 'skipped' | 'parked' | 'retry' | 'failed' | 'stuck'

/** Counts what happens, where an admin wants it counted. Never throws. */
export type Meter = {
  /** One request of ours. `status`: absent where nothing was answered. `seconds`: until the end of the answer. */
  readonly requested: (
    side: Side,
    request: {
      readonly method: string
      readonly url: string
      readonly status?: number
      readonly seconds: number
    },
  ) => void
  /** One request to an inbox of ours, by the status that we answered. */
  readonly receivedAtInbox: (status: number) => void
  /** One event of the homeserver, so long after it was sent. */
  readonly receivedEvent: (seconds: number) => void
  /** `seconds`: since it was added, whatever it waited for. */
  readonly jobEnded: (kind: JobKind, end: JobEnd, seconds: number) => void
}
