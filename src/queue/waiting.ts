import type { Database } from '../store/database.ts'
import type { Job, Waiting } from '../model/job.ts'
import { senderHost } from '../model/job.ts'

type WaitingCounts = {
  of(lane: string): Waiting
  /** After the commit that added it. */
  added(job: Pick<Job, 'kind' | 'lane'>): void
  /** After the commit that removed it. */
  ended(job: Pick<Job, 'kind' | 'lane'>): void
}

/**
 * How many activities are not done: every request to an inbox asks. Counted in memory, because the
 * process owns its queue; counts that the database kept would cost each activity 30 µs.
 */
export function createWaiting(database: Database): WaitingCounts {
  const lanes = new Map<string, number>()
  const hosts = new Map<string, number>()
  let all = 0
  const count = (lane: string, change: number): void => {
    change = Math.max(change, -(lanes.get(lane) ?? 0))
    bring(lanes, lane, change)
    bring(hosts, senderHost(lane), change)
    all += change
  }
  const waiting = database.prepare<[], { lane: string; n: number }>(
    `select lane, count(*) as n from job where kind = 'activity' group by lane`,
  )
  for (const { lane, n } of waiting.all()) count(lane, n)
  return {
    of: (lane) => ({ lane: lanes.get(lane) ?? 0, host: hosts.get(senderHost(lane)) ?? 0, all }),
    added({ kind, lane }) {
      if (kind === 'activity') count(lane, 1)
    },
    ended({ kind, lane }) {
      if (kind === 'activity') count(lane, -1)
    },
  }
}

/** Names that count nothing are not kept: anybody may make up another one. */
function bring(counts: Map<string, number>, name: string, change: number): void {
  const count = (counts.get(name) ?? 0) + change
  if (count > 0) counts.set(name, count)
  else counts.delete(name)
}
