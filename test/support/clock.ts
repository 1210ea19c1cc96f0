import type { Clock } from '../../src/model/clock.ts'

/** Time that stands still until a test moves it. */
export type ManualClock = Clock & {
  /** Lets everything run that can, then wakes whoever sleeps no longer than `ms`, in order. */
  advance(ms: number): Promise<void>
}

/** Lets everything run that waits for nothing but other code. */
const flush = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export function createManualClock(start = 1_700_000_000_000): ManualClock {
  let now = start
  let sleepers: { readonly at: number; readonly wake: () => void }[] = []
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + ms, wake: resolve }
        sleepers.push(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper)
          resolve()
        })
      }),
    async advance(ms) {
      await flush()
      const end = now + ms
      for (;;) {
        const [next] = sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        sleepers = sleepers.filter((other) => other !== next)
        now = next.at
        next.wake()
        await flush()
      }
      now = end
    },
  }
}
