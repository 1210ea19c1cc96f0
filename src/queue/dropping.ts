import type { Change } from '../model/change.ts'
import type { Database, Row } from '../store/database.ts'
import type { Clock } from '../model/clock.ts'
import type { Hosts } from './hosts.ts'
import type { Lanes } from './lanes.ts'
import type { Memory } from './memory.ts'
import { jobHash } from './enqueue.ts'
import type { Queue } from './queue.ts'
import { toJob } from './rows.ts'

export type DroppingDeps = {
  readonly database: Database
  readonly lanes: Lanes
  readonly memory: Memory
  readonly applyChanges: (changes: readonly Change[]) => void
  readonly hosts: Hosts
  readonly clock: Pick<Clock, 'now'>
}

type Wanted = { readonly kind: string; readonly host: string; readonly limit: number }

/** What waits for one host, and its end without being done. */
export function dropping(
  deps: DroppingDeps,
): Pick<Queue, 'isUnavailable' | 'waitingAt' | 'waitingAfter' | 'drop'> {
  const { database, lanes, memory, applyChanges, hosts, clock } = deps
  // Whoever is at work has the head of its lane.
  const waiting = database.prepare<[Wanted], Row<'job'>>(
    `select job.* from (
       select lane.id as opened, null as busy from pace join lane on lane.pace_id = pace.id
         where pace.kind = @kind and pace.host = @host and lease is null
       union all
       select lane.id, lane.head from pace join lane on lane.pace_id = pace.id
         where pace.kind = @kind and pace.host = @host and lease is not null)
     cross join job on job.lane_id = opened
     where busy is not job.id order by job.id limit @limit`,
  )
  const after = database.prepare<[number, string, number], Row<'job'>>(
    'select * from job where id > ? and kind = ? order by id limit ?',
  )
  const find = database.prepare<[number], { laneId: number; paceId: number; isHead: number }>(
    `select lane.id as laneId, pace_id as paceId, lane.head = job.id as isHead
     from job join lane on lane.id = job.lane_id
     where job.id = ? and (lane.lease is null or lane.head <> job.id)`,
  )
  const remove = database.prepare<[number]>('delete from job where id = ?')
  return {
    isUnavailable: async (host) => hosts.isUnavailable(host, clock.now()),
    async waitingAt(kind, host, limit) {
      return waiting.all({ kind, host, limit }).map(toJob)
    },
    async waitingAfter(kind, id, limit) {
      return after.all(id, kind, limit).map(toJob)
    },
    async drop(jobs, changes) {
      return database.commit(() => {
        applyChanges(changes)
        const paces = new Set<number>()
        let dropped = 0
        for (const { id, kind, key } of jobs) {
          const row = find.get(id)
          if (row === undefined) continue
          remove.run(id)
          memory.remember(jobHash(kind, key), clock.now(), 'dropped')
          if (row.isHead === 1) lanes.advance(row.laneId)
          paces.add(row.paceId)
          dropped += 1
        }
        for (const paceId of paces) lanes.settle(paceId)
        return dropped
      })
    },
  }
}
