import { asRoomId, asUserId, type RoomId, type UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Database } from './database.ts'
import type { Row } from './tables.ts'
import { toLocalActor } from './rows.ts'

type PutConsent = Extract<Change, { change: 'put-consent' }>

/** Rooms that are groups, and whose messages go out by them. */
export function groupFinds(database: Database) {
  const byRoom = database.prepare<[RoomId], Row<'local_actor'>>(
    `select local_actor.* from portal join local_actor on local_actor.id = portal.actor_id
     where portal.room_id = ? and portal.kind = 'group' and deleted_at is null`,
  )
  const consent = database.prepare<[RoomId, UserId]>(
    'select 1 from consent where room_id = ? and user_id = ?',
  )
  const inRoom = database
    .prepare<[RoomId], string>('select user_id from consent where room_id = ? order by user_id')
    .pluck()
  const ofUser = database
    .prepare<[UserId], string>('select room_id from consent where user_id = ? order by room_id')
    .pluck()
  return {
    async findGroupByRoom(roomId: RoomId) {
      const row = byRoom.get(roomId)
      return row && toLocalActor(row)
    },
    async hasConsent(roomId: RoomId, userId: UserId) {
      return consent.get(roomId, userId) !== undefined
    },
    async consentsIn(roomId: RoomId) {
      return inRoom.all(roomId).map(asUserId)
    },
    async consentsOf(userId: UserId) {
      return ofUser.all(userId).map(asRoomId)
    },
  }
}

export function groupWrites(database: Database) {
  const put = database.prepare<[RoomId, UserId, number]>(
    'insert or ignore into consent (room_id, user_id, at) values (?, ?, ?)',
  )
  const remove = database.prepare<[RoomId, UserId]>(
    'delete from consent where room_id = ? and user_id = ?',
  )
  const clear = database.prepare<[RoomId]>('delete from consent where room_id = ?')
  const move = database.prepare<[RoomId, RoomId]>(
    `insert or ignore into consent (room_id, user_id, at)
       select ?, user_id, at from consent where room_id = ?`,
  )
  return {
    putConsent: ({ roomId, userId, at }: PutConsent) => put.run(roomId, userId, at),
    removeConsent: (roomId: RoomId, userId: UserId) => remove.run(roomId, userId),
    removeConsents: (roomId: RoomId) => clear.run(roomId),
    moveConsents(from: RoomId, to: RoomId) {
      move.run(to, from)
      clear.run(from)
    },
  }
}
