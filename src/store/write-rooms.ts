import { portalKey, type Portal } from '../model/portal.ts'
import type { Change, HeldMessage } from '../model/change.ts'
import type { Database } from './database.ts'
import type { EventId, RoomId, UserId } from '../model/ids.ts'
import type { Row } from './tables.ts'
import { TransientError } from '../model/errors.ts'

type PutMembership = Extract<Change, { change: 'put-membership' }>
type PutSetting = Extract<Change, { change: 'put-setting' }>
type Mark = Extract<Change, { change: 'mark' }>
type ExpectMark = Extract<Change, { change: 'expect-mark' }>

/** Portals, who is in which room, and what we remember per user, room or deed. */
export const roomWrites = (database: Database) => ({
  ...portalWrites(database),
  ...memoryWrites(database),
})

function portalWrites(database: Database) {
  // One room per (kind, key): the newest wins.
  const displace = database.prepare<[string, string, RoomId]>(
    'delete from portal where kind = ? and key = ? and room_id <> ?',
  )
  const put = database.prepare<[Row<'portal'>]>(
    `insert into portal (room_id, kind, key, user_id, actor_id, participants, context)
     values (@room_id, @kind, @key, @user_id, @actor_id, @participants, @context)
     on conflict (room_id) do update set
       kind = excluded.kind, key = excluded.key, user_id = excluded.user_id,
       actor_id = excluded.actor_id, participants = excluded.participants,
       context = excluded.context`,
  )
  const remove = database.prepare<[RoomId]>('delete from portal where room_id = ?')
  const offerNothing = database.prepare<[RoomId]>('delete from image_pack where room_id = ?')
  const member = database.prepare<[RoomId, UserId, string]>(
    `insert into membership (room_id, user_id, membership) values (?, ?, ?)
     on conflict (room_id, user_id) do update set membership = excluded.membership`,
  )
  return {
    putPortal(portal: Portal) {
      const key = portalKey(portal)
      displace.run(portal.kind, key, portal.roomId)
      put.run({
        room_id: portal.roomId,
        kind: portal.kind,
        key,
        user_id: 'userId' in portal ? portal.userId : null,
        actor_id: 'actorId' in portal ? portal.actorId : null,
        participants: 'participants' in portal ? JSON.stringify(portal.participants) : null,
        context: portal.context ?? null,
      })
    },
    removePortal(roomId: RoomId) {
      remove.run(roomId)
      offerNothing.run(roomId)
    },
    putMembership: ({ roomId, userId, membership }: PutMembership) =>
      member.run(roomId, userId, membership),
  }
}

function memoryWrites(database: Database) {
  const set = database.prepare<[UserId, string, string]>(
    `insert into setting (user_id, name, value) values (?, ?, ?)
     on conflict (user_id, name) do update set value = excluded.value`,
  )
  const mark = database.prepare<[string, string, number]>(
    `insert into mark (key, value, at) values (?, ?, ?)
     on conflict (key) do update set value = excluded.value, at = excluded.at`,
  )
  const findMark = database.prepare<[string], { value: string }>(
    'select value from mark where key = ?',
  )
  const unmark = database.prepare<[string]>('delete from mark where key = ?')
  const hold = database.prepare<[EventId, RoomId, EventId, string]>(
    `insert into held (event_id, room_id, prompt_id, message) values (?, ?, ?, ?)
     on conflict (event_id) do update set
       room_id = excluded.room_id, prompt_id = excluded.prompt_id, message = excluded.message`,
  )
  const unhold = database.prepare<[EventId]>('delete from held where event_id = ?')
  return {
    putSetting: ({ userId, name, value }: PutSetting) => set.run(userId, name, value),
    mark: ({ key, value, at }: Mark) => mark.run(key, value, at),
    expectMark({ key, value }: ExpectMark) {
      if (findMark.get(key)?.value !== value)
        throw new TransientError(`"${key}" was changed meanwhile`)
    },
    unmark: (key: string) => unmark.run(key),
    hold: ({ eventId, roomId, promptId, message }: HeldMessage) =>
      hold.run(eventId, roomId, promptId, JSON.stringify(message)),
    unhold: (eventId: EventId) => unhold.run(eventId),
  }
}
