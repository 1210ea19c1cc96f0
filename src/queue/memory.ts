import type { Database } from '../store/database.ts'
import type { Undone } from '../model/job.ts'

const day = 24 * 60 * 60 * 1000
/** How long a finished job's key is known. */
const remembered = 30 * day
/** Longer than any claim lives: a release is looked for only by a claim older than it. */
const releaseRemembered = day
/** Rows looked at per step, and ends of jobs per step: the walk is faster than the growth. */
const stepRows = 256
const stepEvery = 64

export type Memory = {
  /** Remembers a job that ended, and now and then forgets a few old ones. Inside a transaction. */
  remember(hash: Buffer, now: number, fate?: Undone): void
  wasReleased(waitsFor: string, since: number): boolean
}

/** The keys of finished jobs, pruned by walking round the table: no index by time is needed. */
export function createMemory(database: Database): Memory {
  const add = database.prepare<[Buffer, number, Undone | null]>(
    `insert into done (hash, at, fate) values (?, ?, ?)
     on conflict (hash) do update set at = excluded.at, fate = excluded.fate`,
  )
  const end = database.prepare<[Buffer, number], { hash: Buffer }>(
    'select hash from done where hash > ? order by hash limit 1 offset ?',
  )
  const prune = database.prepare<[Buffer, Buffer, number]>(
    'delete from done where hash > ? and hash <= ? and at < ?',
  )
  const pruneReleased = database.prepare<[number, number]>(
    `delete from released where seq in (select seq from released order by seq limit ?) and at < ?`,
  )
  const released = database.prepare<[string, number], { seq: number }>(
    'select seq from released where waits_for = ? and seq > ? limit 1',
  )
  const first = Buffer.alloc(0)
  const last = Buffer.alloc(16, 0xff)
  let cursor: Buffer = first
  let ends = 0
  return {
    remember(hash, now, fate) {
      add.run(hash, now, fate ?? null)
      ends += 1
      if (ends % stepEvery !== 0) return
      const to = end.get(cursor, stepRows - 1)?.hash
      prune.run(cursor, to ?? last, now - remembered)
      cursor = to ?? first
      pruneReleased.run(stepRows, now - releaseRemembered)
    },
    wasReleased: (waitsFor, since) => released.get(waitsFor, since) !== undefined,
  }
}
