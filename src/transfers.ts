import type { Clock } from './model/clock.ts'
import type { Deps } from './bridge/ports.ts'
import { TransientError } from './model/errors.ts'
import { createTurns } from './web/turns.ts'

/**
 * Files that pass through at the same time: each holds a place on the disk, a connection to its
 * server, and the lane of the job that wants it. One slow server must not take them all.
 */
const limits = {
  inAll: 4,
  perClient: 2,
  longestWait: 20_000,
  waitingPerClient: 16,
  waitingInAll: 100,
}

export function createInTurn(clock: Clock): Deps['inTurn'] {
  const turns = createTurns(limits, clock)
  const never = new AbortController().signal
  return async (host, work) => {
    const release = await turns.take(host, never)
    if (release === undefined)
      throw new TransientError(`too many files of ${host} are on their way`)
    try {
      return await work()
    } finally {
      release()
    }
  }
}
