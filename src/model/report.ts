import type { ActivityId, ActorId, ObjectId, UserId } from './ids.ts'

/** Somebody complains about accounts and posts (`Flag`): to us about ours, or from here about others'. */
export type Report = {
  readonly activityId: ActivityId
  /** The server that it comes from: ours for what one of our users reports. */
  readonly host: string
  /** Who sent it; mostly the account of a whole server, so that nobody knows who complains. */
  readonly actor: ActorId
  /** Our user who reports; nobody outside learns of them. */
  readonly reporter?: UserId
  /** Of our own accounts, or the one of another server that our user reports. */
  readonly accounts: readonly ActorId[]
  readonly posts: readonly ObjectId[]
  /** What it says, plain and untrusted; may be empty. */
  readonly text: string
  /** When it came, milliseconds since the epoch. */
  readonly at: number
}

/** A report as it is kept. */
export type KeptReport = Report & {
  /** How admins name it. */
  readonly number: number
  /** Absent: it is open. */
  readonly resolved?: { readonly by: UserId; readonly at: number }
  /** What else admins did about it, each once, in the order in which it was done. */
  readonly deeds: readonly ReportDeed[]
}

/** An admin suspended the accounts of a report, or passed its posts on to the homeserver. */
export type ReportDeed = {
  readonly deed: 'suspended' | 'passed-on'
  /** Empty: it is not known any more. */
  readonly by: UserId
  readonly at: number
}

/** Accounts and posts that one report may name. */
export const mostReported = 100
/** Characters of what a report says. */
export const longestReport = 5_000
