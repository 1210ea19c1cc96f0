import type { Activity } from '../model/activity.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import type { UserId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { movedMark, moveInterval } from '../translate/moves.ts'
import { keepNewest } from './ghosts.ts'
import { acceptedOf } from './accepted.ts'
import { isOurs } from './matrix-ids.ts'
import { isOwnId } from './new-ids.ts'

/**
 * The account that the sender of a Move goes on as, where it names the sender as its own in
 * `alsoKnownAs` this very moment. Nothing is fetched where nobody here follows the sender, or it has
 * moved already this week.
 */
async function movedToOf(activity: Activity, deps: Deps): Promise<Pick<KnownForMatrix, 'movedTo'>> {
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

/** Who is still in the room of an account that moved, when it lets somebody follow it again. */
async function stayedOf(activity: Activity, deps: Deps): Promise<Pick<KnownForMatrix, 'stayed'>> {
  const { actor: actorId, type } = activity
  if (type !== 'accept' || (await deps.store.findMark(movedMark(actorId))) === undefined) return {}
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal === undefined) return {}
  const stayed: UserId[] = []
  for (const userId of await deps.store.membersOf(portal.roomId, ['join', 'invite'])) {
    if (isOurs(userId, deps)) continue
    const local = await deps.store.findLocalActorByUser(userId)
    const follow = local && (await deps.store.findFollow(local.id, actorId))
    if (follow === undefined) stayed.push(userId)
  }
  return { stayed }
}

/** What concerns accounts that move. */
export const resolveMove = async (
  activity: Activity,
  deps: Deps,
): Promise<Pick<KnownForMatrix, 'movedTo' | 'stayed'>> => ({
  ...(await movedToOf(activity, deps)),
  ...(await stayedOf(activity, deps)),
})
