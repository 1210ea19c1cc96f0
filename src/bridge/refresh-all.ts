import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'

/** One sweep over all accounts, in steps: payload of an `upkeep` job. */
export type RefreshAll = {
  readonly type: 'refresh-all'
  /** Which sweep, counted from 1970. */
  readonly sweep: number
  /** Accounts up to that one have been looked at. */
  readonly after?: ActorId
}

const hour = 3_600_000
/** From sweep to sweep. Each looks at an account as long after its beginning as the one before. */
const between = 6 * hour
/**
 * Profiles that are younger can wait for the next sweep, and are then 22 hours old at most. The rest of the
 * day is for new accounts that come before them in a sweep, and for their server to answer.
 */
const freshFor = 16 * hour
const atOnce = 200
/** Between the steps. A sweep may take longer than until the next: they overlap. */
const pause = 300_000

function stepJob(work: Omit<RefreshAll, 'type'>, runAt: number): Change {
  const { sweep, after = '' } = work
  const job = {
    kind: 'upkeep',
    key: `refresh all ${sweep} ${after}`,
    lane: 'upkeep:refresh all',
    payload: JSON.stringify({ type: 'refresh-all', ...work } satisfies RefreshAll),
    runAt,
  } as const
  return { change: 'enqueue', job }
}

/** The job that begins the next sweep. One for each: its key is known for longer. */
export function refreshAllJob(now: number): Change {
  const sweep = Math.floor(now / between) + 1
  return stepJob({ sweep }, sweep * between)
}

const refetchJob = (actorId: ActorId, sweep: number): Change => ({
  change: 'enqueue',
  job: {
    kind: 'upkeep',
    key: `refetch sweep ${actorId} ${sweep}`,
    lane: `upkeep:refetch ${actorId}`,
    host: new URL(actorId).host,
    payload: JSON.stringify({ type: 'refetch', actorId }),
  },
})

/**
 * Has the profiles of all accounts fetched again that have spoken here, each at most 24 hours after the last
 * time: what they wish may have changed without a word to us. Safe to run again.
 */
export async function refreshAll(
  { sweep, after }: RefreshAll,
  { store, clock }: Pick<Deps, 'clock'> & { readonly store: Pick<Deps['store'], 'shownAccounts'> },
): Promise<readonly Change[]> {
  const now = clock.now()
  const accounts = await store.shownAccounts(after, atOnce)
  const last = accounts.length < atOnce ? undefined : accounts.at(-1)
  return [
    ...accounts
      .filter(({ fetchedAt }) => fetchedAt < now - freshFor)
      .map(({ actorId }) => refetchJob(actorId, sweep)),
    ...(last === undefined ? [] : [stepJob({ sweep, after: last.actorId }, now + pause)]),
    ...(after === undefined ? [refreshAllJob(now)] : []),
  ]
}
