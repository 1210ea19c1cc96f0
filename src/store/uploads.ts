import { asMxc } from '../model/ids.ts'
import type { Database } from './database.ts'
import type { Upload, UploadedFile } from '../model/upload.ts'

type Row = {
  readonly url: string
  readonly mxc: string | null
  readonly media_type: string | null
  readonly size: number | null
  readonly width: number | null
  readonly height: number | null
  readonly duration: number | null
  readonly is_silent: number | null
  readonly blurhash: string | null
  readonly fetched_at: number
  readonly used_at: number
}

/** What nobody used for so long is uploaded anew when somebody does; milliseconds. */
const kept = 180 * 86_400_000
/** More than one for each that comes, so that the table shrinks. */
const forgotten = 4

function fileOf(row: Row): UploadedFile | undefined {
  if (row.mxc === null) return undefined
  return {
    mxc: asMxc(row.mxc),
    mediaType: row.media_type ?? '',
    size: row.size ?? 0,
    ...(row.width === null ? {} : { width: row.width }),
    ...(row.height === null ? {} : { height: row.height }),
    ...(row.duration === null ? {} : { duration: row.duration }),
    ...(row.is_silent === null ? {} : { isSilent: row.is_silent === 1 }),
    ...(row.blurhash === null ? {} : { blurhash: row.blurhash }),
  }
}

function toUpload(row: Row): Upload {
  const file = fileOf(row)
  return {
    url: row.url,
    ...(file === undefined ? {} : { file }),
    fetchedAt: row.fetched_at,
    usedAt: row.used_at,
  }
}

function toRow({ url, file, fetchedAt, usedAt }: Upload): Row {
  return {
    url,
    mxc: file?.mxc ?? null,
    media_type: file?.mediaType ?? null,
    size: file?.size ?? null,
    width: file?.width ?? null,
    height: file?.height ?? null,
    duration: file?.duration ?? null,
    is_silent: file?.isSilent === undefined ? null : Number(file.isSilent),
    blurhash: file?.blurhash ?? null,
    fetched_at: fetchedAt,
    used_at: usedAt,
  }
}

/** Files of the fediverse on our homeserver. */
export function uploadWrites(database: Database) {
  const put = database.prepare<[Row]>(
    `insert or replace into upload
       (url, mxc, media_type, size, width, height, duration, is_silent, blurhash,
        fetched_at, used_at)
     values
       (@url, @mxc, @media_type, @size, @width, @height, @duration, @is_silent, @blurhash,
        @fetched_at, @used_at)`,
  )
  const forget = database.prepare<[number, number]>(
    `delete from upload where url in
       (select url from upload where used_at < ? order by used_at limit ?)`,
  )
  return {
    putUpload(upload: Upload): void {
      put.run(toRow(upload))
      forget.run(upload.usedAt - kept, forgotten)
    },
  }
}

export function uploadFinds(database: Database) {
  const byUrl = database.prepare<[string], Row>('select * from upload where url = ?')
  return {
    async findUpload(url: string): Promise<Upload | undefined> {
      const row = byUrl.get(url)
      return row && toUpload(row)
    },
  }
}
