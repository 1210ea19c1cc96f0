import type { Change } from '../model/change.ts'
import type { ActivityId, EventId, RoomId, UserId } from '../model/ids.ts'

/** Something to say that must survive: in a room, or to a user. Payload of an `upkeep` job. */
export type Tell = {
  readonly type: 'tell'
  readonly key: string
  readonly text: string
  readonly userId?: UserId
  readonly roomId?: RoomId
  readonly replyTo?: EventId
  /** The activity that it tells of. */
  readonly from?: ActivityId
}

/** A notice that is committed with what it tells of, and said by a job of its own. */
export function tellJob(tell: Omit<Tell, 'type'>): Change {
  const job = {
    kind: 'upkeep',
    key: `tell ${tell.key}`,
    lane: `upkeep:tell ${tell.key}`,
    payload: JSON.stringify({ type: 'tell', ...tell }),
  } as const
  return { change: 'enqueue', job }
}
