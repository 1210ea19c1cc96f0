import type { CommandContext } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { UserId } from '../model/ids.ts'
import { asEventId, asRoomId } from '../model/ids.ts'

/** A command that no message in any room asked for; `eventId` and `roomId` stand for one. */
export function withoutRoom(
  sender: UserId,
  { eventId, roomId }: { readonly eventId: string; readonly roomId: string },
  deps: Deps,
): CommandContext {
  return {
    sender,
    deps,
    message: {
      ...{ type: 'message', kind: 'text', sender, ts: deps.clock.now() },
      ...{ eventId: asEventId(eventId), roomId: asRoomId(roomId) },
      text: { body: '', mentions: [] },
      relation: { isFallback: false },
      media: [],
    },
  }
}
