import type { Database } from '../store/database.ts'
import { never } from './enqueue.ts'

/** What a claim holds: checked again before it is ended. */
export type Claimed = { readonly laneId: number; readonly paceId: number; readonly since: number }

export type Lanes = {
  /** Undefined: the claim is not the caller's any more. `claims` is the fence. */
  findClaim(jobId: number, claims: number): Claimed | undefined
  /** Frees the lane for its next job, or drops it when it is empty. */
  advance(laneId: number): void
  /** Brings `next_at` of a host up to date: its earliest free lane, but not before its block ends. */
  settle(paceId: number): void
}

/** The bookkeeping that every end of a claim shares. Inside a transaction. */
export function createLanes(database: Database): Lanes {
  const find = database.prepare<[number, number], Claimed>(
    `select lane.id as laneId, pace_id as paceId, since
     from job join lane on lane.id = job.lane_id
     where job.id = ? and job.claims = ? and lane.head = job.id and lane.lease is not null`,
  )
  const next = database.prepare<[number], { id: number; run_at: number }>(
    'select id, run_at from job where lane_id = ? order by id limit 1',
  )
  const lead = database.prepare<[number, number, number]>(
    'update lane set head = ?, ready_at = ?, lease = null where id = ?',
  )
  const drop = database.prepare<[number]>('delete from lane where id = ?')
  const settle = database.prepare<[number, number]>(
    `update pace set next_at = max(blocked_until, paced_until, coalesce(
       (select min(ready_at) from lane where pace_id = pace.id and lease is null), ${never}))
     where id = ? and next_at is not max(blocked_until, paced_until, coalesce(
       (select min(ready_at) from lane where pace_id = ? and lease is null), ${never}))`,
  )
  return {
    findClaim: (jobId, claims) => find.get(jobId, claims),
    advance(laneId) {
      const head = next.get(laneId)
      if (head === undefined) drop.run(laneId)
      else lead.run(head.id, head.run_at, laneId)
    },
    settle: (paceId) => void settle.run(paceId, paceId),
  }
}
