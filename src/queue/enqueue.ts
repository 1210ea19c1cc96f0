import { createHash } from 'node:crypto'
import type { Database } from '../store/database.ts'
import type { JobKind, NewJob } from '../model/job.ts'

/** Later than every time: nothing of that host may be claimed now. */
export const never = Number.MAX_SAFE_INTEGER

/** How a job is remembered: 16 bytes instead of two URLs, which is what fills a month. */
export const jobHash = (kind: JobKind, key: string): Buffer =>
  createHash('sha256').update(`${kind} ${key}`).digest().subarray(0, 16)

export type Enqueue = {
  /** Adds a job unless its (kind, key) is known; says whether it did. Inside a transaction. */
  add(job: NewJob, now: number): boolean
  /** Makes jobs that wait for this id due, also those that are just about to wait for it. Inside a transaction. */
  release(waitsFor: string, now: number): void
}

/** The two operations of the queue that the store's transactions need. */
export function createEnqueue(database: Database): Enqueue {
  return { add: adding(database), release: releasing(database) }
}

function adding(database: Database): Enqueue['add'] {
  const isKnown = database.prepare<[Buffer, Buffer], { known: number }>(
    'select 1 as known from job where hash = ? union all select 1 from done where hash = ?',
  )
  const findLane = database.prepare<[string, string], { id: number }>(
    'select id from lane where kind = ? and name = ?',
  )
  const addLane = database.prepare<[string, string, number, number], { id: number }>(
    `insert into lane (kind, name, pace_id, head, ready_at)
     values (?, ?, ?, (select coalesce(max(seq), 0) + 1 from sqlite_sequence where name = 'job'), ?)
     returning id`,
  )
  // A new lane may make its host due earlier, but never before a block of the host ends.
  const addPace = database.prepare<[string, string, number, number, number | null], { id: number }>(
    `insert into pace (kind, host, next_at, every) values (?, ?, ?, ?)
     on conflict (kind, host) do update
       set next_at = min(next_at, max(excluded.next_at, blocked_until, paced_until)),
         every = coalesce(?, every)
     returning id`,
  )
  const addJob = database.prepare<
    [Buffer, string, string, number, string, string | null, number, number, string, string | null]
  >(
    `insert into job (hash, kind, key, lane_id, lane, host, run_at, added_at, payload, trace)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return ({ kind, key, lane, host, payload, runAt, every, trace }, now) => {
    const hash = jobHash(kind, key)
    if (isKnown.get(hash, hash) !== undefined) return false
    const due = runAt ?? now
    const laneId = findLane.get(kind, lane)?.id ?? newLane(due)
    addJob.run(hash, kind, key, laneId, lane, host ?? null, due, now, payload, trace ?? null)
    return true

    function newLane(readyAt: number): number {
      const paceId = addPace.get(kind, host ?? '', readyAt, every ?? 0, every ?? null)?.id
      const id = paceId && addLane.get(kind, lane, paceId, readyAt)?.id
      if (!id) throw new Error('insert returned no row')
      return id
    }
  }
}

function releasing(database: Database): Enqueue['release'] {
  const remember = database.prepare<[string, number]>(
    'insert into released (waits_for, at) values (?, ?)',
  )
  const free = database.prepare<[number, string], { lane_id: number }>(
    `update job set run_at = ?, waits_for = null where waits_for = ? returning lane_id`,
  )
  const ready = database.prepare<[number, number], { pace_id: number }>(
    'update lane set ready_at = ? where id = ? returning pace_id',
  )
  const wake = database.prepare<[number, number]>(
    'update pace set next_at = min(next_at, max(?, blocked_until, paced_until)) where id = ?',
  )
  return (waitsFor, now) => {
    remember.run(waitsFor, now)
    for (const { lane_id } of free.all(now, waitsFor)) {
      const pace = ready.get(now, lane_id)
      if (pace !== undefined) wake.run(now, pace.pace_id)
    }
  }
}
