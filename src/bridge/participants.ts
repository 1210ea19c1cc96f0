import type { Deps } from './ports.ts'
import type { Participant } from '../model/portal.ts'
import type { RoomId } from '../model/ids.ts'
import { isOurs } from './portals.ts'

/**
 * Everybody in the room but the bot: people of Matrix by user id, ghosts by the account they stand
 * for. A ghost whose account is not known yet is meant all the same.
 */
export async function participantsIn(roomId: RoomId, deps: Deps): Promise<Participant[]> {
  const members = await deps.store.membersOf(roomId, ['join', 'invite'])
  const participants: Participant[] = []
  for (const userId of members) {
    if (userId === deps.identity.bot) continue
    const ghost = await deps.store.findGhostByUser(userId)
    if (ghost !== undefined) participants.push({ kind: 'actor', actorId: ghost.actorId })
    else participants.push({ kind: isOurs(userId, deps) ? 'ghost' : 'user', userId })
  }
  return participants
}
