import type { Database } from '../store/database.ts'
import type { Clock } from '../model/clock.ts'
import type { JobKind } from '../model/job.ts'
import { never } from './enqueue.ts'
import type { Gate } from './gate.ts'
import { fates } from './fates.ts'
import type { Queue } from './queue.ts'

type Waiting = { kind: JobKind; waiting: number; oldest: number }

/** Own work. */
type Own = { waiting: number; oldest: number | null; planned: number }

type Failing = {
  kind: JobKind
  host: string
  failing_since: number
  failing_days: number
  next_try: number
}

type Busy = {
  kind: JobKind
  host: string
  waiting: number
  oldest: number
  failing_since: number | null
  next_try: number
}

type World = { readonly database: Database; readonly clock: Clock }

function depths({ database, clock }: World): Pick<Queue, 'depth'> {
  const waiting = database.prepare<[], Waiting>(
    'select kind, count(*) as waiting, min(added_at) as oldest from job group by kind',
  )
  // It may have a time, and waits only from then on; a try that failed has a later one.
  const own = database.prepare<[number], Own>(
    `select count(*) filter (where is_planned) as planned,
       count(*) filter (where not is_planned) as waiting,
       min(since) filter (where not is_planned) as oldest
     from (select iif(last_error is null, max(added_at, run_at), added_at) as since,
         last_error is null and run_at > ? as is_planned
       from job where kind = 'upkeep')`,
  )
  const failed = database.prepare<[], { kind: JobKind; failed: number }>(
    'select kind, count(*) as failed from failed_job group by kind',
  )
  return {
    async depth() {
      const kinds: readonly JobKind[] = ['activity', 'event', 'delivery', 'upkeep']
      const upkeep = own.get(clock.now())
      const waits = new Map<JobKind, Own | Waiting | undefined>([
        ...waiting.all().map((row) => [row.kind, row] as const),
        ['upkeep', upkeep],
      ])
      const fails = new Map(failed.all().map((row) => [row.kind, row.failed]))
      return kinds.map((kind) => {
        const { waiting = 0, oldest = null } = waits.get(kind) ?? {}
        const counts = { kind, waiting, failed: fails.get(kind) ?? 0 }
        const since = oldest === null ? {} : { oldest }
        const isLater = kind === 'upkeep' && upkeep !== undefined && upkeep.planned > 0
        return { ...counts, ...since, ...(isLater ? { planned: upkeep.planned } : {}) }
      })
    },
  }
}

/** What waits and what came of it, for people, metrics and the worker's sleep. */
export function overviews(
  { database, clock }: World,
  gate: Gate,
): Pick<Queue, 'depth' | 'busiest' | 'failing' | 'fateOf' | 'nextDue'> {
  const busiest = database.prepare<[number], Busy>(
    `select pace.kind, pace.host, count(*) as waiting, min(job.added_at) as oldest,
       failing_since, max(blocked_until, paced_until) as next_try
     from job join lane on lane.id = job.lane_id join pace on pace.id = lane.pace_id
     where pace.host <> '' group by pace.id order by waiting desc, pace.host limit ?`,
  )
  const failing = database.prepare<[number], Failing>(
    `select kind, host, failing_since, failing_days, max(blocked_until, paced_until) as next_try
     from pace where failing_since is not null order by failing_since limit ?`,
  )
  const due = database.prepare<[string], { at: number | null }>(
    'select min(next_at) as at from pace where kind = ?',
  )
  return {
    ...fates(database),
    ...depths({ database, clock }),
    async busiest(limit) {
      return busiest.all(limit).map(({ kind, host, waiting, oldest, failing_since, next_try }) => ({
        ...{ kind, host, waiting, oldest },
        ...(failing_since === null ? {} : { failingSince: failing_since, nextTry: next_try }),
      }))
    },
    async failing(limit) {
      return failing.all(limit).map(({ kind, host, failing_since, failing_days, next_try }) => ({
        ...{ kind, host, failingSince: failing_since },
        ...{ failingDays: failing_days, nextTry: next_try },
      }))
    },
    async nextDue(kinds) {
      const at = Math.min(
        ...kinds.map((kind) => Math.max(due.get(kind)?.at ?? never, gate.opensAt(kind))),
      )
      return at >= never ? undefined : at
    },
  }
}
