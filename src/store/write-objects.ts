import type { ActivityId, ActorId, EventId, ObjectId, RoomId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Database } from './database.ts'
import { marksOfEvent } from '../model/mark.ts'
import type { Mapping, ObjectRecord } from '../model/note.ts'
import { forgettingQuotes } from './quotes.ts'
import type { NewRow, Row } from './tables.ts'
import { TransientError } from '../model/errors.ts'

type ObjectParams = Omit<NewRow<'object'>, 'seq'>
type DeleteObject = Extract<Change, { change: 'delete-object' }>
type PutActivity = Extract<Change, { change: 'put-activity' }>

/** Objects, our activities, and where they stand in rooms. */
export const objectWrites = (database: Database) => ({
  putObject: puttingObject(database),
  expectObject: expectingObject(database),
  deleteObject: deletingObject(database),
  addRecipients: addingRecipients(database),
  putActivity: puttingActivity(database),
  putForwarded: puttingForwarded(database),
  ...mappingWrites(database),
})

function puttingObject(database: Database) {
  // The last line is "Delete before Create": a deleted id stays deleted, with nothing of it kept.
  const put = database.prepare<[ObjectParams]>(
    `insert into object (id, author, is_local, visibility, in_reply_to, context, url, published,
       updated, deleted_at, document, audience_to, audience_cc, mentions, note, came_along, poll)
     values (@id, @author, @is_local, @visibility, @in_reply_to, @context, @url, @published,
       @updated, @deleted_at, @document, @audience_to, @audience_cc, @mentions, @note,
       @came_along, @poll)
     on conflict (id) do update set
       author = excluded.author, is_local = excluded.is_local, visibility = excluded.visibility,
       in_reply_to = excluded.in_reply_to, context = excluded.context, url = excluded.url,
       published = excluded.published, updated = excluded.updated,
       deleted_at = excluded.deleted_at, document = excluded.document,
       audience_to = excluded.audience_to, audience_cc = excluded.audience_cc,
       mentions = excluded.mentions, note = excluded.note, poll = excluded.poll,
       came_along = min(object.came_along, excluded.came_along)
     where object.deleted_at is null`,
  )
  return (object: ObjectRecord) =>
    put.run({
      id: object.id,
      author: object.author,
      is_local: object.isLocal ? 1 : 0,
      visibility: object.visibility,
      in_reply_to: object.inReplyTo ?? null,
      context: object.context ?? null,
      url: object.url ?? null,
      published: object.published,
      updated: object.updated ?? null,
      deleted_at: object.deletedAt ?? null,
      document: object.deletedAt === undefined ? (object.document ?? null) : null,
      audience_to: JSON.stringify(object.to),
      audience_cc: JSON.stringify(object.cc),
      mentions: JSON.stringify(object.mentions),
      note: object.deletedAt === undefined ? textOrNull(object.note) : null,
      poll: object.deletedAt === undefined ? textOrNull(object.poll) : null,
      came_along: object.cameAlong === true ? 1 : 0,
    })
}

function expectingObject(database: Database) {
  const find = database.prepare<[ObjectId], Pick<Row<'object'>, 'note' | 'poll' | 'updated'>>(
    'select note, poll, updated from object where id = ? and deleted_at is null',
  )
  return ({ id, note, poll, updated }: ObjectRecord) => {
    const row = find.get(id)
    const isSame =
      row?.note === textOrNull(note) &&
      row.poll === textOrNull(poll) &&
      row.updated === (updated ?? null)
    if (!isSame) throw new TransientError(`${id} was changed meanwhile`)
  }
}

const textOrNull = (value: object | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value)

function deletingObject(database: Database) {
  const remove = database.prepare<[ObjectId, ActorId, number, number]>(
    `insert into object (id, author, is_local, visibility, published, deleted_at,
       audience_to, audience_cc, mentions)
     values (?, ?, 0, 'direct', ?, ?, '[]', '[]', '[]')
     on conflict (id) do update set
       document = null, note = null, poll = null,
       deleted_at = coalesce(object.deleted_at, excluded.deleted_at)`,
  )
  // What carried its text is no longer shown; deliveries under way may still read it.
  const hide = database.prepare<[ObjectId]>(
    `update activity set is_public = 0 where object_id = ? and type in ('Create', 'Update')`,
  )
  const forgetQuotes = forgettingQuotes(database)
  const forgetVotes = database.prepare<[ObjectId]>('delete from vote where object = ?')
  return ({ id, author, at }: DeleteObject) => {
    remove.run(id, author, at, at)
    forgetQuotes(id, at)
    hide.run(id)
    forgetVotes.run(id)
  }
}

function addingRecipients(database: Database) {
  const add = database.prepare<[ObjectId, string]>(
    'insert into recipient (object_id, inbox) values (?, ?) on conflict do nothing',
  )
  return (id: ObjectId, inboxes: readonly string[]) => {
    for (const inbox of inboxes) add.run(id, inbox)
  }
}

function puttingActivity(database: Database) {
  const put = database.prepare<[ActivityId, ActorId, string, number, number]>(
    `insert into activity (id, actor, document, is_public, created_at) values (?, ?, ?, ?, ?)
     on conflict (id) do update set
       actor = excluded.actor, document = excluded.document, is_public = excluded.is_public`,
  )
  const hideDeleted = database.prepare<[ActivityId]>(
    `update activity set is_public = 0
     where id = ? and type in ('Create', 'Update') and exists
       (select 1 from object where object.id = activity.object_id and deleted_at is not null)`,
  )
  return ({ id, actor, document, isPublic, at }: PutActivity) => {
    put.run(id, actor, document, isPublic ? 1 : 0, at)
    if (isPublic) hideDeleted.run(id)
  }
}

function puttingForwarded(database: Database) {
  const put = database.prepare<[ActivityId, string, number]>(
    'insert into forwarded (activity_id, document, at) values (?, ?, ?) on conflict do nothing',
  )
  return ({ id, document, at }: Extract<Change, { change: 'put-forwarded' }>) =>
    put.run(id, document, at)
}

function mappingWrites(database: Database) {
  // An event stands for one part of one thing; the newest word on what wins.
  const displace = database.prepare<[RoomId, EventId, string, number]>(
    `delete from mapping where room_id = ? and event_id = ? and not (remote_id = ? and part = ?)`,
  )
  const add = database.prepare<[Omit<NewRow<'mapping'>, 'seq'>]>(
    `insert into mapping (remote_id, room_id, part, event_id, sender, thread_root, media, is_poll)
     values (@remote_id, @room_id, @part, @event_id, @sender, @thread_root, @media, @is_poll)
     on conflict (remote_id, room_id, part) do update set
       event_id = excluded.event_id, sender = excluded.sender,
       thread_root = excluded.thread_root, media = excluded.media,
       is_poll = excluded.is_poll`,
  )
  const remove = database.prepare<[RoomId, EventId]>(
    'delete from mapping where room_id = ? and event_id = ?',
  )
  const unmark = database.prepare<[string]>('delete from mark where key = ?')
  return {
    addMapping(mapping: Mapping) {
      const { remoteId, roomId, part, eventId } = mapping
      displace.run(roomId, eventId, remoteId, part)
      add.run({
        remote_id: remoteId,
        room_id: roomId,
        part,
        event_id: eventId,
        sender: mapping.sender,
        thread_root: mapping.threadRoot ?? null,
        media: mapping.media ?? null,
        is_poll: mapping.isPoll === true ? 1 : 0,
      })
    },
    removeMapping(roomId: RoomId, eventId: EventId) {
      remove.run(roomId, eventId)
      for (const key of marksOfEvent(roomId, eventId)) unmark.run(key)
    },
  }
}
