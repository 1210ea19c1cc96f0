import { asObjectId, type ObjectId } from '../model/ids.ts'
import type { PollOption } from '../model/content.ts'
import { publicCollection } from '../model/audience.ts'
import type { Attachment, Emoji, Note, Occasion, Poll } from '../model/note.ts'
import { optional } from './parse-actor.ts'
import {
  bounds,
  httpUrlOf,
  idOf,
  isJson,
  languageText,
  listOf,
  pageOf,
  textOf,
  timeOf,
  typesOf,
} from './parse-values.ts'
import type { Json } from './parse-values.ts'

const wholeNumber = (value: unknown, max: number): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= max
    ? Math.round(value)
    : undefined

const largestSide = 100_000
const longest = 1_000_000_000

// Years and months have no fixed length, and no recording needs them.
const isoDuration =
  /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/

/** An xsd:duration (ISO 8601), or seconds as a number, in milliseconds. */
export function durationOf(value: unknown): number | undefined {
  const seconds = wholeNumber(value, longest / 1000)
  if (seconds !== undefined) return seconds * 1000
  const match = typeof value === 'string' && value.length <= 64 ? isoDuration.exec(value) : null
  if (match === null) return undefined
  const [days, hours, minutes, rest] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0))
  const total =
    ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (rest ?? 0)) * 1000
  return total > 0 && total <= longest ? Math.round(total) : undefined
}

// Base 83, at least the header and one component (blurhash 1.0).
const blurhashForm = /^[0-9A-Za-z#$%*+,\-.:;=?@[\]^_{|}~]{6,200}$/

const isPictureLike = (item: unknown): boolean =>
  !isJson(item) || /^image\//i.test(textOf(item['mediaType'], 256) ?? 'image/')

/** A still picture of a file: `icon` is what servers send, `preview` the word of ActivityStreams for it. */
function stillOf({ icon, preview, image, thumbnailUrl }: Json): string | undefined {
  const offered = [icon, preview, image, thumbnailUrl].flatMap((one) => listOf(one).slice(0, 10))
  for (const item of offered.filter(isPictureLike)) {
    const url = pageOf(isJson(item) ? (item['url'] ?? item['href']) : item)
    if (url !== undefined) return url
  }
  return undefined
}

function attachmentOf(item: Json): Attachment | undefined {
  const url = pageOf(item['url'] ?? item['href'])
  if (url === undefined) return undefined
  const link = listOf(item['url']).find(isJson)
  const blurhash = textOf(item['blurhash'], 201)
  return {
    type: typesOf(item)[0] ?? 'Document',
    url,
    ...optional('mediaType', textOf(item['mediaType'] ?? link?.['mediaType'], 256)),
    ...optional(
      'name',
      languageText(item, 'name', bounds.name) ?? textOf(item['summary'], bounds.name),
    ),
    ...optional('width', wholeNumber(item['width'] ?? link?.['width'], largestSide)),
    ...optional('height', wholeNumber(item['height'] ?? link?.['height'], largestSide)),
    ...optional('duration', durationOf(item['duration'])),
    ...optional(
      'blurhash',
      blurhash !== undefined && blurhashForm.test(blurhash) ? blurhash : undefined,
    ),
    ...optional('thumbnail', stillOf(item)),
  }
}

/** Where an icon is one of the object's software, or of nothing that people look at. */
const withoutPreview = new Set(['Note', 'Question', 'ChatMessage'])
/** Enough for any screen; a larger one only takes longer. */
const widestPreview = 2_000

/** The picture that a film, an article or a link shows of itself: the largest of those it offers. */
function previewOf(document: Json): Attachment | undefined {
  if (typesOf(document).some((type) => withoutPreview.has(type))) return undefined
  let best: Attachment | undefined
  for (const item of [...listOf(document['image']), ...listOf(document['icon'])].slice(0, 10)) {
    const preview = attachmentOf(isJson(item) ? { type: 'Image', ...item } : { url: item })
    if (preview === undefined || (preview.width ?? 0) > widestPreview) continue
    if (best === undefined || (preview.width ?? 0) > (best.width ?? 0)) best = preview
  }
  return best && { ...best, type: 'Image' }
}

const isPicture = ({ type, mediaType = '' }: Attachment): boolean =>
  type === 'Image' || mediaType.startsWith('image/')

const isFilm = ({ type, mediaType = '' }: Attachment): boolean =>
  type === 'Video' || mediaType.startsWith('video/')

/**
 * What is listed. The picture that the object shows of itself is the still picture of its film, where
 * it lists one that has none; else it comes first, where no other picture is listed.
 */
export function attachmentsOf(document: Json): readonly Attachment[] {
  const listed = listedIn(document)
  const preview = listed.some(isPicture) ? undefined : previewOf(document)
  if (preview === undefined) return listed
  const film = listed.find(isFilm)
  if (film === undefined) return [preview, ...listed].slice(0, bounds.attachments)
  const thumbnail = film.thumbnail ?? preview.url
  return listed.map((file) => (file === film ? { ...film, thumbnail } : file))
}

function listedIn(document: Json): readonly Attachment[] {
  const attachments: Attachment[] = []
  for (const item of listOf(document['attachment'])) {
    if (attachments.length === bounds.attachments) break
    const attachment = isJson(item) ? attachmentOf(item) : undefined
    if (attachment !== undefined) attachments.push(attachment)
  }
  return attachments
}

const shortcodeForm = /^:?([^\s:<>"'&]{1,100}):?$/

/** `Emoji` tags, by the name between their colons; some servers give them no id. */
export function emojisOf(document: Json): readonly Emoji[] {
  const emojis: Emoji[] = []
  for (const tag of listOf(document['tag']).slice(0, bounds.tags)) {
    if (!isJson(tag) || !typesOf(tag).includes('Emoji')) continue
    const icon = listOf(tag['icon'])[0]
    const url = isJson(icon) ? pageOf(icon['url']) : httpUrlOf(icon)
    // Some name the server as well, `:blob@host:`; the text has the short form.
    const name = textOf(tag['name'], 200)?.replace(/@[^:]*(?=:?$)/, '')
    const shortcode = name === undefined ? undefined : shortcodeForm.exec(name)?.[1]
    if (url === undefined || shortcode === undefined) continue
    if (!emojis.some((emoji) => emoji.shortcode === shortcode)) emojis.push({ shortcode, url })
  }
  return emojis
}

const languageForm = /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}$/

/** The language whose text is the content; of several that which `content` repeats (else the first). */
export function languageOf(document: Json): string | undefined {
  const map = document['contentMap']
  if (!isJson(map)) return undefined
  const languages = Object.keys(map).filter((key) => key !== 'und' && languageForm.test(key))
  return languages.find((key) => map[key] === document['content']) ?? languages[0]
}

type QuoteFields = Pick<Note, 'quote' | 'isQuoteByConsent' | 'quoteAuthorization' | 'quotableBy'>

/** What a post quotes, by whose permission, and who may quote it (FEP-044f). */
export function quotingOf(document: Json): QuoteFields {
  const quote = quoteOf(document)
  const authorization = idOf(document['quoteAuthorization'])
  const isByConsent = idOf(document['quote']) !== undefined
  return {
    ...optional('quote', quote),
    ...(isByConsent ? { isQuoteByConsent: true } : {}),
    ...(isByConsent && authorization !== undefined
      ? { quoteAuthorization: asObjectId(authorization) }
      : {}),
    ...optional('quotableBy', quotableByOf(document)),
  }
}

/** `interactionPolicy.canQuote.automaticApproval`; a policy without it lets nobody do so unasked. */
function quotableByOf(document: Json): readonly string[] | undefined {
  const policy = listOf(document['interactionPolicy'])[0]
  const canQuote = isJson(policy) ? listOf(policy['canQuote'])[0] : undefined
  if (!isJson(canQuote)) return undefined
  const approved = canQuote['automaticApproval'] ?? canQuote['always']
  return listOf(approved)
    .slice(0, bounds.quotableBy)
    .flatMap((item) => {
      const id = publicNames.has(item) ? publicCollection : idOf(item)
      return id === undefined ? [] : [id]
    })
}

const publicNames: ReadonlySet<unknown> = new Set(['as:Public', 'Public'])

/** The keys of a quote, the one that says most first (FEP-044f, Fedibird, Misskey, FEP-e232). */
function quoteOf(document: Json): ObjectId | undefined {
  for (const member of ['quote', '_misskey_quote', 'quoteUrl', 'quoteUri', 'quoteURL'] as const) {
    const id = idOf(document[member])
    if (id !== undefined) return asObjectId(id)
  }
  for (const tag of listOf(document['tag']).slice(0, bounds.tags)) {
    if (!isJson(tag) || !typesOf(tag).includes('Link')) continue
    const isQuote = listOf(tag['rel']).some(
      (rel) => rel === 'https://misskey-hub.net/ns#_misskey_quote',
    )
    const id = isQuote || isObjectLink(tag['mediaType']) ? httpUrlOf(tag['href']) : undefined
    if (id !== undefined) return asObjectId(id)
  }
  return undefined
}

const isObjectLink = (mediaType: unknown): boolean =>
  typeof mediaType === 'string' &&
  mediaType.startsWith('application/ld+json') &&
  mediaType.includes('https://www.w3.org/ns/activitystreams')

function optionOf(value: unknown): PollOption | undefined {
  const name = isJson(value) ? languageText(value, 'name', bounds.name) : undefined
  if (name === undefined || !isJson(value)) return undefined
  const replies = value['replies']
  const votes = isJson(replies) ? wholeNumber(replies['totalItems'], 1e12) : undefined
  return { name, votes: votes ?? 0 }
}

export function pollOf(document: Json): Poll | undefined {
  const isMultiple = document['oneOf'] === undefined && document['anyOf'] !== undefined
  const options: PollOption[] = []
  for (const value of listOf(document['oneOf'] ?? document['anyOf']).slice(0, bounds.options)) {
    const option = optionOf(value)
    if (option !== undefined) options.push(option)
  }
  if (options.length === 0) return undefined
  const closed = timeOf(document['closed'])
  return {
    options,
    isMultiple,
    // `closed` is a time, or just true.
    isClosed: closed !== undefined || document['closed'] === true,
    ...optional('endTime', timeOf(document['endTime']) ?? closed),
    ...optional('voters', wholeNumber(document['votersCount'], 1e12)),
  }
}

const isNumber = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Math.abs(value) <= most

/** By its name and address, else where on the globe. */
export function placeOf(value: unknown): string | undefined {
  const place = listOf(value)[0]
  if (!isJson(place)) return httpUrlOf(place) === undefined ? textOf(place, bounds.name) : undefined
  const { address, latitude, longitude } = place
  const lines = isJson(address)
    ? ['streetAddress', 'postalCode', 'addressLocality', 'addressCountry'].map(
        (key) => address[key],
      )
    : [address]
  const words = [place['name'], ...lines].map((line) => textOf(line, bounds.name)?.trim() ?? '')
  const parts = words.filter((word) => word !== '')
  if (parts.length > 0) return [...new Set(parts)].join(', ').slice(0, bounds.name)
  if (!isNumber(latitude, 90) || !isNumber(longitude, 180)) return undefined
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
}

/** Only of what takes place: a poll has an `endTime` too. */
export function occasionOf(document: Json): Occasion | undefined {
  const start = timeOf(document['startTime'])
  if (start === undefined || !typesOf(document).includes('Event')) return undefined
  return {
    start,
    ...optional('end', timeOf(document['endTime'])),
    ...optional('timezone', textOf(document['timezone'], 100)),
    // Mobilizon's word for it is that of iCalendar (RFC 5545, STATUS).
    isCancelled: document['ical:status'] === 'CANCELLED',
  }
}
