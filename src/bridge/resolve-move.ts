import type { Activity } from '../model/activity.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import { RejectedError } from '../model/errors.ts'
import { movedMark, moveInterval } from '../translate/moves.ts'
import { keepNewest } from './ghosts.ts'
import { acceptedOf } from './accepted.ts'
import { isOwnId } from './new-ids.ts'

/**
 * The account that the sender of a Move goes on as, where it names the sender as its own in
 * `alsoKnownAs` this very moment. Nothing is fetched where nobody here follows the sender, or it has
 * moved already this week.
 */
export async function resolveMove(
  activity: Activity,
  deps: Deps,
): Promise<Pick<KnownForMatrix, 'movedTo'>> {
  if (activity.type !== 'move' || activity.target === activity.actor) return {}
  const { actor: from, target } = activity
  if (isOwnId(target, deps) || (await acceptedOf(from, deps)).length === 0) return {}
  const before = Number((await deps.store.findMark(movedMark(from))) ?? -Infinity)
  if (deps.clock.now() - before < moveInterval) return {}
  try {
    const since = deps.clock.now()
    const found = await deps.fediverse.fetchActor(target)
    if (found.details?.alsoKnownAs?.includes(from) !== true) return {}
    return { movedTo: await keepNewest(found, since, deps) }
  } catch (error) {
    if (error instanceof RejectedError) return {}
    throw error
  }
}
