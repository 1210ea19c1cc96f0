import type { Deps } from './ports.ts'
import type { Mxc, RoomId } from '../model/ids.ts'

/** Room state as the bot sets it: what is there already is not said again. Idempotent. */
export async function setIfChanged(
  roomId: RoomId,
  type: string,
  { content, deps }: { content: Record<string, string>; deps: Deps },
): Promise<void> {
  const { bot } = deps.identity
  const event = { type, stateKey: '' }
  const now = await deps.homeserver.findState(bot, roomId, event)
  const isSame = Object.entries(content).every(([key, value]) => now?.[key] === value)
  if (!isSame) await deps.homeserver.setState(bot, roomId, { ...event, content })
}

/** The picture of a room; undefined takes it away. Idempotent. */
export async function showPicture(roomId: RoomId, url: Mxc | undefined, deps: Deps): Promise<void> {
  const type = 'm.room.avatar'
  if (url !== undefined) return setIfChanged(roomId, type, { content: { url }, deps })
  const { bot } = deps.identity
  const event = { type, stateKey: '' }
  const now = await deps.homeserver.findState(bot, roomId, event)
  if (now?.['url'] !== undefined)
    await deps.homeserver.setState(bot, roomId, { ...event, content: {} })
}
