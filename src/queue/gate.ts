import type { Database } from '../store/database.ts'
import type { JobKind } from '../model/job.ts'
import { isForHomeserver } from '../model/job.ts'
import { never } from './enqueue.ts'
import { patience } from './retry.ts'

type Row = { readonly id: number; readonly failures: number; readonly blocked_until: number }

export type Gate = {
  /** How many of `wanted` jobs may be begun now. */
  room(kind: JobKind, wanted: number, now: number): number
  /** When there is room; `never` until one of those at work has ended. */
  opensAt(kind: JobKind): number
  /** Whose health the end of such a job tells of; undefined: of nobody who was heard of yet. */
  find(kind: JobKind, paceId: number): number | undefined
  /** The same, made where there is none. Inside a transaction. */
  paceOf(kind: JobKind, paceId: number): number
}

/**
 * Jobs that have a host and need our homeserver as well wait for it together: its row stands before
 * those of their hosts, which only share out who is at work.
 */
export function createGate(database: Database): Gate {
  const get = database.prepare<[string], Row>(
    `select id, failures, blocked_until from pace where kind = ? and host = ''`,
  )
  const add = database.prepare<[string]>(
    `insert into pace (kind, host, next_at) values (?, '', ${never}) on conflict do nothing`,
  )
  const running = database.prepare<[string], { found: number }>(
    `select 1 as found from lane indexed by lane_lease where lease > 0 and kind = ? limit 1`,
  )
  const rowOf = (kind: JobKind): Row | undefined =>
    isForHomeserver(kind) ? get.get(kind) : undefined
  const isTried = (kind: JobKind, { failures }: Row): boolean =>
    failures >= patience && running.get(kind) !== undefined
  return {
    room(kind, wanted, now) {
      const row = rowOf(kind)
      if (row === undefined) return wanted
      if (row.blocked_until > now || isTried(kind, row)) return 0
      return row.failures >= patience ? Math.min(wanted, 1) : wanted
    },
    opensAt(kind) {
      const row = rowOf(kind)
      if (row === undefined) return 0
      return isTried(kind, row) ? never : row.blocked_until
    },
    find: (kind, paceId) => (isForHomeserver(kind) ? rowOf(kind)?.id : paceId),
    paceOf(kind, paceId) {
      if (!isForHomeserver(kind)) return paceId
      const known = rowOf(kind)
      if (known !== undefined) return known.id
      add.run(kind)
      return rowOf(kind)?.id ?? paceId
    },
  }
}
