import type { Deps } from './ports.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { hiddenAlias } from '../model/room.ts'

/** Whether that user of ours is in the room, as the homeserver says; rooms that are gone hold nobody. */
export async function isIn(roomId: RoomId, as: UserId, deps: Deps): Promise<boolean> {
  try {
    const event = { type: 'm.room.member', stateKey: as }
    const member = await deps.homeserver.findState(as, roomId, event)
    return member?.['membership'] === 'join'
  } catch (error) {
    // Any other refusal is about us, not about the room.
    if (error instanceof RejectedError && error.code === 'M_FORBIDDEN') return false
    throw error
  }
}

/** The alias that a room of ours was made with; of one that we are not in, or did not make, undefined. */
export async function ownAliasOf(roomId: RoomId, deps: Deps): Promise<string | undefined> {
  const { bot, prefix, serverName } = deps.identity
  if (!(await isIn(roomId, bot, deps))) return undefined
  const event = { type: 'm.room.canonical_alias', stateKey: '' }
  const content = await deps.homeserver.findState(bot, roomId, event)
  const alias = content?.['alias'] ?? content?.[hiddenAlias]
  const isOurs =
    typeof alias === 'string' && alias.startsWith(`#${prefix}`) && alias.endsWith(`:${serverName}`)
  return isOurs ? alias : undefined
}
