import type { Mxc } from '../model/ids.ts'
import type { Media, MediaKind, Thumbnail } from '../model/media.ts'
import { isRecord, listAt, recordAt, toMxc, toText, type Json } from './fields.ts'

/** Longer alt texts are cut; Mastodon takes as much. */
const maxAlt = 10_000
const maxName = 255
/** Pixels, or milliseconds (a day): what is above is no measure. */
const maxPixels = 100_000
const maxDuration = 86_400_000

const kinds: Readonly<Record<string, MediaKind>> = {
  'm.image': 'image',
  'm.video': 'video',
  'm.audio': 'audio',
  'm.file': 'file',
  'm.sticker': 'image',
}

/** Galleries (MSC4274), by the name of the proposal's drafts and by its own. */
export const isGallery = (msgtype: string): boolean =>
  msgtype === 'dm.filament.gallery' || msgtype === 'm.gallery'

/** `body` is words of its own only where `filename` says that it is not the name (MSC2530). */
export function hasCaption(content: Json): boolean {
  const name = content['filename']
  return typeof name === 'string' && name !== content['body']
}

/**
 * Content of one media message, or of one item of a gallery, whose type is `type`. Undefined for
 * what we cannot read: a file that is encrypted, or is not there.
 */
export function parseMedia(content: Json, type: string): Media | undefined {
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  const mxc = toMxc(content['url'])
  if (kind === undefined || mxc === undefined || isRecord(content['file'])) return undefined
  const info = recordAt(content, 'info')
  return withoutAbsent<Media>({
    kind,
    mxc,
    ...namesOf(content, type),
    ...measuresOf(info),
    duration: toMeasure(info['duration'] ?? audioOf(content)['duration'], maxDuration),
    blurhash: toBlurhash(info['blurhash'] ?? info['xyz.amorgan.blurhash']),
    thumbnail: kind === 'video' ? thumbnailOf(info) : undefined,
    spoiler: toSpoiler(content),
  })
}

/** Items of a gallery, in order; none at all when one of them cannot be read. */
export function parseGallery(content: Json): readonly Media[] {
  const items = listAt(content, 'itemtypes').map((item) => {
    if (!isRecord(item)) return undefined
    const media = parseMedia(item, toText(item['itemtype'], maxName) ?? '')
    // The post has one text, the gallery's: what an item says of itself is about the item.
    const caption = hasCaption(item) ? toAlt(item['body']) : undefined
    return media === undefined || caption === undefined || media.alt !== undefined
      ? media
      : { ...media, alt: caption }
  })
  const read = items.filter((item) => item !== undefined)
  return read.length === items.length ? read : []
}

/** Of a picture it would be a smaller copy, which everybody makes by themselves. */
function thumbnailOf(info: Json): Thumbnail | undefined {
  const mxc = toMxc(info['thumbnail_url'])
  if (mxc === undefined || isRecord(info['thumbnail_file'])) return undefined
  return withoutAbsent<Thumbnail>({ mxc, ...measuresOf(recordAt(info, 'thumbnail_info')) })
}

const measuresOf = (info: Json) => ({
  mediaType: toMediaType(info['mimetype']),
  size: toMeasure(info['size'], Number.MAX_SAFE_INTEGER),
  width: toMeasure(info['w'], maxPixels),
  height: toMeasure(info['h'], maxPixels),
})

type Optional<Fields> = { [Name in keyof Fields]: Fields[Name] | undefined }

/** Without the fields that have no value. */
function withoutAbsent<Fields extends { readonly mxc: Mxc }>(fields: Optional<Fields>): Fields {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Fields
}

/**
 * Before captions, `body` was the file's name or its description, and no client said which: what
 * reads like words is a description. A sticker has no name.
 */
function namesOf(content: Json, type: string): { name?: string; alt?: string } {
  const body = toText(content['body'], maxAlt * 2)?.trim() ?? ''
  const stated = toText(content['filename'], maxAlt)?.trim()
  const isDescription =
    type === 'm.sticker' || (stated === undefined && !isVoice(content) && isWords(body))
  const alt = statedAlt(content) ?? (isDescription ? toAlt(body) : undefined)
  const name = type === 'm.sticker' ? '' : (stated ?? (isDescription ? '' : body))
  return {
    ...(name === '' ? {} : { name: name.slice(0, maxName).toWellFormed() }),
    ...(alt === undefined ? {} : { alt }),
  }
}

const isWords = (text: string): boolean =>
  /\s/.test(text) && !/\.(?=[a-z0-9]*[a-z])[a-z0-9]{2,5}$/i.test(text)

/** MSC3245; its body is a label that clients make up. */
const isVoice = (content: Json): boolean =>
  content['org.matrix.msc3245.voice'] !== undefined || content['m.voice'] !== undefined

const audioOf = (content: Json): Json => recordAt(content, 'org.matrix.msc1767.audio')

/** `m.alt_text` of MSC3552, by its own and its draft's name; `alt_text` of MSC1920. */
function statedAlt(content: Json): string | undefined {
  const stated =
    content['m.alt_text'] ?? content['org.matrix.msc1767.alt_text'] ?? content['alt_text']
  if (!isRecord(stated)) return toAlt(stated)
  const texts = stated['m.text'] ?? stated['org.matrix.msc1767.text']
  if (!Array.isArray(texts)) return toAlt(texts)
  const plain = texts.find(
    (text: unknown) =>
      isRecord(text) && (text['mimetype'] === undefined || text['mimetype'] === 'text/plain'),
  ) as Json | undefined
  return toAlt(plain?.['body'])
}

function toAlt(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? undefined : text.slice(0, maxAlt).toWellFormed()
}

function toMediaType(value: unknown): string | undefined {
  const [type = ''] = (toText(value, 255) ?? '').split(';')
  const form = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/
  return form.test(type.trim().toLowerCase()) ? type.trim().toLowerCase() : undefined
}

const toMeasure = (value: unknown, max: number): number | undefined =>
  typeof value === 'number' && value >= 1 && value <= max ? Math.round(value) : undefined

/** MSC4193, by the name of its drafts. */
function toSpoiler(content: Json): string | undefined {
  const key = 'page.codeberg.everypizza.msc4193.spoiler'
  return content[key] === true
    ? (toText(content[`${key}.reason`], maxAlt)?.trim() ?? '')
    : undefined
}

const toBlurhash = (value: unknown): string | undefined => {
  const text = toText(value, 200)
  return text !== undefined && /^[0-9A-Za-z#$%*+,\-.:;=?@[\]^_{|}~]{6,}$/.test(text)
    ? text
    : undefined
}
