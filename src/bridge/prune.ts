import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { type PruneKind, pruneKinds } from '../model/prune.ts'

/** Looked at in one step, so that none takes longer than a request may wait. A host that goes is looked for among all lanes. */
const stepSizes: Readonly<Record<PruneKind, number>> = {
  accounts: 100,
  servers: 200,
  hosts: 50,
  files: 200,
}
/** The pause until the next step, milliseconds: others go on between. */
const pause = 5
/** Steps of one job; the next one goes on where it ended. */
const mostSteps = 200

/** Where a walk over all kinds stands. */
export type Place = { readonly kind: PruneKind; readonly after?: string }

/** Upkeep: removes what can be had again; absent, `at` is the beginning. */
export type Prune = { readonly type: 'prune'; readonly day: number; readonly at?: Place }

type Walk = {
  /** Only what nobody used since then, milliseconds since the epoch. */
  readonly before: number
  readonly isDry: boolean
  readonly from?: Place
  readonly mostSteps?: number
}

type Walked = {
  readonly counts: Readonly<Record<PruneKind, number>>
  /** Where it stopped before the end. */
  readonly next?: Place
}

function behind(kind: PruneKind, after: string | undefined): Place | undefined {
  if (after !== undefined) return { kind, after }
  const next = pruneKinds[pruneKinds.indexOf(kind) + 1]
  return next === undefined ? undefined : { kind: next }
}

/**
 * Walks over everything that can be had again, step by step, and removes what nobody used since
 * `before`, or only counts it. Safe to run again from any place.
 */
export async function walkPrunable(walk: Walk, { store, clock }: Deps): Promise<Walked> {
  const { before, isDry, from = { kind: pruneKinds[0] }, mostSteps: most = Infinity } = walk
  const counts = { accounts: 0, servers: 0, hosts: 0, files: 0 }
  let place: Place | undefined = from
  for (let steps = 0; place !== undefined && steps < most; steps += 1) {
    if (steps > 0) await clock.sleep(pause)
    const { kind }: Place = place
    const { count, next } = await store.prune({
      ...{ ...place, before, isDry },
      ...{ limit: stepSizes[kind], now: clock.now() },
    })
    counts[kind] += count
    place = behind(kind, next)
  }
  return { counts, ...(place === undefined ? {} : { next: place }) }
}

/** One walk a day, whatever it takes: each place of it is one job. */
export function pruneJob(day: number, at?: Place): Change {
  const payload: Prune = { type: 'prune', day, ...(at === undefined ? {} : { at }) }
  const job = {
    kind: 'upkeep',
    key: ['prune', day, at?.kind ?? '', at?.after ?? ''].join(' ').trim(),
    lane: 'upkeep:prune',
    payload: JSON.stringify(payload),
  } as const
  return { change: 'enqueue', job }
}

/** Does one job of a walk. Safe to run again. */
export async function prune({ day, at }: Prune, deps: Deps): Promise<readonly Change[]> {
  const { pruneAfter, clock, log } = deps
  if (pruneAfter === undefined) return []
  const before = clock.now() - pruneAfter
  const from = at === undefined ? {} : { from: at }
  const { counts, next } = await walkPrunable({ before, isDry: false, ...from, mostSteps }, deps)
  if (Object.values(counts).some((count) => count > 0)) log.info(counts, 'pruned')
  return next === undefined ? [] : [pruneJob(day, next)]
}
