import type { Poll } from '../model/note.ts'
import type { OutgoingAttachment, OutgoingNote, OutgoingPlace } from '../model/outgoing.ts'
import { toEmoji } from './emoji-document.ts'
import type { Json } from './parse-values.ts'
import { quoteTerms, toInteractionPolicy, toQuote, toQuoteTag } from './quote-document.ts'

/** Mastodon looks for this very string. */
export const activityStreams = 'https://www.w3.org/ns/activitystreams'

export const noteContext = [
  activityStreams,
  {
    ostatus: 'http://ostatus.org#',
    conversation: 'ostatus:conversation',
    sensitive: 'as:sensitive',
    Hashtag: 'as:Hashtag',
    toot: 'http://joinmastodon.org/ns#',
    Emoji: 'toot:Emoji',
    blurhash: 'toot:blurhash',
    votersCount: 'toot:votersCount',
    ...quoteTerms,
  },
]

export const toDate = (time: number): string => new Date(time).toISOString()

/** Milliseconds as an xsd:duration. */
const toDuration = (milliseconds: number): string => `PT${(milliseconds / 1000).toFixed(3)}S`

/** `name` and `summary` both: servers read the alt text from one or the other. */
const toAttachment = (file: OutgoingAttachment): Json => ({
  type: file.type,
  ...(file.mediaType === undefined ? {} : { mediaType: file.mediaType }),
  url: file.url,
  ...(file.name === undefined ? {} : { name: file.name, summary: file.name }),
  ...(file.width === undefined ? {} : { width: file.width }),
  ...(file.height === undefined ? {} : { height: file.height }),
  ...(file.duration === undefined ? {} : { duration: toDuration(file.duration) }),
  ...(file.blurhash === undefined ? {} : { blurhash: file.blurhash }),
  ...(file.icon === undefined ? {} : { icon: { type: 'Image', ...file.icon } }),
})

const toPlace = ({ latitude, longitude, name }: OutgoingPlace): Json => ({
  type: 'Place',
  latitude,
  longitude,
  ...(name === undefined ? {} : { name }),
})

/** Mastodon reads `closed` as "has ended"; `endTime` stands for the announced end. */
function toPoll(poll: Poll): Json {
  const options = poll.options.map(({ name, votes }) => ({
    type: 'Note',
    name,
    replies: { type: 'Collection', totalItems: votes },
  }))
  const end = poll.endTime === undefined ? undefined : toDate(poll.endTime)
  return {
    [poll.isMultiple ? 'anyOf' : 'oneOf']: options,
    votersCount: poll.voters ?? 0,
    ...(end === undefined ? {} : { endTime: end }),
    ...(poll.isClosed && end !== undefined ? { closed: end } : {}),
  }
}

/**
 * Misskey takes no body above 64 kB: what says the text once more is left out of long ones. Bytes; the rest is
 * for tags, and for what JSON escapes.
 */
const longestTold = 48_000

function isTooLong({ content, source, language }: OutgoingNote): boolean {
  const ofContent = Buffer.byteLength(content) * (language === undefined ? 1 : 2)
  return ofContent + Buffer.byteLength(source) > longestTold
}

/** The text in other forms than `content`. */
function toOtherForms(note: OutgoingNote): Json {
  if (isTooLong(note)) return {}
  return {
    ...(note.language === undefined ? {} : { contentMap: { [note.language]: note.content } }),
    source: { content: note.source, mediaType: 'text/markdown' },
  }
}

/** A note of ours as its page and its activities carry it, without context. */
export function toNote(note: OutgoingNote): Json {
  return note.isChat === true ? toChat(note) : toPost(note)
}

export const chatContext = [
  activityStreams,
  { litepub: 'http://litepub.social/ns#', ChatMessage: 'litepub:ChatMessage' },
]

/** Lemmy and Pleroma refuse more than one receiver, and know one file at most. */
function toChat(note: OutgoingNote): Json {
  const [file] = note.attachments
  return {
    id: note.id,
    type: 'ChatMessage',
    attributedTo: note.author,
    content: note.content,
    mediaType: 'text/html',
    ...(isTooLong(note) ? {} : { source: { content: note.source, mediaType: 'text/markdown' } }),
    published: toDate(note.published),
    ...(note.updated === undefined ? {} : { updated: toDate(note.updated) }),
    to: note.to,
    ...(file === undefined ? {} : { attachment: [toAttachment(file)] }),
    ...(note.emojis.length === 0 ? {} : { tag: note.emojis.map(toEmoji) }),
  }
}

/** By this, software of groups finds which one a post is in (FEP-1b12). */
export const toGroup = ({ group }: Pick<OutgoingNote, 'group'>): Json =>
  group === undefined ? {} : { audience: group }

function toPost(note: OutgoingNote): Json {
  return {
    id: note.id,
    type: note.poll === undefined ? 'Note' : 'Question',
    attributedTo: note.author,
    content: note.content,
    ...toOtherForms(note),
    ...(note.summary === undefined ? {} : { summary: note.summary }),
    published: toDate(note.published),
    ...(note.updated === undefined ? {} : { updated: toDate(note.updated) }),
    url: note.url,
    to: note.to,
    cc: note.cc,
    ...toGroup(note),
    // One string: servers fail on a list (Mastodon, Misskey, Mitra).
    ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
    context: note.context,
    conversation: note.context,
    sensitive: note.sensitive,
    tag: [
      ...note.mentions.map((m) => ({ type: 'Mention', href: m.actorId, name: m.name })),
      ...note.hashtags.map((h) => ({ type: 'Hashtag', href: h.href, name: h.name })),
      ...note.emojis.map(toEmoji),
      ...(note.quote === undefined ? [] : [toQuoteTag(note.quote)]),
    ],
    attachment: note.attachments.map(toAttachment),
    ...(note.place === undefined ? {} : { location: toPlace(note.place) }),
    ...(note.poll === undefined ? {} : toPoll(note.poll)),
    ...(note.quote === undefined ? {} : toQuote(note.quote)),
    ...toInteractionPolicy(note),
    replies: `${note.id}/replies`,
  }
}
