import type { Clock, Log } from '../model/clock.ts'
import { createRates } from '../model/rates.ts'

/** Requests that wait for the keys of their senders, in all and for those of one host. */
const mostAtOnce = 1_000
const mostOfHost = 100

/** Counts who waits: each holds a connection and its body, and slow servers have time. */
export function createAtOnce(): {
  /** Undefined: there is no room. Otherwise call what it answers when the wait is over. */
  readonly enter: (host: string) => (() => void) | undefined
} {
  const hosts = new Map<string, number>()
  let all = 0
  const count = (host: string, change: 1 | -1): void => {
    all += change
    const left = (hosts.get(host) ?? 0) + change
    if (left === 0) hosts.delete(host)
    else hosts.set(host, left)
  }
  return {
    enter(host) {
      if (all >= mostAtOnce || (hosts.get(host) ?? 0) >= mostOfHost) return undefined
      count(host, 1)
      return () => count(host, -1)
    },
  }
}

type Refused = {
  readonly target: string
  readonly status: number
  readonly reason?: string | undefined
}

/** Lines about refusals: whoever sends a flood must not fill the disk. */
const lines = { most: 30, within: 60_000 }

/** Logs refusals, at most so many in a minute; the next line then tells how many it stands for. */
export function createQuietLog({
  log,
  clock,
}: {
  readonly log: Log
  readonly clock: Clock
}): (refused: Refused) => void {
  const rates = createRates(lines, 1)
  let unsaid = 0
  return (refused) => {
    if (rates.take('', clock.now()) > 0) {
      unsaid += 1
      return
    }
    log.info(unsaid === 0 ? refused : { ...refused, unsaid }, 'inbox refused')
    unsaid = 0
  }
}
