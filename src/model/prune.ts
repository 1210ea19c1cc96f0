/**
 * What can be had again when it is needed: accounts of other servers to which nothing here refers, what
 * runs on servers, how hosts are doing, and where files of the fediverse stand on our homeserver.
 */
export const pruneKinds = ['accounts', 'servers', 'hosts', 'files'] as const
export type PruneKind = (typeof pruneKinds)[number]

/** One step of a walk over everything of one kind. */
export type PruneStep = {
  readonly kind: PruneKind
  /** Where the step before ended; absent: from the first one on. */
  readonly after?: string
  /** Looked at, at most. */
  readonly limit: number
  /** Only what nobody used since then, milliseconds since the epoch. */
  readonly before: number
  readonly now: number
  /** Nothing is removed, only counted. */
  readonly isDry: boolean
}

/** `next` is where to go on; absent: it was the end. */
export type Pruned = { readonly count: number; readonly next?: string }
