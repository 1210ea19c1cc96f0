/** What the header `Collection-Synchronization` says (FEP-8fcf). */
export type FollowersSync = {
  /** The followers of whoever sends it. */
  readonly collectionId: string
  /** Where those are listed that are on the reader's server. */
  readonly url: string
  /** Of their ids; hexadecimal, lower case. */
  readonly digest: string
}
