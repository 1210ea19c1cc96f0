import type { Database, Row } from '../store/database.ts'
import type { Job, JobKind } from '../model/job.ts'
import { lease } from './queue.ts'
import { never } from './enqueue.ts'
import type { Gate } from './gate.ts'
import type { Lanes } from './lanes.ts'
import { patience } from './retry.ts'
import { toJob } from './rows.ts'

export type Claim = {
  /** Whether a claim would find anything to do: a read, where a claim is a transaction. */
  isDue(kind: JobKind, now: number): boolean
  claim(request: ClaimRequest): Job[]
  renew(jobs: readonly Job[], now: number): void
  reclaimAll(): number
}

export type ClaimRequest = {
  readonly kind: JobKind
  readonly limit: number
  readonly perHost: number
  readonly now: number
}

type Pace = {
  readonly id: number
  readonly host: string
  readonly failures: number
  readonly every: number
}

/**
 * Hosts by `next_at`, then the lanes of each by `ready_at`: both are ends of an index, so a claim
 * costs the same whatever waits. A host that has its share at work sleeps (`next_at` never) until
 * one of its jobs ends.
 */
export function createClaim(database: Database, lanes: Lanes, gate: Gate): Claim {
  const due = database.prepare<[string, number], { due: number }>(
    'select exists (select 1 from pace where kind = ? and next_at <= ?) as due',
  )
  const late = database.prepare<[number], { late: number }>(
    'select exists (select 1 from lane where lease is not null and lease <= ?) as late',
  )
  const duePaces = database.prepare<[string, number, number], Pace>(
    `select id, host, failures, every from pace where kind = ? and next_at <= ?
     order by next_at, id limit ?`,
  )
  const running = database.prepare<[number], { n: number }>(
    'select count(*) as n from lane where pace_id = ? and lease is not null',
  )
  const sleep = database.prepare<[number]>(`update pace set next_at = ${never} where id = ?`)
  const space = database.prepare<[number, number]>('update pace set paced_until = ? where id = ?')
  const take = taking(database)
  const expire = expiring(database, lanes)

  const claimOf = (pace: Pace, { now, perHost }: ClaimRequest, wanted: number): Job[] => {
    const share = pace.failures >= patience ? 1 : pace.host === '' ? Infinity : perHost
    const free = share === Infinity ? wanted : share - (running.get(pace.id)?.n ?? 0)
    const atOnce = pace.every > 0 ? 1 : wanted
    const jobs = free > 0 ? take(pace.id, now, Math.min(free, atOnce)) : []
    if (pace.every > 0 && jobs.length > 0) space.run(now + pace.every, pace.id)
    if (jobs.length >= free && share !== Infinity) sleep.run(pace.id)
    else lanes.settle(pace.id)
    return jobs
  }
  return {
    isDue: (kind, now) =>
      (due.get(kind, now)?.due === 1 && gate.room(kind, 1, now) > 0) || late.get(now)?.late === 1,
    claim(request) {
      const { kind, now } = request
      expire(now)
      const limit = gate.room(kind, request.limit, now)
      const jobs: Job[] = []
      // Every due host gives a job or goes to sleep: the loop ends.
      for (;;) {
        const paces = jobs.length < limit ? duePaces.all(kind, now, limit) : []
        if (paces.length === 0) return jobs
        for (const pace of paces)
          if (jobs.length < limit) jobs.push(...claimOf(pace, request, limit - jobs.length))
      }
    },
    renew: renewing(database, lanes),
    reclaimAll: () => expire(never),
  }
}

function renewing(database: Database, lanes: Lanes): Claim['renew'] {
  const hold = database.prepare<[number, number]>('update lane set lease = ? where id = ?')
  return (jobs, now) => {
    for (const { id, claims } of jobs) {
      const claim = lanes.findClaim(id, claims + 1)
      if (claim !== undefined) hold.run(now + lease, claim.laneId)
    }
  }
}

function taking(database: Database) {
  const lanes = database.prepare<[number, number, number], { id: number; head: number }>(
    `select id, head from lane where pace_id = ? and lease is null and ready_at <= ?
     order by ready_at, head limit ?`,
  )
  // Releases with a higher number than `since` came after the claim: see `park`.
  const hold = database.prepare<[number, number]>(
    `update lane set lease = ?,
       since = (select coalesce(max(seq), 0) from sqlite_sequence where name = 'released')
     where id = ?`,
  )
  const count = database.prepare<[number], Row<'job'>>(
    'update job set claims = claims + 1 where id = ? returning *',
  )
  return (paceId: number, now: number, limit: number): Job[] =>
    lanes.all(paceId, now, limit).map(({ id, head }) => {
      hold.run(now + lease, id)
      const row = count.get(head)
      if (row === undefined) throw new Error(`lane ${id} is led by job ${head}, which is not there`)
      return toJob({ ...row, claims: row.claims - 1 })
    })
}

function expiring(database: Database, lanes: Lanes) {
  const expired = database.prepare<[number], { id: number; pace_id: number }>(
    'select id, pace_id from lane where lease is not null and lease <= ?',
  )
  return (now: number): number => {
    const late = expired.all(now)
    for (const { id, pace_id } of late) {
      lanes.advance(id)
      lanes.settle(pace_id)
    }
    return late.length
  }
}
