import { setTimeout as sleep } from 'node:timers/promises'

/** How long a test waits for something to happen unless it says otherwise, milliseconds. */
export const patience = 60_000

/**
 * Asks again until the answer is neither `undefined` nor `false`, and answers it. An error counts as
 * "not yet"; at the deadline the last one is the cause of the failure, which names what never came.
 */
export async function waitUntil<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeout = patience,
): Promise<Exclude<Awaited<T>, undefined | false>> {
  const deadline = Date.now() + timeout
  let cause: unknown
  for (;;) {
    try {
      const answer = await probe()
      if (answer !== undefined && answer !== false) {
        return answer as Exclude<Awaited<T>, undefined | false>
      }
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (Date.now() >= deadline) {
      throw new Error(`${what}: not within ${timeout} ms`, { cause })
    }
    await sleep(50)
  }
}
