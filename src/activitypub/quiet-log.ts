import type { Clock, Log } from '../model/clock.ts'
import { createRates } from './rates.ts'

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
