import type { Value } from './values.ts'

/** One setting: its value, its description and its default. */
export type Setting<T> = {
  readonly value: Value<T>
  /** For the sample file; one line each, at most 96 characters. */
  readonly about: readonly string[]
  /** Used when nothing is given; absent: the setting is required, or derived from others. */
  readonly fallback?: T
  /** What the default comes to, where it is made from other settings. */
  readonly derived?: T
  /** What the sample file shows for a required setting. */
  readonly sample?: T
  /** The sample's value cannot be anybody's: left in place, Footbridge refuses to start. */
  readonly isPlaceholder?: boolean
  /** Never printed; may come from a file named by `<variable>_FILE`. */
  readonly isSecret?: boolean
}

type Rest<T> = Omit<Setting<NoInfer<T>>, 'value'>

/** A setting that is given, or has a default. */
export const setting = <T>(value: Value<T>, rest: Rest<T>): Setting<T> => ({ value, ...rest })

/** Absent, its value is made from other settings after parsing. */
export const derived = <T>(value: Value<T>, rest: Rest<T> & { derived: T }) =>
  setting(value, rest) as Setting<T | undefined>
