/** How many there are, for NodeInfo and for admins. */
export type Stats = {
  /** Our actors, without the deleted ones. */
  readonly localActors: number
  /** Those that published, reacted or followed within the last 30 and 180 days. */
  readonly activeMonth: number
  readonly activeHalfyear: number
  /** Their posts that are no private messages and not deleted; answers are counted apart. */
  readonly localPosts: number
  readonly localComments: number
}
