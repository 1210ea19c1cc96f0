import type { Trouble } from './trouble.ts'

/** What the doctor looks at, in the words that it is shown by. */
export type CheckName =
  | 'listeners'
  | 'configuration'
  | 'database'
  | 'disk'
  | 'homeserver'
  | 'token'
  | 'ping'
  | 'names'
  | 'encryption'
  | 'public URL'
  | 'certificate'
  | 'headers'
  | 'body size'
  | 'signatures'
  | 'NodeInfo'
  | 'actor'
  | 'WebFinger'
  | 'host-meta'
  | 'outbound'
  | 'clock'

type Fine = {
  readonly check: CheckName
  /** `skipped`: it could not be looked at, for the reason that `what` gives. */
  readonly result: 'ok' | 'skipped'
  readonly what: string
}

type Wrong = {
  readonly check: CheckName
  /** `warning`: it may be meant, or it will be wrong later. */
  readonly result: 'warning' | 'failed'
  /** What is wrong, a sentence. */
  readonly what: string
  /** Why it matters, a sentence. */
  readonly why: string
  /** What to change, to the line. */
  readonly mend: string
  readonly trouble: Trouble
}

/** One thing that the doctor has looked at. */
export type Finding = Fine | Wrong
