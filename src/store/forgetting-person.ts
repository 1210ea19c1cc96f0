import { asObjectId, type ActivityId, type ActorId, type ObjectId } from '../model/ids.ts'
import type { Forgotten, OwnObject } from '../model/forgetting.ts'
import { namesPerson } from '../model/forgetting.ts'
import { asEventId, asRoomId, type RoomId, type UserId } from '../model/ids.ts'
import { marksOfEvent } from '../model/mark.ts'
import type { KnownBlocks } from './domain-blocks.ts'
import type { Database } from './database.ts'

/** Of rows that are looked through, in the order of their keys. */
type Walk = { readonly after: string; readonly limit: number }
type Person = Pick<Forgotten, 'actorId' | 'userId'>

/**
 * What is deleted is written over in the file as well. One statement after another, each of them
 * bounded; doing it again finds less to do.
 */
export function forgettingPerson(database: Database, known: KnownBlocks) {
  const overwrite = database.prepare('pragma secure_delete = on')
  const leave = database.prepare('pragma secure_delete = off')
  const wipe = <T>(work: () => T): Promise<T> =>
    database.commit(() => {
      overwrite.get()
      try {
        return work()
      } finally {
        leave.get()
      }
    })
  return {
    ...wipingObjects(database, wipe),
    ...wipingWritings(database, wipe),
    ...wipingRelations(database, wipe, known),
    ...wipingRooms(database, wipe),
    ...wipingMarks(database, wipe),
    ...wipingWaiting(database, wipe),
  }
}

type Wipe = <T>(work: () => T) => Promise<T>

function wipingObjects(database: Database, wipe: Wipe) {
  const own = database.prepare<[string, number], { id: string }>(
    'select id from object where author = ? limit ?',
  )
  const media = database.prepare<[string], { id: string }>(
    'select id from published_media where object_id = ?',
  )
  const mappings = mappingWipe(database, 'remote_id')
  const drops = [
    'delete from recipient where object_id = ?',
    'delete from published_media where object_id = ?',
    'delete from quotation where quoting = ?',
    'delete from stamp where quoted = ?',
    'delete from vote where object = ?',
    'delete from reaction where object = ?',
    'delete from featured where object = ?',
    'delete from object where id = ?',
  ].map((sql) => database.prepare<[ObjectId]>(sql))
  return {
    /** Some of what they wrote, with the ids of its files. */
    async ownObjects(author: ActorId, limit: number): Promise<readonly OwnObject[]> {
      return own.all(author, limit).map(({ id }) => ({
        id: asObjectId(id),
        media: media.all(id).map((file) => file.id),
      }))
    },
    /** These posts, and all that others did with them. */
    wipeObjects: (ids: readonly ObjectId[]): Promise<void> =>
      wipe(() => {
        for (const id of ids) {
          while (mappings(id, 1_000) > 0);
          for (const drop of drops) drop.run(id)
        }
      }),
  }
}

type Place = { room_id: string; event_id: string }

/** Mappings with that value in that column, and the marks of their events. */
function mappingWipe(database: Database, column: 'remote_id' | 'sender' | 'room_id') {
  const some = database.prepare<[string, number], Place>(
    `select room_id, event_id from mapping where ${column} = ? limit ?`,
  )
  const drop = database.prepare<[string, string]>(
    'delete from mapping where room_id = ? and event_id = ?',
  )
  const unmark = database.prepare<[string]>('delete from mark where key = ?')
  return (value: string, limit: number): number => {
    const places = some.all(value, limit)
    for (const { room_id, event_id } of places) {
      drop.run(room_id, event_id)
      for (const key of marksOfEvent(asRoomId(room_id), asEventId(event_id))) unmark.run(key)
    }
    return places.length
  }
}

function wipingWritings(database: Database, wipe: Wipe) {
  const bySender = mappingWipe(database, 'sender')
  const ofActivity = mappingWipe(database, 'remote_id')
  const activities = database.prepare<[string, string, number], { id: string }>(
    'select id from activity where actor = ? and id <> ? limit ?',
  )
  const dropActivity = database.prepare<[string]>('delete from activity where id = ?')
  return {
    /** Some of what they did, but for that activity; how many there were. */
    wipeActivities: (actor: ActorId, but: ActivityId, limit: number): Promise<number> =>
      wipe(() => {
        const rows = activities.all(actor, but, limit)
        for (const { id } of rows) {
          ofActivity(id, limit)
          dropActivity.run(id)
        }
        return rows.length
      }),
    /** Some of which event of theirs is what; how many there were. */
    wipeMappingsBy: (sender: UserId, limit: number): Promise<number> =>
      wipe(() => bySender(sender, limit)),
  }
}

function wipingRelations(database: Database, wipe: Wipe, known: KnownBlocks) {
  const ofActor = [
    'delete from follow where follower = ?',
    'delete from follow where followed = ?',
    'delete from block where blocker = ?',
    'delete from block where blocked = ?',
    'delete from personal_rule where owner = ?',
    'delete from reaction where actor = ?',
    'delete from vote where voter = ?',
    'delete from quotation where quoted_author = ?',
    'delete from featured where actor = ?',
  ].map((sql) => database.prepare<[string]>(sql))
  const ofUser = [
    'delete from vote where voter = ?',
    'delete from report where reporter = ?',
    "update report set resolved_by = '' where resolved_by = ?",
    "update report_deed set by_user = '' where by_user = ?",
    "update domain_block set by_user = '' where by_user = ?",
    "update blocklist set by_user = '' where by_user = ?",
    "update policy_list set by_user = '' where by_user = ?",
    'delete from setting where user_id = ?',
    'delete from consent where user_id = ?',
    'delete from import_row where import_id in (select id from import where user_id = ?)',
    'delete from import where user_id = ?',
  ].map((sql) => database.prepare<[string]>(sql))
  return {
    /** Whom they followed, blocked and reported, what they chose, and the like. */
    wipeRelations: ({ actorId, userId }: Person): Promise<void> =>
      wipe(() => {
        for (const drop of ofActor) drop.run(actorId)
        for (const drop of ofUser) drop.run(userId)
        known.clear()
      }),
  }
}

function wipingRooms(database: Database, wipe: Wipe) {
  const mappings = mappingWipe(database, 'room_id')
  const ofRoom = [
    'delete from membership where room_id = ?',
    'delete from image_pack where room_id = ?',
    'delete from held where room_id = ?',
    'delete from draft where room_id = ?',
    'delete from portal where room_id = ?',
  ].map((sql) => database.prepare<[string]>(sql))
  const leaveAll = database.prepare<[string, string]>(
    'delete from membership where user_id = ? and room_id <> ?',
  )
  const chats = database.prepare<[string, number], { key: string; room_id: string }>(
    `select key, room_id from portal where kind = 'direct' and key > ? order by key limit ?`,
  )
  return {
    /** Some of what stands in that room, and in the end the room; how much there was. */
    wipeRoom: (roomId: RoomId, limit: number): Promise<number> =>
      wipe(() => {
        const count = mappings(roomId, limit)
        if (count < limit) for (const drop of ofRoom) drop.run(roomId)
        return count
      }),
    /** Where they are, but for that room. */
    wipeMemberships: (userId: UserId, but: RoomId | undefined): Promise<void> =>
      wipe(() => void leaveAll.run(userId, but ?? '')),
    /** Rooms of chats that somebody is among, one step of a walk; `next` is where it goes on. */
    async chatsWith(userId: UserId, { after, limit }: Walk) {
      const rows = chats.all(after, limit)
      const theirs = rows.filter(({ key }) => key.split('\n').includes(userId))
      const next = rows.length < limit ? undefined : rows.at(-1)?.key
      return {
        rooms: theirs.map(({ room_id }) => asRoomId(room_id)),
        ...(next === undefined ? {} : { next }),
      }
    },
  }
}

/** A list of names without theirs; undefined: it is none. */
function without(value: string, isTheirs: (text: string) => boolean): string | undefined {
  if (!value.startsWith('[')) return undefined
  const list = JSON.parse(value) as readonly unknown[]
  return JSON.stringify(list.filter((one) => !isTheirs(JSON.stringify(one))))
}

const nextOf = <Key>(keys: readonly Key[], limit: number): Key | undefined =>
  keys.length < limit ? undefined : keys.at(-1)

type Text = { key: string; text: string }

/** What somebody decided about others holds without them. The value is who it was. */
const decisions = ['barred ', 'put out ']
const isDecision = (key: string): boolean => decisions.some((kind) => key.startsWith(kind))

function wipingMarks(database: Database, wipe: Wipe) {
  const marks = database.prepare<[string, number], Text>(
    'select key, value as text from mark where key > ? order by key limit ?',
  )
  const unmark = database.prepare<[string]>('delete from mark where key = ?')
  const remark = database.prepare<[string, string]>('update mark set value = ? where key = ?')
  const forget = ({ key, text }: Text, isTheirs: (text: string) => boolean): void => {
    const others = isDecision(key) ? '' : without(text, isTheirs)
    const rest = isTheirs(key) ? undefined : others
    if (rest === undefined) unmark.run(key)
    else remark.run(rest, key)
  }
  return {
    /** Marks that name them, but for `but`: one step of a walk; answers where it goes on. */
    wipeMarks: (person: Person, but: string, { after, limit }: Walk) =>
      wipe(() => {
        const isTheirs = namesPerson(person)
        const rows = marks.all(after, limit)
        for (const row of rows)
          if (row.key !== but && (isTheirs(row.key) || isTheirs(row.text))) forget(row, isTheirs)
        return nextOf(
          rows.map(({ key }) => key),
          limit,
        )
      }),
  }
}

function wipingWaiting(database: Database, wipe: Wipe) {
  const waiting = (table: 'held' | 'draft') => ({
    rows: database.prepare<[string, number], Text>(
      `select event_id as key, message as text from ${table}
       where event_id > ? order by event_id limit ?`,
    ),
    drop: database.prepare<[string]>(`delete from ${table} where event_id = ?`),
  })
  const tables = { held: waiting('held'), draft: waiting('draft') }
  const failed = database.prepare<[number, number], { id: number; text: string }>(
    `select id, key || ' ' || lane || ' ' || payload as text from failed_job
     where id > ? order by id limit ?`,
  )
  const dropFailed = database.prepare<[number]>('delete from failed_job where id = ?')
  return {
    /** Messages of theirs that wait for something. */
    wipeWaiting: (userId: UserId, table: keyof typeof tables, { after, limit }: Walk) =>
      wipe(() => {
        const rows = tables[table].rows.all(after, limit)
        for (const { key, text } of rows) {
          const { sender } = JSON.parse(text) as { readonly sender?: unknown }
          if (sender === userId) tables[table].drop.run(key)
        }
        return nextOf(
          rows.map(({ key }) => key),
          limit,
        )
      }),
    /** Work of theirs that was given up. */
    wipeFailed: (person: Person, { after, limit }: Omit<Walk, 'after'> & { after: number }) =>
      wipe(() => {
        const isTheirs = namesPerson(person)
        const rows = failed.all(after, limit)
        for (const { id, text } of rows) if (isTheirs(text)) dropFailed.run(id)
        return nextOf(
          rows.map(({ id }) => id),
          limit,
        )
      }),
  }
}
