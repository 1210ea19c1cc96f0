import { asMxc, asObjectId, type ObjectId } from '../model/ids.ts'
import type { Database } from './database.ts'
import type { MediaAccess, PublishedMedia } from '../model/media.ts'
import { isOpen, type Visibility } from '../model/audience.ts'

type Row = {
  readonly id: string
  readonly mxc: string
  readonly object_id: string
  readonly part: number
  readonly name: string | null
  readonly media_type: string | null
  readonly size: number | null
  readonly created_at: number
}

const toMedia = (row: Row): PublishedMedia => ({
  id: row.id,
  mxc: asMxc(row.mxc),
  object: asObjectId(row.object_id),
  part: row.part,
  createdAt: row.created_at,
  ...(row.name === null ? {} : { name: row.name }),
  ...(row.media_type === null ? {} : { mediaType: row.media_type }),
  ...(row.size === null ? {} : { size: row.size }),
})

/** The files of our notes. */
export function mediaWrites(database: Database) {
  const put = database.prepare<[Row]>(
    `insert into published_media (id, mxc, object_id, part, name, media_type, size, created_at)
     values (@id, @mxc, @object_id, @part, @name, @media_type, @size, @created_at)
     on conflict (id) do nothing`,
  )
  const drop = database.prepare<[number, string]>(
    'update published_media set dropped_at = coalesce(dropped_at, ?) where id = ?',
  )
  return {
    putMedia: (media: PublishedMedia) =>
      void put.run({
        id: media.id,
        mxc: media.mxc,
        object_id: media.object,
        part: media.part,
        name: media.name ?? null,
        media_type: media.mediaType ?? null,
        size: media.size ?? null,
        created_at: media.createdAt,
      }),
    dropMedia: (id: string, at: number) => void drop.run(at, id),
  }
}

export function mediaFinds(database: Database) {
  const byId = database.prepare<[string], Row & { visibility: Visibility; gone: number }>(
    `select media.*, object.visibility,
       media.dropped_at is not null or object.deleted_at is not null
         or local_actor.deleted_at is not null as gone
     from published_media as media join object on object.id = media.object_id
     left join local_actor on local_actor.id = object.author
     where media.id = ?`,
  )
  const byObject = database.prepare<[string], Row>(
    `select * from published_media where object_id = ? and dropped_at is null order by part, seq`,
  )
  return {
    /** The file with that id, and who may have it now. */
    async findMedia(
      id: string,
    ): Promise<{ readonly media: PublishedMedia; readonly access: MediaAccess } | undefined> {
      const row = byId.get(id)
      if (row === undefined) return undefined
      const access = row.gone === 1 ? 'gone' : isOpen(row.visibility) ? 'public' : 'private'
      return { media: toMedia(row), access }
    },
    /** Files of that note as it is now, in its order. */
    async mediaOf(object: ObjectId): Promise<readonly PublishedMedia[]> {
      return byObject.all(object).map(toMedia)
    },
  }
}
