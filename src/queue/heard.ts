import type { Clock } from '../model/clock.ts'
import type { Queue } from './queue.ts'

/** A busy host is told well once in this time: it must not cost a statement for each of its posts. */
const pause = 5_000
const mostHosts = 10_000

/**
 * Who sends to us is there again, so what waits for them is tried at once (Mastodon revives a host
 * the same way). Without `host`: our homeserver.
 */
export function createHeard({
  queue,
  clock,
}: {
  readonly queue: Pick<Queue, 'hostIsWell'>
  readonly clock: Clock
}): (host?: string) => Promise<void> {
  const heardAt = new Map<string, number>()
  return async (host = '') => {
    const now = clock.now()
    if (now - (heardAt.get(host) ?? -Infinity) < pause) return
    if (heardAt.size >= mostHosts) heardAt.clear()
    heardAt.set(host, now)
    await (host === '' ? queue.hostIsWell() : queue.hostIsWell(host))
  }
}
