import type { Clock } from '../model/clock.ts'
import type { HostDepth, KindDepth } from '../model/job.ts'
import type { Stats } from '../model/stats.ts'
import type { Gauges } from './meter.ts'

export type CollectDeps = {
  readonly depth: () => Promise<readonly KindDepth[]>
  readonly busiest: (limit: number) => Promise<readonly HostDepth[]>
  readonly stats: (now: number) => Promise<Stats>
  readonly countRows: () => Promise<Readonly<Record<string, number>>>
  readonly countRooms: () => Promise<ReadonlyMap<string, number>>
  readonly databaseSize: () => number
  readonly clock: Pick<Clock, 'now'>
}

/** What takes a walk over whole tables is counted no more often, milliseconds. */
const pause = 300_000
const mostHosts = 1_000

/** Sets what is looked up only when it is asked for. */
export function createCollect(deps: CollectDeps): (gauges: Gauges) => Promise<void> {
  let countedAt = -Infinity
  return async (gauges) => {
    const now = deps.clock.now()
    for (const { kind, waiting, failed, oldest = now } of await deps.depth()) {
      gauges.set('waiting', waiting, { kind })
      gauges.set('failed', failed, { kind })
      gauges.set('oldest', Math.max(now - oldest, 0) / 1_000, { kind })
    }
    const hosts = await deps.busiest(mostHosts)
    const failing = hosts.filter(({ failingSince }) => failingSince !== undefined)
    gauges.set('hosts', failing.length)
    gauges.set('databaseSize', deps.databaseSize())
    if (now - countedAt < pause) return
    countedAt = now
    await count(gauges, now, deps)
  }
}

async function count(gauges: Gauges, now: number, deps: CollectDeps): Promise<void> {
  const { localActors, activeMonth, activeHalfyear } = await deps.stats(now)
  gauges.set('bridgeUsers', localActors)
  gauges.set('bridgeActiveUsers', activeMonth, { within: 'month' })
  gauges.set('bridgeActiveUsers', activeHalfyear, { within: 'half_year' })
  const rows = await deps.countRows()
  gauges.set('bridgeGhosts', rows['ghost'] ?? 0)
  gauges.set('bridgeMessages', rows['mapping'] ?? 0)
  for (const [kind, rooms] of await deps.countRooms()) gauges.set('bridgeRooms', rooms, { kind })
}
