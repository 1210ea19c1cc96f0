import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { accountJob } from './account-work.ts'
import { greetJob, longOutage } from './greet.ts'
import { triesOnce } from '../model/server.ts'

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

type Outage = {
  /** When we were last there. */
  readonly gone: number
  /** Nearly everybody tries again what did not come. */
  readonly isShort: boolean
}

/** What is over now; undefined where there was none. A process that begins was away, however shortly. */
async function outageIn({ store, clock }: World, isStart: boolean): Promise<Outage | undefined> {
  const last = await store.findMark(aliveMark)
  if (last === undefined) return undefined
  const isShort = clock.now() - Number(last) < shortestOutage
  return isShort && !isStart ? undefined : { gone: Number(last), isShort }
}

/** Whether what that host had to say may not have come. */
function missing({ store }: World, { isShort }: Outage): (host: string) => Promise<boolean> {
  const known = new Map<string, boolean>()
  return async (host) => {
    if (!isShort) return true
    const found = known.get(host) ?? triesOnce((await store.findServer(host))?.software)
    known.set(host, found)
    return found
  }
}

/** A job for each account that somebody here follows; answers how many there are. */
async function readBack(outage: Outage, world: World): Promise<number> {
  const { store, clock } = world
  const now = clock.now()
  const since = Math.max(outage.gone - margin, now - longestBack)
  const mayMiss = missing(world, outage)
  const turns = new Map<string, number>()
  let count = 0
  let accounts = await store.followedAccounts(undefined, atOnce)
  while (accounts.length > 0) {
    const jobs: Change[] = []
    for (const actorId of accounts) {
      const { host } = new URL(actorId)
      if (!(await mayMiss(host))) continue
      const turn = turns.get(host) ?? 0
      turns.set(host, turn + 1)
      const job = accountJob({ type: 'catch-up', actorId, since }, String(outage.gone))
      jobs.push({ change: 'enqueue', job: { ...job, runAt: now + turn * pace } })
    }
    await store.commit(jobs)
    count += jobs.length
    accounts = await store.followedAccounts(accounts.at(-1), atOnce)
  }
  return count
}

/**
 * After an outage: one job for each account that somebody here follows reads back what it published
 * meanwhile; after a start that was none, for those alone whose servers do not try again. Comes before
 * anything new is taken in, so that those jobs are first in their lanes.
 */
export async function planCatchUp(world: World, isStart = true): Promise<void> {
  const { store, clock, log } = world
  const outage = await outageIn(world, isStart)
  if (outage !== undefined) {
    const { gone, isShort } = outage
    const accounts = await readBack(outage, world)
    if (clock.now() - gone >= longOutage) await store.commit([greetJob({ gone })])
    if (!isShort || accounts > 0)
      log.info({ since: new Date(gone).toISOString(), accounts }, 'reading back what was missed')
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
      await planCatchUp(world, false)
    } catch (error) {
      // A full disk, perhaps: the next minute tries again.
      world.log.warn({ error: String(error) }, 'could not note that we are there')
    }
  }
}
