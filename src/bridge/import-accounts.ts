import type { EventId } from '../model/ids.ts'
import type { Action } from '../model/action.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Import, ImportCounts, ImportRow } from '../model/import.ts'
import type { JobResult } from '../model/job-result.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { parseTarget } from '../model/names.ts'
import { blockAccount } from './block-account.ts'
import { blockBetween } from './blocks.ts'
import { suspensionOf } from './domain-blocks.ts'
import { requestFollow } from './follows.ts'
import { keepNewest } from './ghosts.ts'
import { importReport, paces, showProgress } from './import-notices.ts'
import { perform } from './perform.ts'
import { askedEnough } from './user-limits.ts'

/** Goes on with a list that somebody brought; payload of an `upkeep` job. `pass`: whose servers were away comes again. */
export type ImportWork = { readonly type: 'import'; readonly id: EventId; readonly pass: number }

/** When servers that were away are tried again, milliseconds after the rest of the list. */
const laterPasses = [600_000, 3_600_000, 6 * 3_600_000]
const mostRows = 10_000

export function importJob(id: EventId, pass: number, runAt?: number): Change {
  const job = {
    kind: 'upkeep',
    key: `import ${id} ${String(pass)}`,
    lane: `upkeep:import ${id}`,
    payload: JSON.stringify({ type: 'import', id, pass } satisfies ImportWork),
    ...(runAt === undefined ? {} : { runAt }),
  } as const
  return { change: 'enqueue', job }
}

type Ended = Pick<ImportRow, 'state' | 'reason'>

const failed = (reason: string): Ended => ({ state: 'failed', reason })

/** The account that a line names, or why there is none. Throws `TransientError` while its server is away. */
async function findAccount(text: string, deps: Deps): Promise<RemoteActor | Ended> {
  const target = parseTarget(text)
  if (target === undefined) return failed('is no address')
  const { handleDomain, publicUrl } = deps.identity
  const host = 'url' in target ? new URL(target.url).host : target.host
  if (host === handleDomain || host === new URL(publicUrl).host) return failed('is on this server')
  if ((await suspensionOf(`https://${host}`, deps)) !== undefined)
    return failed('is on a server that is blocked here')
  try {
    const since = deps.clock.now()
    const actor = await deps.fediverse.lookup(target)
    if ((await deps.store.findLocalActor(actor.id)) !== undefined)
      return failed('is on this server')
    return await keepNewest(actor, since, deps)
  } catch (error) {
    if (error instanceof RejectedError) return failed('leads to no account')
    const isAway = error instanceof TransientError && error.of === 'remote'
    const known =
      isAway && !('url' in target) ? await deps.store.findRemoteActorByHandle(target) : undefined
    if (known === undefined) throw error
    return known
  }
}

type Asking = { readonly owner: LocalActor; readonly one: Import; readonly row: ImportRow }

async function actionsFor(
  target: RemoteActor,
  { owner, one, row }: Asking,
  deps: Deps,
): Promise<readonly Action[] | Ended> {
  if (one.kind === 'blocks') {
    const isBlocked = (await deps.store.findBlock(owner.id, target.id)) !== undefined
    return isBlocked ? [] : blockAccount(owner, target, deps)
  }
  const block = await blockBetween(owner.id, target.id, deps)
  if (block !== undefined)
    return failed(block.blocker === owner.id ? 'is blocked by you' : 'has blocked you')
  // Where it is read already, it stays.
  if ((await deps.store.findFollow(owner.id, target.id)) !== undefined) return []
  const shownIn = one.isInRooms ? 'room' : 'home'
  const wishes = { withReplies: false, withBoosts: row.withBoosts, shownIn, deps } as const
  const request = await requestFollow(owner, target, wishes)
  if (request.result === 'too-often') throw new TransientError(request.text)
  return request.actions
}

/** Of hundreds of answers, the report at the end tells: each by itself counts as told. */
const quiet = (actions: readonly Action[], { clock }: Deps): readonly Change[] =>
  actions.flatMap((action) =>
    action.do === 'publish' && action.activity.type === 'follow'
      ? ['accepted', 'unanswered'].map((kind): Change => {
          const key = `told ${kind} ${action.activity.id}`
          return { change: 'mark', key, value: '', at: clock.now() }
        })
      : [],
  )

/** What came of one line; undefined: its server is away. */
async function endOf(
  asking: Asking,
  deps: Deps,
): Promise<{ readonly ended: Ended; readonly changes: readonly Change[] } | undefined> {
  try {
    const target = await findAccount(asking.row.account, deps)
    if ('state' in target) return { ended: target, changes: [] }
    const actions = await actionsFor(target, asking, deps)
    if ('state' in actions) return { ended: actions, changes: [] }
    const changes = await perform(actions, { isRepeated: true }, deps)
    return { ended: { state: 'done' }, changes: [...changes, ...quiet(actions, deps)] }
  } catch (error) {
    if (error instanceof TransientError && error.of === 'remote') return undefined
    throw error
  }
}

const endRow = ({ one, row }: Asking, ended: Ended): Change => ({
  ...{ change: 'end-import-row', id: one.id, position: row.position },
  ...ended,
})

/** One account, and the answer to it, in one commit. */
async function doRow(asking: Asking, pass: number, deps: Deps): Promise<void> {
  const isLast = pass >= laterPasses.length
  const end = await endOf(asking, deps)
  const away: Ended = isLast ? failed('is on a server that does not answer') : { state: 'away' }
  await deps.store.commit([...(end?.changes ?? []), endRow(asking, end?.ended ?? away)])
}

/** Those whose servers were away come again, later; with none of them left, it is over. */
async function endPass(
  one: Import,
  { pass, counts }: { readonly pass: number; readonly counts: ImportCounts },
  deps: Deps,
): Promise<readonly Change[]> {
  const away = await deps.store.importRows(one.id, 'away', mostRows)
  const now = deps.clock.now()
  const pause = laterPasses[pass]
  if (away.length > 0 && pause !== undefined)
    return [
      ...away.map(({ position }): Change => ({
        ...{ change: 'end-import-row', id: one.id, position, state: 'waiting' },
      })),
      importJob(one.id, pass + 1, now + pause),
    ]
  return [{ change: 'end-import', id: one.id, at: now }, await importReport(one, counts, deps)]
}

/**
 * Does one line of the list, and waits off the lane until the next one's time. What was done is
 * committed before: a crash repeats one account at most, which is no second follow.
 */
export async function doImport(
  { id, pass }: ImportWork,
  attempt: Attempt,
  deps: Deps,
): Promise<JobResult> {
  const one = await deps.store.findImport(id)
  const owner = one && (await deps.store.findLocalActorByUser(one.userId))
  if (one === undefined || owner === undefined || one.endedAt !== undefined)
    return { outcome: 'done', changes: [] }
  const [row] = await deps.store.importRows(id, 'waiting', 1)
  const counts = await deps.store.countImport(id)
  await showProgress(one, counts, { attempt, deps })
  if (row === undefined)
    return { outcome: 'done', changes: await endPass(one, { pass, counts }, deps) }
  const enough = one.kind === 'follows' ? await askedEnough(owner, deps) : undefined
  if (enough !== undefined)
    return { park: { until: enough.nextAt, reason: 'as many follows as may be within an hour' } }
  await doRow({ owner, one, row }, pass, deps)
  return { park: { until: deps.clock.now() + paces[one.kind], reason: 'the next account' } }
}

/** The user hears where it stopped. */
export const stopImport = (id: EventId, deps: Deps): readonly Change[] => [
  { change: 'end-import', id, at: deps.clock.now() },
]
