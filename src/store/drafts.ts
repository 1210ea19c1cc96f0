import { asEventId, asRoomId, type EventId, type RoomId } from '../model/ids.ts'
import type { Database, Row } from './database.ts'
import type { Draft } from '../model/draft.ts'

const toDraft = (row: Row<'draft'>): Draft => ({
  roomId: asRoomId(row.room_id),
  eventId: asEventId(row.event_id),
  message: JSON.parse(row.message) as Draft['message'],
  at: row.at,
})

/** Messages that wait to become a post. */
export function draftWrites(database: Database) {
  const put = database.prepare<[EventId, RoomId, string, number]>(
    `insert into draft (event_id, room_id, message, at) values (?, ?, ?, ?)
     on conflict (event_id) do update set message = excluded.message`,
  )
  const remove = database.prepare<[EventId]>('delete from draft where event_id = ?')
  return {
    putDraft: ({ eventId, roomId, message, at }: Draft) =>
      void put.run(eventId, roomId, JSON.stringify(message), at),
    removeDraft: (eventId: EventId) => void remove.run(eventId),
  }
}

export function draftFinds(database: Database) {
  const byEvent = database.prepare<[string, string], Row<'draft'>>(
    'select * from draft where event_id = ? and room_id = ?',
  )
  const byRoom = database.prepare<[string], Row<'draft'>>(
    'select * from draft where room_id = ? order by seq',
  )
  return {
    async findDraft(roomId: RoomId, eventId: EventId): Promise<Draft | undefined> {
      const row = byEvent.get(eventId, roomId)
      return row && toDraft(row)
    },
    /** In the order in which they came. */
    async draftsIn(roomId: RoomId): Promise<readonly Draft[]> {
      return byRoom.all(roomId).map(toDraft)
    },
  }
}
