import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { PortalSeed } from '../model/portal.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { ensurePortal, gather, matrixLink } from './portals.ts'

/** Whether messages of that room are ciphertext to us, who are in it as `as`. */
export async function isEncrypted(as: UserId, roomId: RoomId, deps: Deps): Promise<boolean> {
  const event = { type: 'm.room.encryption', stateKey: '' }
  return (await deps.homeserver.findState(as, roomId, event)) !== undefined
}

const because =
  'I cannot read encrypted rooms, and everything sent to the fediverse leaves this server anyway.'

/**
 * Some clients ask for encryption whenever they start a chat, and it cannot be switched off again:
 * the same people get a plain room, made once, and the link to it. A homeserver that encrypts that
 * room too is named, for its admin alone can change it.
 */
export async function offerPlainRoom(
  encrypted: { readonly roomId: RoomId; readonly user: UserId },
  seed: PortalSeed,
  deps: Deps,
): Promise<{ readonly roomId: RoomId; readonly notice: Action }> {
  const portal = await ensurePortal(seed, deps)
  const { roomId } = portal
  await gather(portal, deps)
  const isForced = await isEncrypted(deps.identity.bot, roomId, deps)
  const advice = isForced
    ? `The server ${deps.identity.serverName} encrypts every new room by itself, so there is no chat that works. Its admin can change that: in Synapse, encryption_enabled_by_default_for_room_type.`
    : `Use this room instead: ${matrixLink(roomId)}`
  const notice: Action = {
    do: 'tell',
    place: { kind: 'room', roomId: encrypted.roomId },
    text: `${because} ${advice}`,
    key: `encrypted ${encrypted.roomId}`,
  }
  return { roomId, notice }
}
