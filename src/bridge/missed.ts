import type { Action } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { isOurs } from './portals.ts'

/**
 * What was said between the invite of `as` and its join was never pushed to us: it is read back,
 * and each event becomes the job that it would have been, so that one which was pushed after all is
 * done once.
 */
export async function handleMissed(as: UserId, roomId: RoomId, deps: Deps): Promise<Action> {
  const names = { isOurs: (userId: UserId) => isOurs(userId, deps) }
  const jobs = await deps.homeserver.jobsSinceInvite(as, roomId, names)
  return { do: 'commit', changes: jobs.map((job): Change => ({ change: 'enqueue', job })) }
}
