import type { Pruned, PruneStep } from '../model/prune.ts'

/** The part of the state that lets go of what no longer matters. */
export type Forgetful = {
  /** Others' activities that were passed on before this time, milliseconds since the epoch. */
  forgetForwarded(before: number): Promise<void>
  /** Keys that were retired before this time, milliseconds since the epoch. */
  forgetKeys(before: number): Promise<void>
  /**
   * Looks at the next `limit` marks whose keys begin so, after that key, and forgets those set before
   * that time that are not to be kept. Answers the last key it looked at; undefined: it was the end.
   */
  forgetMarks(step: {
    readonly beginning: string
    readonly after?: string
    readonly limit: number
    readonly before: number
    readonly isKept: (key: string) => boolean
  }): Promise<string | undefined>
  /**
   * Looks at the next `limit` objects behind `after`, and forgets those of others that were deleted
   * before that time and stand nowhere. Answers where it stopped; undefined: it was the end.
   */
  forgetDeleted(step: {
    readonly after?: number
    readonly limit: number
    readonly before: number
  }): Promise<number | undefined>
  /** When the oldest of the events, activities and upkeep was added that is still to be done, or may be retried by the admin. */
  oldestWork(): Promise<number | undefined>
  /** Removes, or counts, what can be had again and nobody used since then: one step of a walk. */
  prune(step: PruneStep): Promise<Pruned>
}
