import type { Away } from './command.ts'

const minute = 60_000
const longestPause = 120 * minute
const longestWait = 24 * 60 * minute

/**
 * When to look again for a server that is away since `since`: ever more rarely, for a day. Undefined:
 * no more. All times in milliseconds since the epoch.
 */
export function nextTry(
  { away: { retryAt = 0 } }: Away,
  since: number,
  now: number,
): number | undefined {
  const waited = now - since
  if (waited >= longestWait) return undefined
  const pause = Math.min(Math.max(waited, minute), longestPause)
  return Math.min(Math.max(now + pause, retryAt), since + longestWait)
}

export const stillAway = ({ away: { host } }: Away): string =>
  `${host} does not answer right now. I keep trying for a day, and tell you what came of it.`

export const stoppedTrying = ({ away: { host } }: Away): string =>
  `${host} has not answered for a day, and I have stopped trying. You can ask again later.`
