import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'

/** Once a day, in steps: payload of an `upkeep` job. */
export type RefreshAll = {
  readonly type: 'refresh-all'
  /** Which day, by UTC. */
  readonly day: number
  /** Accounts up to that one have been looked at. */
  readonly after?: ActorId
}

const dayInMs = 86_400_000
/** Profiles that are younger are fetched soon enough by the next day's run. */
const freshFor = dayInMs / 2
const atOnce = 200
/** Between the steps: 200 accounts in 5 minutes are 57600 a day. */
const pause = 300_000

/** The job that begins with the accounts behind `after`. */
export function refreshAllJob(work: Omit<RefreshAll, 'type'>, runAt: number): Change {
  const { day, after = '' } = work
  const job = {
    kind: 'upkeep',
    key: `refresh all ${day} ${after}`,
    lane: 'upkeep:refresh all',
    payload: JSON.stringify({ type: 'refresh-all', ...work } satisfies RefreshAll),
    runAt,
  } as const
  return { change: 'enqueue', job }
}

const refetchJob = (actorId: ActorId, day: number): Change => ({
  change: 'enqueue',
  job: {
    kind: 'upkeep',
    key: `refetch daily ${actorId} ${day}`,
    lane: `upkeep:refetch ${actorId}`,
    host: new URL(actorId).host,
    payload: JSON.stringify({ type: 'refetch', actorId }),
  },
})

/**
 * Has the profiles of all accounts fetched again that have spoken here: what they wish may have changed without a word to us. Safe to run again.
 */
export async function refreshAll(
  { day, after }: RefreshAll,
  { store, clock }: Deps,
): Promise<readonly Change[]> {
  const now = clock.now()
  const accounts = await store.shownAccounts(after, atOnce)
  const last = accounts.length < atOnce ? undefined : accounts.at(-1)
  const fetches = accounts
    .filter(({ fetchedAt }) => fetchedAt < now - freshFor)
    .map(({ actorId }) => refetchJob(actorId, day))
  if (last === undefined) return fetches
  return [...fetches, refreshAllJob({ day, after: last.actorId }, now + pause)]
}
