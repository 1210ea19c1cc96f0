import type { Database } from '../store/database.ts'
import type { Random } from '../model/clock.ts'
import { pauseHost } from './retry.ts'

export type Hosts = {
  /** Something was answered: nothing is held against the host any more. */
  well(paceId: number): void
  /** `until`: it asked for peace. `pauses` false: count it, hold up nobody. */
  failed(paceId: number, failure: { now: number; until?: number; pauses: boolean }): void
  failingSince(paceId: number): number | undefined
  /** Of every kind of job that goes there. */
  find(host: string): readonly number[]
}

type Pace = { host: string; failures: number; failing_since: number | null }

/** What is known of a host's health. Inside a transaction; `settle` afterwards. */
export function createHosts(database: Database, random: Random): Hosts {
  const get = database.prepare<[number], Pace>(
    'select host, failures, failing_since from pace where id = ?',
  )
  const clear = database.prepare<[number]>(
    `update pace set failures = 0, failing_since = null, blocked_until = 0
     where id = ? and failures + blocked_until > 0`,
  )
  const blame = database.prepare<[number, number, number, number]>(
    `update pace set failures = ?, failing_since = ?, blocked_until = max(blocked_until, ?)
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
      blame.run(failures, pace.failing_since ?? now, pauses ? blockedUntil : 0, paceId)
    },
    failingSince: (paceId) => get.get(paceId)?.failing_since ?? undefined,
    find: (host) => find.all(host).map(({ id }) => id),
  }
}
