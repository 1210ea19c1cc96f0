import type { Database } from '../store/database.ts'
import type { JobKind } from '../model/job.ts'
import { never } from './enqueue.ts'
import type { Gate } from './gate.ts'
import type { Queue } from './queue.ts'

type Waiting = { kind: JobKind; waiting: number; oldest: number }

/** What waits, for metrics and for the worker's sleep. */
export function overviews(database: Database, gate: Gate): Pick<Queue, 'depth' | 'nextDue'> {
  const waiting = database.prepare<[], Waiting>(
    'select kind, count(*) as waiting, min(added_at) as oldest from job group by kind',
  )
  const failed = database.prepare<[], { kind: JobKind; failed: number }>(
    'select kind, count(*) as failed from failed_job group by kind',
  )
  const due = database.prepare<[string], { at: number | null }>(
    'select min(next_at) as at from pace where kind = ?',
  )
  return {
    async depth() {
      const kinds: readonly JobKind[] = ['activity', 'event', 'delivery', 'upkeep']
      const waits = new Map(waiting.all().map((row) => [row.kind, row]))
      const fails = new Map(failed.all().map((row) => [row.kind, row.failed]))
      return kinds.map((kind) => {
        const row = waits.get(kind)
        const counts = { kind, waiting: row?.waiting ?? 0, failed: fails.get(kind) ?? 0 }
        return row === undefined ? counts : { ...counts, oldest: row.oldest }
      })
    },
    async nextDue(kinds) {
      const at = Math.min(
        ...kinds.map((kind) => Math.max(due.get(kind)?.at ?? never, gate.opensAt(kind))),
      )
      return at >= never ? undefined : at
    },
  }
}
