import type { Database } from '../store/database.ts'
import type { Random } from '../model/clock.ts'
import { mostFailingDays, pauseHost } from './retry.ts'

export type Hosts = {
  /** Something was answered: nothing is held against the host any more. */
  well(paceId: number): void
  /** `until`: it asked for peace. `pauses` false: count it, hold up nobody. */
  failed(paceId: number, failure: { now: number; until?: number; pauses: boolean }): void
  failingSince(paceId: number): number | undefined
  /** Days on which it failed since it was well; with that one, which may be the first or be known. */
  failingDays(paceId: number, now: number): number
  /** Whether deliveries failed there on so many days that none is sent any more, but one a day. */
  isUnavailable(host: string, now: number): boolean
  /** Of every kind of job that goes there. */
  find(host: string): readonly number[]
}

type Pace = {
  host: string
  failures: number
  failing_since: number | null
  failing_days: number
  failed_day: number | null
}

const dayInMs = 86_400_000
/** By UTC. */
const dayOf = (now: number): number => Math.floor(now / dayInMs)

const daysWith = ({ failing_days, failed_day }: Pace, now: number): number =>
  failing_days + (failed_day === dayOf(now) ? 0 : 1)

/** What is known of a host's health. Inside a transaction; `settle` afterwards. */
export function createHosts(database: Database, random: Random): Hosts {
  const get = database.prepare<[number], Pace>(
    'select host, failures, failing_since, failing_days, failed_day from pace where id = ?',
  )
  const getDeliveries = database.prepare<[string], Pace>(
    `select host, failures, failing_since, failing_days, failed_day from pace
     where kind = 'delivery' and host = ?`,
  )
  const clear = database.prepare<[number]>(
    `update pace set failures = 0, failing_since = null, blocked_until = 0,
       failing_days = 0, failed_day = null
     where id = ? and failures + blocked_until > 0`,
  )
  const blame = database.prepare<[number, number, number, number, number, number]>(
    `update pace set failures = ?, failing_since = ?, blocked_until = max(blocked_until, ?),
       failing_days = ?, failed_day = ?
     where id = ?`,
  )
  const find = database.prepare<[string], { id: number }>(
    `select id from pace
     where kind in ('activity', 'delivery', 'event', 'upkeep') and host = ?`,
  )
  return {
    well: (paceId) => void clear.run(paceId),
    failed(paceId, { now, until, pauses }) {
      const pace = get.get(paceId)
      if (pace === undefined) return
      const failures = pace.failures + 1
      const blockedUntil = pauseHost({
        failures,
        now,
        random: random.number(),
        isHomeserver: pace.host === '',
        ...(until === undefined ? {} : { askedFor: until }),
      })
      const since = pace.failing_since ?? now
      const pausedUntil = pauses ? blockedUntil : 0
      blame.run(failures, since, pausedUntil, daysWith(pace, now), dayOf(now), paceId)
    },
    failingDays(paceId, now) {
      const pace = get.get(paceId)
      return pace === undefined ? 0 : daysWith(pace, now)
    },
    failingSince: (paceId) => get.get(paceId)?.failing_since ?? undefined,
    isUnavailable(host, now) {
      const pace = getDeliveries.get(host)
      if (pace === undefined || pace.failing_days < mostFailingDays) return false
      // One that failed today was enough to know.
      return pace.failed_day === dayOf(now)
    },
    find: (host) => find.all(host).map(({ id }) => id),
  }
}
