import type { Clock, Log, Random } from '../../src/model/clock.ts'

export type VirtualClock = Clock & {
  /** Moves time on, waking who sleeps on the way, in order. */
  advance(ms: number): Promise<void>
  /** Sets it on or back, as when the machine slept: who sleeps still has as long to go. */
  jump(ms: number): void
}

/** Lets everything run that needs no time: all microtasks come before the next immediate. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function createVirtualClock(start = 1_000_000): VirtualClock {
  let now = start
  let sleepers: { at: number; wake: () => void }[] = []
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve()
          return
        }
        const sleeper = { at: now + ms, wake: resolve }
        sleepers.push(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((s) => s !== sleeper)
          resolve()
        })
      }),
    async advance(ms) {
      const end = now + ms
      await settled()
      for (;;) {
        const next = sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        sleepers = sleepers.filter((s) => s !== next)
        now = Math.max(now, next.at)
        next.wake()
        await settled()
      }
      now = end
    },
    jump(ms) {
      now += ms
      for (const sleeper of sleepers) sleeper.at += ms
    },
  }
}

/** mulberry32: small, seeded, good enough for tests. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0
  const number = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { number, id: () => number().toString(36).slice(2).padEnd(22, '0').slice(0, 22) }
}

export function createRecordingLog(): Log & {
  readonly lines: Record<string, unknown>[]
  readonly messages: string[]
} {
  const lines: Record<string, unknown>[] = []
  const messages: string[] = []
  const record = (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push({ ...fields })
    messages.push(message)
  }
  return { lines, messages, debug: record, info: record, warn: record, error: record }
}
