import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { copiedMark } from '../model/mark.ts'
import { alreadyGone } from './outages.ts'

const restoredMark = 'restored'

/** How long work may come again that was done already between the copy and its use, milliseconds. */
const uncertain = 86_400_000

/**
 * A copy that is started from knows nothing of what was done since it was made: what happened there is
 * read back, and until the time that is answered (milliseconds since the epoch) whatever is sent may
 * stand in its room already. 0: this is no such copy.
 */
export async function uncertainUntil({
  store,
  clock,
  log,
}: Pick<Deps, 'store' | 'clock' | 'log'>): Promise<number> {
  const copied = await store.findMark(copiedMark)
  const now = clock.now()
  if (copied === undefined)
    return Number((await store.findMark(restoredMark)) ?? -uncertain) + uncertain
  log.warn(
    { copied: new Date(Number(copied)).toISOString() },
    'this database is a copy: what was done since is looked for before it is done again',
  )
  const changes: Change[] = [
    { change: 'mark', key: restoredMark, value: String(now), at: now },
    { change: 'unmark', key: copiedMark },
    ...(await alreadyGone({ store, clock })),
  ]
  await store.commit(changes)
  return now + uncertain
}
