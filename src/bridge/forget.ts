import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { checkLists } from './blocklists.ts'
import { readLists } from './policy-lists.ts'
import { deactivatedJob } from './deactivated.ts'
import { pruneJob } from './prune.ts'
import { refreshAllJob } from './refresh-all.ts'
import { rotateJob } from './rotate-keys.ts'
import { lifeOfMark, passingMarks } from '../model/mark.ts'

const day = 86_400_000
/** As long as the queue remembers what was done: what comes again later is new to it as well. */
const kept = 30 * day
/** A failed job that the admin never looks at must not keep all marks of its time for ever. */
const longestKept = 180 * day
/** Longer than any delivery is tried for. */
const inTransit = 7 * day
/** Reports that were closed: somebody may come back to them. */
const keptResolved = 180 * day
/** Marks or objects looked at in one step, and the pause until the next, milliseconds: others go on between. */
const stepSize = 500
const pause = 5

/** What was noted before this time guards nothing any more, unless it is lasting. */
async function forgottenBefore({ store, clock }: Deps): Promise<number> {
  const now = clock.now()
  const oldest = (await store.oldestWork()) ?? now
  return Math.min(now - kept, Math.max(oldest, now - longestKept))
}

const isKept = (key: string): boolean => lifeOfMark(key) !== 'passing'

/** The job of the next day. One a day: its key is known for longer. */
export function forgetJob(now: number): Change {
  const next = Math.floor(now / day) + 1
  const job = {
    kind: 'upkeep',
    key: `forget ${next}`,
    lane: 'upkeep:forget',
    payload: JSON.stringify({ type: 'forget' }),
    runAt: next * day,
  } as const
  return { change: 'enqueue', job }
}

/** Forgets what no longer matters, step by step. Safe to run again. */
export async function forget(deps: Deps): Promise<readonly Change[]> {
  const before = await forgottenBefore(deps)
  await forgetMarks(before, deps)
  await forgetDeleted(before, deps)
  const now = deps.clock.now()
  await deps.store.forgetForwarded(now - inTransit)
  await deps.store.forgetKeys(now - inTransit)
  await deps.store.forgetReports(now - keptResolved)
  const lists = [
    ...(await checkLists(deps)),
    ...(await readLists(`day ${Math.floor(now / day)}`, deps)),
  ]
  const gone = deactivatedJob(Math.floor(now / day))
  return [
    forgetJob(now),
    refreshAllJob(now),
    gone,
    ...lists,
    ...rotationOf(now, deps),
    ...pruningOf(now, deps),
  ]
}

/** Keys that have served for long enough. */
function rotationOf(now: number, { rotateKeysAfter }: Deps): readonly Change[] {
  if (rotateKeysAfter === undefined) return []
  return [rotateJob({ type: 'rotate-all-keys', before: now - rotateKeysAfter })]
}

const pruningOf = (now: number, { pruneAfter }: Deps): readonly Change[] =>
  pruneAfter === undefined ? [] : [pruneJob(Math.floor(now / day))]

async function forgetMarks(before: number, deps: Deps): Promise<void> {
  for (const beginning of passingMarks) {
    const step = { beginning, before, limit: stepSize, isKept }
    let after = await deps.store.forgetMarks(step)
    while (after !== undefined) {
      await deps.clock.sleep(pause)
      after = await deps.store.forgetMarks({ ...step, after })
    }
  }
}

/** The Create of such a post may come after its Delete, but not that much later. */
async function forgetDeleted(before: number, { store, clock }: Deps): Promise<void> {
  const step = { before, limit: stepSize }
  let after = await store.forgetDeleted(step)
  while (after !== undefined) {
    await clock.sleep(pause)
    after = await store.forgetDeleted({ ...step, after })
  }
}
