import type { Deps } from './ports.ts'
import type { Participant } from '../model/portal.ts'
import type { RoomId } from '../model/ids.ts'
import { findOrLookUpGhost } from './ghosts.ts'
import { isOurs } from './portals.ts'

/** Everybody in the room but the bot: people of Matrix by user id, ghosts by the account they stand for. */
export async function participantsIn(roomId: RoomId, deps: Deps): Promise<Participant[]> {
  const members = await deps.store.membersOf(roomId, ['join', 'invite'])
  const participants: Participant[] = []
  for (const userId of members) {
    if (userId === deps.identity.bot) continue
    const ghost = await findOrLookUpGhost(userId, deps)
    if (ghost !== undefined) participants.push({ kind: 'actor', actorId: ghost.actorId })
    else if (!isOurs(userId, deps)) participants.push({ kind: 'user', userId })
  }
  return participants
}
