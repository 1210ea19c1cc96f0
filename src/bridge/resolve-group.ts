import type { Deps } from './ports.ts'
import type { KnownForFediverse } from '../translate/known.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Portal } from '../model/portal.ts'
import { usersNamedBy } from '../translate/unnamed.ts'
import { wasGroup } from './lost-marks.ts'
import { isOurs } from './matrix-ids.ts'

/** Whoever puts the bot out wants nothing to go out or to come in, until it is let in again. */
export const isOpen = async ({ roomId }: Portal, { store, identity }: Deps): Promise<boolean> =>
  (await store.findMembership(roomId, identity.bot)) !== 'leave'

/**
 * The group that a room is, whether the sender appears there, and whom they name who does not. In a room
 * that was one nobody appears any more.
 */
export async function groupFacts(
  portal: Portal | undefined,
  event: MatrixEvent,
  deps: Deps,
): Promise<Pick<KnownForFediverse, 'group' | 'wasGroup'>> {
  if (portal === undefined) return (await wasGroup(event.roomId, deps)) ? { wasGroup: true } : {}
  if (portal.kind !== 'group') return {}
  const { actorId, roomId } = portal
  const agreed = new Set(await deps.store.consentsIn(roomId))
  const named = event.type === 'message' || event.type === 'edit' ? [...usersNamedBy(event)] : []
  const hidden = named.filter((userId) => !agreed.has(userId) && !isOurs(userId, deps))
  const isIn = (await isOpen(portal, deps)) && agreed.has(event.sender)
  return { group: { actorId, isIn, hidden: new Set(hidden) } }
}
