import { randomBytes } from 'node:crypto'

import type { Clock, Random } from '../model/clock.ts'

/** The longest wait one timer of Node can hold; beyond it, a timer fires at once. */
const longestTimer = 2 ** 31 - 1

const wait = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal?.addEventListener('abort', finish, { once: true })
  })

/** The wall clock of this machine. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms, signal) {
      for (let left = ms; left > 0 && signal?.aborted !== true; left -= longestTimer) {
        await wait(Math.min(left, longestTimer), signal)
      }
    },
  }
}

/** Chance from the operating system; ids hold 128 bits. */
export function createSystemRandom(): Random {
  return {
    number: () => Math.random(),
    id: () => randomBytes(16).toString('base64url'),
  }
}
