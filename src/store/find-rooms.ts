import { asRoomId, asUserId } from '../model/ids.ts'
import type { ActorId, EventId, RoomId, UserId } from '../model/ids.ts'
import { portalKey, type PortalSeed } from '../model/portal.ts'
import { beyond, type Database } from './database.ts'
import type { Membership } from '../model/event.ts'
import type { Row } from './tables.ts'
import { toHeld, toPortal } from './rows.ts'

/** Lookups of portals, members, and what we remember per user, room or deed. */
export const roomFinds = (database: Database) => ({
  ...portalFinds(database),
  ...memberFinds(database),
  ...memoryFinds(database),
})

function portalFinds(database: Database) {
  const byKey = database.prepare<[string, string], Row<'portal'>>(
    'select * from portal where kind = ? and key = ?',
  )
  const byRoom = database.prepare<[string], Row<'portal'>>('select * from portal where room_id = ?')
  // From the portals to their ghosts: there are far more ghosts than rooms.
  const namesake = database.prepare<[string, string]>(
    `select 1 from portal cross join ghost on ghost.actor_id = portal.key
     where portal.kind = 'actor' and portal.key <> ? and ghost.display_name = ? limit 1`,
  )
  const withChat = database.prepare<[number], { key: string }>(
    `select key from portal where kind = 'management' order by key limit ?`,
  )
  return {
    /** Who has a chat with the bot, by name. */
    async usersWithChat(limit: number) {
      return withChat.all(limit).map(({ key }) => asUserId(key))
    },
    async findPortal(seed: PortalSeed) {
      const row = byKey.get(seed.kind, portalKey(seed))
      return row && toPortal(row)
    },
    async findPortalByRoom(roomId: RoomId) {
      const row = byRoom.get(roomId)
      return row && toPortal(row)
    },
    async hasNamesake(name: string, actorId: ActorId) {
      return namesake.get(actorId, name) !== undefined
    },
  }
}

type MembershipRow = { room_id: string; user_id: string; membership: Membership }

function memberFinds(database: Database) {
  const ofRoom = database.prepare<[string], MembershipRow>(
    'select * from membership where room_id = ? order by user_id',
  )
  const byPair = database.prepare<[string, string], MembershipRow>(
    'select * from membership where room_id = ? and user_id = ?',
  )
  const ofUser = database.prepare<[string, string], MembershipRow>(
    'select * from membership where user_id = ? and membership = ? order by room_id',
  )
  return {
    async membersOf(roomId: RoomId, memberships: readonly Membership[]) {
      return ofRoom
        .all(roomId)
        .filter(({ membership }) => memberships.includes(membership))
        .map(({ user_id }) => asUserId(user_id))
    },
    async findMembership(roomId: RoomId, userId: UserId) {
      return byPair.get(roomId, userId)?.membership
    },
    async roomsOf(userId: UserId, membership: Membership) {
      return ofUser.all(userId, membership).map(({ room_id }) => asRoomId(room_id))
    },
  }
}

function memoryFinds(database: Database) {
  const setting = database.prepare<[string, string], { value: string }>(
    'select value from setting where user_id = ? and name = ?',
  )
  const mark = database.prepare<[string], { value: string }>('select value from mark where key = ?')
  const marks = database.prepare<[string, string], { n: number }>(
    'select count(*) as n from mark where key >= ? and key < ?',
  )
  const held = database.prepare<[string, string], Row<'held'>>(
    'select * from held where event_id = ? and room_id = ?',
  )
  const byPrompt = database.prepare<[string, string], Row<'held'>>(
    'select * from held where prompt_id = ? and room_id = ?',
  )
  return {
    async findSetting(userId: UserId, name: string) {
      return setting.get(userId, name)?.value
    },
    async findMark(key: string) {
      return mark.get(key)?.value
    },
    async countMarks(beginning: string) {
      return marks.get(beginning, beyond(beginning))?.n ?? 0
    },
    async findHeld(roomId: RoomId, eventId: EventId) {
      const row = held.get(eventId, roomId)
      return row && toHeld(row)
    },
    async findHeldByPrompt(roomId: RoomId, promptId: EventId) {
      const row = byPrompt.get(promptId, roomId)
      return row && toHeld(row)
    },
  }
}
