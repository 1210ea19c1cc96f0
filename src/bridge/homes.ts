import type { ActorId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { Follow } from '../model/relation.ts'
import type { Portal } from '../model/portal.ts'
import { acceptedOf } from './accepted.ts'
import { isMuted } from './personal-rules.ts'

/** Somebody who reads an account at home. */
export type AtHome = {
  readonly userId: UserId
  readonly follow: Follow
  /** Absent: it is made when something is to stand there. */
  readonly portal?: Portal
}

/** Whoever left their home room is shown nothing there until they come back. */
async function isHomeOpen(
  { userId }: Pick<AtHome, 'userId'>,
  portal: Portal | undefined,
  deps: Deps,
): Promise<boolean> {
  if (portal === undefined) return true
  const membership = await deps.store.findMembership(portal.roomId, userId)
  return membership !== 'leave' && membership !== 'ban'
}

/** Everybody whose follow of that account was accepted and who reads it in a home room that is open. */
export async function readersAtHome(actorId: ActorId, deps: Deps): Promise<readonly AtHome[]> {
  const readers: AtHome[] = []
  for (const follow of await acceptedOf(actorId, deps)) {
    if (follow.shownIn !== 'home') continue
    const local = await deps.store.findLocalActor(follow.follower)
    if (local === undefined || local.deletedAt !== undefined) continue
    const { userId } = local
    const portal = await deps.store.findPortal({ kind: 'home', userId })
    if (!(await isHomeOpen(local, portal, deps))) continue
    if (await isMuted(local.id, actorId, deps)) continue
    readers.push({ userId, follow, ...(portal === undefined ? {} : { portal }) })
  }
  return readers
}
