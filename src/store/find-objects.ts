import {
  asActivityId,
  asActorId,
  type ActorId,
  type EventId,
  type ObjectId,
  type RoomId,
  type UserId,
} from '../model/ids.ts'
import type { ActivityId } from '../model/ids.ts'
import type { Database } from './database.ts'
import type { Row } from './tables.ts'
import { firstEditPart } from '../model/note.ts'
import { toMapping, toObject } from './rows.ts'

/** Lookups of objects, our activities, and where they stand in rooms. */
export const objectFinds = (database: Database) => ({
  ...finds(database),
  ...activityFinds(database),
  ...mappingFinds(database),
})

function finds(database: Database) {
  const byId = database.prepare<[string], Row<'object'>>('select * from object where id = ?')
  const newest = database.prepare<[string], Row<'object'>>(
    `select object.* from mapping join object on object.id = mapping.remote_id
     where mapping.room_id = ? and visibility = 'direct' and deleted_at is null
       and mapping.part < ${firstEditPart}
     order by mapping.seq desc limit 1`,
  )
  const recipients = database.prepare<[string], { inbox: string }>(
    'select inbox from recipient where object_id = ? order by inbox',
  )
  const byUrl = database.prepare<[string], Row<'object'>>(
    'select * from object where url = ? and deleted_at is null order by seq limit 5',
  )
  return {
    /** Not everybody who states that page as theirs has to be believed. */
    async objectsAt(url: string) {
      return byUrl.all(url).map(toObject)
    },
    async findObject(id: ObjectId) {
      const row = byId.get(id)
      return row && toObject(row)
    },
    async findNewestDirect(roomId: RoomId) {
      const row = newest.get(roomId)
      return row && toObject(row)
    },
    async recipientsOf(id: ObjectId) {
      return recipients.all(id).map(({ inbox }) => inbox)
    },
  }
}

function activityFinds(database: Database) {
  const activity = database.prepare<
    [string],
    Pick<Row<'activity'>, 'actor' | 'document' | 'is_public'>
  >('select actor, document, is_public from activity where id = ?')
  const about = database.prepare<[string, number], { id: string }>(
    `select id from activity
     where object_id = ? and type in ('Create', 'Update') and object_id is not null
     order by seq desc limit ?`,
  )
  const forwarded = database.prepare<[string], Pick<Row<'forwarded'>, 'document'>>(
    'select document from forwarded where activity_id = ?',
  )
  return {
    /** What told of that note of ours, newest first. */
    async activitiesAbout(id: ObjectId, limit: number) {
      return about.all(id, limit).map((row) => asActivityId(row.id))
    },
    /** Somebody else's activity that we pass on. */
    async findForwarded(id: ActivityId) {
      return forwarded.get(id)
    },
    async findActivity(id: ActivityId) {
      const row = activity.get(id)
      return (
        row && {
          actor: asActorId(row.actor),
          document: row.document,
          isPublic: row.is_public === 1,
        }
      )
    },
  }
}

function mappingFinds(database: Database) {
  const byRemote = database.prepare<[string], Row<'mapping'>>(
    'select * from mapping where remote_id = ? order by room_id, part',
  )
  const byEvent = database.prepare<[string, string], Row<'mapping'>>(
    'select * from mapping where room_id = ? and event_id = ?',
  )
  const newest = database.prepare<[string, string], Row<'mapping'>>(
    'select * from mapping where room_id = ? and thread_root = ? order by seq desc limit 1',
  )
  const bySender = database.prepare<[string, number], Row<'mapping'>>(
    'select * from mapping where sender = ? order by seq limit ?',
  )
  const byAuthor = database.prepare<[{ author: string; limit: number }], Row<'mapping'>>(
    `select mapping.* from object join mapping on mapping.remote_id = object.id
     where object.author = @author
     union select mapping.* from object
       join reaction on reaction.object = object.id and reaction.type = 'Announce'
       join mapping on mapping.remote_id = reaction.activity_id
     where object.author = @author order by seq limit @limit`,
  )
  const ofBoosts = database.prepare<[string], Row<'mapping'>>(
    `select mapping.* from reaction join mapping on mapping.remote_id = reaction.activity_id
     where reaction.object = ? and reaction.type = 'Announce'`,
  )
  return {
    /** Of that author's posts and of boosts of them, whoever showed them. */
    async mappingsByAuthor(author: ActorId, limit: number) {
      return byAuthor.all({ author, limit }).map(toMapping)
    },
    /** The lines that name a post as boosted. */
    async mappingsOfBoosts(object: ObjectId) {
      return ofBoosts.all(object).map(toMapping)
    },
    async mappingsOf(remoteId: ObjectId | ActivityId) {
      return byRemote.all(remoteId).map(toMapping)
    },
    async findMappingByEvent(roomId: RoomId, eventId: EventId) {
      const row = byEvent.get(roomId, eventId)
      return row && toMapping(row)
    },
    async findNewestInThread(roomId: RoomId, root: EventId) {
      const row = newest.get(roomId, root)
      return row && toMapping(row)
    },
    async mappingsBySender(sender: UserId, limit: number) {
      return bySender.all(sender, limit).map(toMapping)
    },
  }
}
