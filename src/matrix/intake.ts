import type { NewJob } from '../model/job.ts'
import { imagePackTypes } from './image-packs.ts'
import { isRecord, recordAt, toEventId, toRoomId, toText, toUserId, type Json } from './fields.ts'
import { pollTypes } from './parse-poll.ts'
import { asUserId, type UserId } from '../model/ids.ts'

/** A pushed event whose head is sound; the rest is as it came. */
export type RawEvent = Json & {
  readonly event_id: string
  readonly room_id: string
  readonly sender: string
  readonly type: string
}

/** Whether it can become a job at all: everything else would have no key, no order or no author. */
export const isRawEvent = (value: unknown): value is RawEvent =>
  isRecord(value) &&
  toEventId(value['event_id']) !== undefined &&
  toRoomId(value['room_id']) !== undefined &&
  toUserId(value['sender']) !== undefined &&
  Boolean(toText(value['type'], 255))

/** Types whose content `parseEvent` reads; of others only the name is counted. */
const readTypes: ReadonlySet<string> = new Set([
  ...pollTypes.start,
  ...pollTypes.vote,
  ...pollTypes.end,
  'm.room.message',
  'm.sticker',
  'm.reaction',
  'm.room.redaction',
  'm.room.member',
  'm.room.pinned_events',
  'm.room.tombstone',
  ...imagePackTypes,
])

function payloadOf(event: RawEvent): string {
  const { event_id, room_id, sender, type, state_key, origin_server_ts, redacts } = event
  const head = { event_id, room_id, sender, type, state_key, origin_server_ts, redacts }
  if (!readTypes.has(type)) return stringify(head, {})
  const { content } = event
  if (type !== 'm.room.member') return stringify(head, { content })
  const { membership } = recordAt(recordAt(event, 'unsigned'), 'prev_content')
  return stringify(head, { content, unsigned: { prev_content: { membership } } })
}

/** Content so deep that it cannot be written again is nobody's message; its head remains. */
function stringify(head: Json, rest: Json): string {
  try {
    return JSON.stringify({ content: {}, ...head, ...rest })
  } catch {
    return JSON.stringify({ ...head, content: {} })
  }
}

/** A change of who is in a room, as against one of name or avatar; or of the whole room, which tools upgrade in our name. */
function movesSomebody(event: RawEvent): boolean {
  if (event.type === 'm.room.tombstone') return true
  if (event.type !== 'm.room.member') return false
  const before = recordAt(recordAt(event, 'unsigned'), 'prev_content')
  return recordAt(event, 'content')['membership'] !== before['membership']
}

/**
 * One `event` job each, in the order given; its payload is what `parseEvent` reads. What our own
 * bot and ghosts said is the echo of work done and left out, but not who they invited, or that
 * they joined: memberships are kept from this stream.
 */
export function toEventJobs(
  events: readonly RawEvent[],
  names: { readonly isOurs: (userId: UserId) => boolean },
): NewJob[] {
  return events
    .filter((event) => !names.isOurs(asUserId(event.sender)) || movesSomebody(event))
    .map((event) => ({
      kind: 'event',
      key: event.event_id,
      lane: `event:${event.room_id}`,
      payload: payloadOf(event),
    }))
}
