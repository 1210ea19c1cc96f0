import type { Finding } from '../model/finding.ts'
import type { Http } from '../model/http.ts'
import { failed, ok, skipped, warning } from './findings.ts'

/** How far our clock is ahead of somebody's, milliseconds. */
export type Sighting = { readonly whose: string; readonly ahead: number }

/** Notes what clocks of others say whenever they answer. */
export function watchingClocks(now: () => number): {
  readonly through: (http: Http) => Http
  readonly sightings: readonly Sighting[]
} {
  const sightings: Sighting[] = []
  return {
    sightings,
    through: (http) => async (request) => {
      const asked = now()
      const answer = await http(request)
      const date = Date.parse(answer.headers['date'] ?? '')
      const between = (asked + now()) / 2
      // A date tells whole seconds.
      if (!Number.isNaN(date))
        sightings.push({ whose: new URL(request.url).host, ahead: between - (date + 500) })
      return answer
    },
  }
}

/** Beyond this a server may refuse what we sign. */
const refusedFrom = 300_000
const toldFrom = 30_000

const lengthOf = (ms: number): string => {
  const seconds = Math.round(Math.abs(ms) / 1000)
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`
}

/**
 * Whether our clock is right. Whoever stands first among `trusted` is asked: a server elsewhere knows
 * better than one on this machine.
 */
export function judgeClock(
  sightings: readonly Sighting[],
  trusted: readonly (string | undefined)[],
): Finding {
  const [seen] = trusted.flatMap((host) => sightings.filter(({ whose }) => whose === host))
  if (seen === undefined) return skipped('clock', 'nobody said what time it is.')
  const { whose, ahead } = seen
  const apart = Math.abs(ahead)
  if (apart < toldFrom) return ok('clock', `it agrees with that of ${whose}.`)
  const words = {
    what: `the clock of this machine is ${lengthOf(ahead)} ${ahead > 0 ? 'ahead of' : 'behind'} that of ${whose}.`,
    why: 'Requests are signed with the time: servers refuse those that are some minutes off, and so does Footbridge.',
    mend: 'timedatectl set-ntp true (or chronyc makestep), on whichever machine is wrong',
  }
  return (apart >= refusedFrom ? failed : warning)('clock', 'clock', words)
}
