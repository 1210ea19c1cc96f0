import { createLru } from './lru.ts'

/** So many in a time for each key, spread evenly; who was quiet for that time may send all at once. */
export type Rate = {
  /** 0: no limit. */
  readonly most: number
  /** Milliseconds. */
  readonly within: number
}

export type Rates = {
  /** Takes one for that key: 0, or the milliseconds after which it may be tried again. */
  readonly take: (key: string, now: number) => number
}

type Bucket = { readonly left: number; readonly at: number }

/**
 * Token buckets by key. At most `size` keys are remembered; who is forgotten was quiet for longest,
 * and begins with all it may have.
 */
export function createRates({ most, within }: Rate, size: number): Rates {
  const buckets = createLru<Bucket>(size)
  const leftOf = (key: string, now: number): number => {
    const known = buckets.get(key)
    if (known === undefined) return most
    // After the clock was set back, nothing is owed for that time.
    return Math.min(most, known.left + (Math.max(0, now - known.at) * most) / within)
  }
  return {
    take(key, now) {
      if (most === 0) return 0
      const left = leftOf(key, now)
      const isFree = left >= 1
      buckets.set(key, { left: isFree ? left - 1 : left, at: now })
      return isFree ? 0 : Math.ceil(((1 - left) * within) / most)
    },
  }
}
