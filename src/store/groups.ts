import { asActorId, asRoomId, asUserId, type ActorId } from '../model/ids.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Database } from './database.ts'
import type { Row } from './tables.ts'
import { threadiverse } from '../model/server.ts'
import { toLocalActor } from './rows.ts'

type PutConsent = Extract<Change, { change: 'put-consent' }>

/** The host, with a port where it has one, in a column of URLs. */
const hostIn = (url: string): string => {
  const rest = `substr(${url}, instr(${url}, '://') + 3)`
  return `lower(substr(${rest}, 1, instr(${rest} || '/', '/') - 1))`
}

/** Rooms that are groups, and whose messages go out by them. */
export function groupFinds(database: Database) {
  const byRoom = database.prepare<[RoomId], Row<'local_actor'>>(
    `select local_actor.* from portal join local_actor on local_actor.id = portal.actor_id
     where portal.room_id = ? and portal.kind = 'group' and deleted_at is null`,
  )
  const consent = database
    .prepare<[RoomId, UserId], number>('select at from consent where room_id = ? and user_id = ?')
    .pluck()
  const inRoom = database
    .prepare<[RoomId], string>('select user_id from consent where room_id = ? order by user_id')
    .pluck()
  const ofUser = database
    .prepare<[UserId], string>('select room_id from consent where user_id = ? order by room_id')
    .pluck()
  const wholeReaders = database
    .prepare<[ActorId, ...string[]], string>(
      `select follower from follow join remote_actor on remote_actor.id = follower
       where followed = ? and state = 'accepted' and exists (select 1 from server
         where host in (${hostIn('inbox')}, ${hostIn('shared_inbox')})
           and software in (${threadiverse.map(() => '?').join(', ')}))
       order by follow.seq`,
    )
    .pluck()
  return {
    async wholeReadersOf(group: ActorId) {
      return wholeReaders.all(group, ...threadiverse).map(asActorId)
    },
    async findGroupByRoom(roomId: RoomId) {
      const row = byRoom.get(roomId)
      return row && toLocalActor(row)
    },
    async hasConsent(roomId: RoomId, userId: UserId) {
      return consent.get(roomId, userId) !== undefined
    },
    async consentAt(roomId: RoomId, userId: UserId) {
      return consent.get(roomId, userId)
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
