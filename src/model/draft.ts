import type { EventId, RoomId } from './ids.ts'
import type { MatrixEvent } from './event.ts'

/** A message that waits for others of its author to become one post with. Key: `eventId`. */
export type Draft = {
  readonly roomId: RoomId
  readonly eventId: EventId
  readonly message: MatrixEvent & { readonly type: 'message' }
  /** When it came, milliseconds since the epoch. */
  readonly at: number
}

/** One of the messages that a post is made of. */
export type MessagePart = {
  readonly eventId: EventId
  /** As in the mapping: 0 has the words, where any has. */
  readonly part: number
  /** How many of the post's files came with it. */
  readonly files: number
}
