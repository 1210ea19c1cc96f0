import type { ImagePack, NamedPicture } from '../model/emoji.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { isShortcode } from '../model/emoji.ts'
import { isRecord, listAt, recordAt, toMxc, toText, type Json } from './fields.ts'
import { unlessRefused, v3, type Caller } from './request.ts'

/** Image packs of rooms (MSC2545), by the name of the specification and the one before it. */
export const imagePackTypes: readonly string[] = ['m.room.image_pack', 'im.ponies.room_emotes']

const mostPictures = 500

/** Some pictures are for stickers alone. Without a word, they are for everything. */
const isForText = (usage: readonly unknown[]): boolean =>
  usage.length === 0 || usage.includes('emoticon')

/** The pictures of a pack that stand in texts. */
export function parsePictures(content: Json): readonly NamedPicture[] {
  const usual = listAt(recordAt(content, 'pack'), 'usage')
  const pictures: NamedPicture[] = []
  for (const [shortcode, image] of Object.entries(recordAt(content, 'images'))) {
    if (pictures.length === mostPictures) break
    if (!isRecord(image) || !isShortcode(shortcode)) continue
    const own = listAt(image, 'usage')
    const mxc = toMxc(image['url'])
    if (mxc !== undefined && isForText(own.length > 0 ? own : usual))
      pictures.push({ shortcode, mxc })
  }
  return pictures
}

type Pack = Omit<ImagePack, 'roomId'>

export const isImagePack = (type: string): boolean => imagePackTypes.includes(type)

function packOf(event: unknown): Pack[] {
  if (!isRecord(event)) return []
  const type = toText(event['type'], 255) ?? ''
  const stateKey = toText(event['state_key'], 255)
  if (stateKey === undefined || !isImagePack(type)) return []
  return [{ type, stateKey, pictures: parsePictures(recordAt(event, 'content')) }]
}

/** As many changes of packs as are looked through, newest first. */
const lookedAt = 50

/** The packs of a room that `as` has joined, from before anything of it was pushed to us. */
export async function findImagePacks(
  call: Caller,
  { as, roomId }: { readonly as: UserId; readonly roomId: RoomId },
): Promise<readonly Pack[]> {
  const query = {
    dir: 'b',
    limit: String(lookedAt),
    filter: JSON.stringify({ types: imagePackTypes }),
  }
  const asked = call({ method: 'GET', path: v3('rooms', roomId, 'messages'), as, query })
  const answer = await unlessRefused<Json>(asked, [403, 404], () => ({}))
  const packs = new Map<string, Pack>()
  for (const pack of listAt(answer, 'chunk').slice(0, lookedAt).flatMap(packOf)) {
    const key = JSON.stringify([pack.type, pack.stateKey])
    if (!packs.has(key)) packs.set(key, pack)
  }
  return [...packs.values()]
}
