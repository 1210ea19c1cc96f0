import type { ActorId } from './ids.ts'

/** How a post of another server is asked for. What it says of its audience is the asker's to obey. */
export type PostAsking = {
  /** What was fetched so many milliseconds ago will do. */
  readonly maxAge?: number
  /**
   * Somebody of ours who may read it, as a follower of its author: where the bridge itself is refused,
   * their key signs once more.
   */
  readonly as?: ActorId
}
