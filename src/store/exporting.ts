import { asActivityId, asObjectId, type ActorId } from '../model/ids.ts'
import { asMxc } from '../model/ids.ts'
import type { Database } from './database.ts'
import type { OwnActivity, OwnFile } from '../model/export.ts'

type ActivityRow = {
  seq: number
  id: string
  type: string | null
  object_id: string | null
  document: string
}
type FileRow = {
  seq: number
  id: string
  mxc: string
  name: string | null
  media_type: string | null
}

/** What somebody takes along, in the order in which it came, behind that one. */
export function exporting(database: Database) {
  const activities = database.prepare<[string, number, number], ActivityRow>(
    `select seq, id, type, object_id, document from activity
     where actor = ? and seq > ? order by seq limit ?`,
  )
  const files = database.prepare<[string, number, number], FileRow>(
    `select media.seq, media.id, media.mxc, media.name, media.media_type
     from object join published_media as media on media.object_id = object.id
     where object.author = ? and object.deleted_at is null and media.dropped_at is null
       and media.seq > ? order by media.seq limit ?`,
  )
  const likes = database.prepare<[string, number, number], { seq: number; object: string }>(
    `select seq, object from reaction
     where actor = ? and seq > ? and type in ('Like', 'EmojiReact') order by seq limit ?`,
  )
  return {
    async activitiesBy(
      actor: ActorId,
      after: number,
      limit: number,
    ): Promise<readonly OwnActivity[]> {
      return activities.all(actor, after, limit).map(({ seq, id, type, object_id, document }) => ({
        ...{ seq, id: asActivityId(id), document },
        ...(type === null ? {} : { type }),
        ...(object_id === null ? {} : { object: asObjectId(object_id) }),
      }))
    },
    async filesBy(actor: ActorId, after: number, limit: number): Promise<readonly OwnFile[]> {
      return files.all(actor, after, limit).map(({ seq, id, mxc, name, media_type }) => ({
        ...{ seq, id, mxc: asMxc(mxc) },
        ...(name === null ? {} : { name }),
        ...(media_type === null ? {} : { mediaType: media_type }),
      }))
    },
    /** Posts that they like, or reacted to with an emoji. */
    async likedBy(actor: ActorId, after: number, limit: number) {
      return likes
        .all(actor, after, limit)
        .map(({ seq, object }) => ({ seq, object: asObjectId(object) }))
    },
  }
}
