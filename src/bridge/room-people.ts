import type { Deps } from './ports.ts'
import type { Portal, PortalSeed } from '../model/portal.ts'
import type { UserId } from '../model/ids.ts'
import { adminsOf } from './admins.ts'
import { isReadInRoom } from './follows.ts'
import { usersAmong } from './portal-shape.ts'

/** The people of Matrix for whom a room is made. */
export async function usersOf(seed: PortalSeed, deps: Deps): Promise<readonly UserId[]> {
  if (seed.kind === 'direct') return usersAmong(seed.participants)
  if (seed.kind === 'moderation') return adminsOf(deps)
  return seed.kind === 'actor' || seed.kind === 'group' ? [] : [seed.userId]
}

/** Whether somebody who was asked into a room of ours, or is in it, still belongs there. */
export async function belongsIn(portal: Portal, userId: UserId, deps: Deps): Promise<boolean> {
  if (portal.kind === 'actor') return isReadInRoom(userId, portal.actorId, deps)
  if (portal.kind === 'moderation') return deps.permissionOf(userId) === 'admin'
  return portal.kind !== 'direct' || usersAmong(portal.participants).includes(userId)
}
