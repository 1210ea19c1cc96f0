import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { accountJob } from './account-work.ts'
import { greetJob, longOutage } from './greet.ts'

/** Says when we were last there to hear the fediverse. */
const aliveMark = 'alive'
const interval = 60_000
/** Who could not reach us for less than this tries again, nearly everywhere; milliseconds. */
const shortestOutage = 3 * interval
/** What was on its way to us when we went. */
const margin = 600_000
/** Older news are none. */
const longestBack = 14 * 86_400_000
/** Between two accounts of one server: its outboxes are asked for one after another. */
const pace = 2_000
const atOnce = 500

type World = Pick<Deps, 'store' | 'clock' | 'log'>

const alive = ({ clock }: Pick<World, 'clock'>): Change => ({
  change: 'mark',
  key: aliveMark,
  value: String(clock.now()),
  at: clock.now(),
})

/** An outage, if there was none: since we were last there nobody here knows what happened. */
export async function alreadyGone({
  store,
  clock,
}: Pick<World, 'store' | 'clock'>): Promise<readonly Change[]> {
  const last = await store.findMark(aliveMark)
  if (last === undefined) return []
  const value = String(Math.min(Number(last), clock.now() - shortestOutage))
  return [{ change: 'mark', key: aliveMark, value, at: clock.now() }]
}

/** When an outage began that is over now; undefined where there was none. */
async function outageSince({ store, clock }: World): Promise<number | undefined> {
  const last = await store.findMark(aliveMark)
  if (last === undefined || clock.now() - Number(last) < shortestOutage) return undefined
  return Number(last)
}

/**
 * After an outage: one job for each account that somebody here follows reads back what it published
 * meanwhile. Comes before anything new is taken in, so that those jobs are first in their lanes.
 */
export async function planCatchUp(world: World): Promise<void> {
  const { store, clock, log } = world
  const gone = await outageSince(world)
  if (gone !== undefined) {
    const now = clock.now()
    const since = Math.max(gone - margin, now - longestBack)
    const turns = new Map<string, number>()
    let accounts = await store.followedAccounts(undefined, atOnce)
    let count = 0
    while (accounts.length > 0) {
      const jobs = accounts.map((actorId): Change => {
        const { host } = new URL(actorId)
        const turn = turns.get(host) ?? 0
        turns.set(host, turn + 1)
        const job = accountJob({ type: 'catch-up', actorId, since }, String(gone))
        return { change: 'enqueue', job: { ...job, runAt: now + turn * pace } }
      })
      await store.commit(jobs)
      count += jobs.length
      accounts = await store.followedAccounts(accounts.at(-1), atOnce)
    }
    if (now - gone >= longOutage) await store.commit([greetJob({ gone })])
    log.info(
      { since: new Date(gone).toISOString(), accounts: count },
      'reading back what was missed',
    )
  }
  await store.commit([alive(world)])
}

/**
 * Notes every minute that we are there, until `signal` aborts, and once more then. A machine that slept
 * meanwhile was away as well.
 */
export async function stayAlive(world: World, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await world.clock.sleep(interval, signal)
    try {
      await planCatchUp(world)
    } catch (error) {
      // A full disk, perhaps: the next minute tries again.
      world.log.warn({ error: String(error) }, 'could not note that we are there')
    }
  }
}
