import { asMxc, type Mxc, type RoomId } from '../model/ids.ts'
import type { Database } from './database.ts'
import type { ImagePack, NamedPicture, OwnEmoji } from '../model/emoji.ts'
import type { ServedFile } from '../model/media.ts'

type Row = {
  readonly id: string
  readonly shortcode: string
  readonly mxc: string
  readonly created_at: number
}

const toEmoji = ({ id, shortcode, mxc, created_at: createdAt }: Row): OwnEmoji => ({
  ...{ id, shortcode, createdAt },
  mxc: asMxc(mxc),
})

/** Nobody uses more, and every message looks through all of them. */
const mostPacks = 50

/** Custom emoji of our users, and where they come from. */
export function emojiWrites(database: Database) {
  const put = database.prepare<[Row]>(
    `insert into own_emoji (id, shortcode, mxc, created_at)
     values (@id, @shortcode, @mxc, @created_at) on conflict do nothing`,
  )
  const drop = database.prepare<[RoomId, string, string]>(
    'delete from image_pack where room_id = ? and type = ? and state_key = ?',
  )
  const pack = database.prepare<[RoomId, string, string, string, RoomId]>(
    `insert into image_pack (room_id, type, state_key, pictures) select ?, ?, ?, ?
     where (select count(*) from image_pack where room_id = ?) < ${mostPacks}`,
  )
  return {
    putEmoji: ({ id, shortcode, mxc, createdAt }: OwnEmoji) =>
      void put.run({ id, shortcode, mxc, created_at: createdAt }),
    putImagePack({ roomId, type, stateKey, pictures }: ImagePack): void {
      drop.run(roomId, type, stateKey)
      if (pictures.length === 0) return
      pack.run(roomId, type, stateKey, JSON.stringify(pictures), roomId)
    },
  }
}

export function emojiFinds(database: Database) {
  const byMxc = database.prepare<[Mxc], Row>('select * from own_emoji where mxc = ?')
  const byId = database.prepare<[string], Row>('select * from own_emoji where id = ?')
  const byShortcode = database.prepare<[string], Row>('select * from own_emoji where shortcode = ?')
  const ofRoom = database.prepare<[RoomId], { pictures: string }>(
    'select pictures from image_pack where room_id = ? order by type, state_key',
  )
  return {
    async findEmoji(mxc: Mxc): Promise<OwnEmoji | undefined> {
      const row = byMxc.get(mxc)
      return row && toEmoji(row)
    },
    async findEmojiNamed(shortcode: string): Promise<OwnEmoji | undefined> {
      const row = byShortcode.get(shortcode)
      return row && toEmoji(row)
    },
    /** As the file that everybody may have who knows its id. */
    async findEmojiFile(id: string): Promise<ServedFile | undefined> {
      const row = byId.get(id)
      if (row === undefined) return undefined
      const { mxc, createdAt } = toEmoji(row)
      return { id, mxc, createdAt, isPicture: true }
    },
    async picturesOf(roomId: RoomId): Promise<readonly NamedPicture[]> {
      return ofRoom
        .all(roomId)
        .flatMap(({ pictures }) => JSON.parse(pictures) as readonly NamedPicture[])
    },
  }
}
