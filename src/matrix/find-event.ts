import type { EventId, RoomId, UserId } from '../model/ids.ts'
import type { MatrixEvent } from '../model/event.ts'
import { parseEvent } from './parse.ts'
import { unlessRefused, v3, type Caller } from './request.ts'

/**
 * One event of a room that `as` is in. Undefined: there is none, it may not be seen, or it is none
 * that we understand. Client-server API, "GET /rooms/{roomId}/event/{eventId}".
 */
export async function findEvent(
  call: Caller,
  { as, roomId }: { readonly as: UserId; readonly roomId: RoomId },
  eventId: EventId,
): Promise<MatrixEvent | undefined> {
  const path = v3('rooms', roomId, 'event', eventId)
  const raw = await unlessRefused<unknown>(
    call({ method: 'GET', path, as }),
    [403, 404],
    () => undefined,
  )
  const event = raw === undefined ? undefined : parseEvent(raw)
  return event === undefined || 'skip' in event ? undefined : event
}
