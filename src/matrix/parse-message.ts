import type { MessageKind, Relation, Text } from '../model/event.ts'
import type { EventId, UserId } from '../model/ids.ts'
import type { Media } from '../model/media.ts'
import type { OutgoingPlace } from '../model/outgoing.ts'
import {
  isRecord,
  listAt,
  recordAt,
  toEventId,
  toMxc,
  toText,
  toUserId,
  type Json,
} from './fields.ts'
import type { Poll } from '../model/content.ts'
import { parsePollStart } from './parse-poll.ts'
import { hasCaption, isGallery, parseGallery, parseMedia } from './parse-media.ts'

/** What the specification does not allow; `why` is for the log. */
export type Malformed = { readonly skip: 'malformed'; readonly why: string }

type Content = {
  readonly kind: MessageKind
  readonly text: Text
  readonly media: readonly Media[]
  readonly place?: OutgoingPlace
  readonly poll?: Poll
}

type Message = Content & { readonly type: 'message'; readonly relation: Relation }

type Edit = Content & { readonly type: 'edit'; readonly target: EventId }

/** No event is larger (client-server API, "Size limits"). */
const maxBody = 65_536
const maxMentions = 100

const kinds: Readonly<Record<string, MessageKind>> = {
  'm.text': 'text',
  'm.emote': 'emote',
  'm.notice': 'notice',
  'm.image': 'media',
  'm.video': 'media',
  'm.audio': 'media',
  'm.file': 'media',
  'm.sticker': 'media',
  'm.location': 'location',
}

const malformed = (why: string): Malformed => ({ skip: 'malformed', why })

/** Their text is for clients that cannot show them: programs send them, about keys and accounts. */
export const unspokenTypes: ReadonlySet<string> = new Set([
  'm.key.verification.request',
  'm.server_notice',
])

/** What of an unknown type has a file is one: its text may be no more than the name of it. */
const hasFile = (content: Json): boolean =>
  toMxc(content['url']) !== undefined || isRecord(content['file'])

function kindOf(msgtype: string, content: Json): MessageKind {
  if (isGallery(msgtype)) return 'media'
  if (Object.hasOwn(kinds, msgtype)) return kinds[msgtype] ?? 'other'
  return hasFile(content) ? 'media' : 'other'
}

/** Content of `m.room.message` that is no edit; of `m.sticker`, with that as its `msgtype`. */
export function parseMessage(content: Json): Message | Malformed {
  const part = parseContent(content)
  if ('skip' in part) return part
  return { type: 'message', ...part, relation: parseRelation(recordAt(content, 'm.relates_to')) }
}

/** Content of an `m.replace`; what stands outside `m.new_content` is for clients without edits. */
export function parseEdit(content: Json): Edit | Malformed {
  const target = toEventId(recordAt(content, 'm.relates_to')['event_id'])
  const replacement = content['m.new_content']
  if (target === undefined || !isRecord(replacement)) return malformed('edit')
  const part = parseContent(replacement)
  return 'skip' in part ? part : { type: 'edit', target, ...part }
}

/** Content of the start of a poll, or of an edit of one. */
export function parsePollMessage(content: Json): Message | Edit | Malformed {
  const relation = recordAt(content, 'm.relates_to')
  if (relation['rel_type'] !== 'm.replace') {
    const part = parsePoll(content)
    if ('skip' in part) return part
    return { type: 'message', ...part, relation: parseRelation(relation) }
  }
  const target = toEventId(relation['event_id'])
  const replacement = content['m.new_content']
  if (target === undefined || !isRecord(replacement)) return malformed('edit of a poll')
  const part = parsePoll(replacement)
  return 'skip' in part ? part : { type: 'edit', target, ...part }
}

function parsePoll(content: Json): Content | Malformed {
  const found = parsePollStart(content)
  if (found === undefined) return malformed('poll without question or answers')
  const text = { ...found.question, mentions: parseMentions(content) }
  return { kind: 'poll', text, media: [], poll: found.poll }
}

function parseContent(content: Json): Content | Malformed {
  const msgtype = toText(content['msgtype'], 255)
  const kind = kindOf(msgtype ?? '', content)
  if (kind === 'media' && msgtype !== undefined) return parseFiles(content, msgtype)
  const text = parseText(content)
  if (msgtype === undefined || text === undefined) return malformed('message without text')
  const place = kind === 'location' ? parsePlace(content) : undefined
  return { kind, text, media: [], ...(place === undefined ? {} : { place }) }
}

const geoForm = /^geo:(-?\d{1,2}(?:\.\d{1,15})?),(-?\d{1,3}(?:\.\d{1,15})?)(?:[,;]|$)/i

/** `geo_uri` (RFC 5870), and what MSC3488 says the place is. */
function parsePlace(content: Json): OutgoingPlace | undefined {
  const location = recordAt(content, 'org.matrix.msc3488.location')
  const uri = toText(content['geo_uri'] ?? location['uri'], 300) ?? ''
  const [, latitude, longitude] = (geoForm.exec(uri) ?? []).map(Number)
  if (latitude === undefined || longitude === undefined) return undefined
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined
  const name = toText(location['description'], 500)
  return { latitude, longitude, ...(name === undefined ? {} : { name }) }
}

function parseFiles(content: Json, msgtype: string): Content {
  if (isGallery(msgtype)) {
    const text = parseText(content) ?? { body: '', mentions: [] }
    return { kind: 'media', text, media: parseGallery(content) }
  }
  const caption = hasCaption(content) ? parseText(content) : undefined
  const media = parseMedia(content, Object.hasOwn(kinds, msgtype) ? msgtype : 'm.file')
  return {
    kind: 'media',
    text: caption ?? { body: '', mentions: [] },
    media: media === undefined ? [] : [media],
  }
}

function parseText(content: Json): Text | undefined {
  const body = toText(content['body'], maxBody)
  if (body === undefined) return undefined
  const isHtml = content['format'] === 'org.matrix.custom.html'
  const html = isHtml ? toText(content['formatted_body'], maxBody) : undefined
  return {
    body: stripBodyFallback(body),
    ...(html === undefined ? {} : { html: stripHtmlFallback(html) }),
    mentions: parseMentions(content),
  }
}

function parseMentions(content: Json): readonly UserId[] {
  const listed = listAt(recordAt(content, 'm.mentions'), 'user_ids').slice(0, maxMentions)
  const userIds = listed.map(toUserId).filter((userId) => userId !== undefined)
  return [...new Set(userIds)]
}

function parseRelation(relation: Json): Relation {
  const replyTo = toEventId(recordAt(relation, 'm.in_reply_to')['event_id'])
  const isThread = relation['rel_type'] === 'm.thread'
  const threadRoot = isThread ? toEventId(relation['event_id']) : undefined
  return {
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(threadRoot === undefined ? {} : { threadRoot }),
    isFallback: threadRoot !== undefined && relation['is_falling_back'] === true,
  }
}

/**
 * Removes every `<mx-reply>` element: it quotes what others said, perhaps elsewhere, and must not
 * leave with our text. Reply fallbacks ended with Matrix 1.13 (MSC2781); older clients still write
 * them. One that never closes is left to the sanitiser.
 */
export function stripHtmlFallback(html: string): string {
  const kept: string[] = []
  const close = /<\/mx-reply\s*>/gi
  const open = /<mx-reply(?:\s[^<>]*)?>/gi
  let from = 0
  for (let start = open.exec(html); start !== null; start = open.exec(html)) {
    close.lastIndex = open.lastIndex
    const end = close.exec(html)
    if (end === null) break
    kept.push(html.slice(from, start.index))
    from = close.lastIndex
    open.lastIndex = from
  }
  return kept.join('') + html.slice(from)
}

/**
 * Removes the quote that older clients put before the text of a reply. Its first line names whom it
 * quotes (`> <@alice:example.org> …`), which tells it from a quote that the author typed.
 */
export function stripBodyFallback(body: string): string {
  if (!/^> (?:\* )?<@[^>\n]*>/.test(body)) return body
  const lines = body.split('\n')
  const first = lines.findIndex((line) => !line.startsWith('> ') && line !== '>')
  if (first === -1) return ''
  return lines.slice(lines[first] === '' ? first + 1 : first).join('\n')
}
