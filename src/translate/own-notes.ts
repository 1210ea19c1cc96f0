import type { ActorId, EventId, RoomId } from '../model/ids.ts'
import type { Change, HeldMessage } from '../model/change.ts'
import type { Mapping, ObjectRecord } from '../model/note.ts'
import type { KnownForFediverse } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { OutgoingNote } from '../model/outgoing.ts'
import type { Action, Translation } from '../model/action.ts'
import { editedFiles, filesWithout, forgetFiles, linksToMore, withoutLinks } from './attachments.ts'
import { orderOf } from './audience.ts'
import { composeNote } from './compose.ts'
import { quotableBy, quotingAfter } from './own-quotes.ts'
import { placeText } from './places.ts'
import {
  askedAnew,
  forgetVotes,
  nameAnswers,
  refusedPoll,
  together,
  unchanged,
} from './own-polls.ts'
import { splitWarning, veilOf } from './warnings.ts'
import { isMeantForMatrix, notSent, publisherOf, refusedContent } from './not-sent.ts'

type Edit = MatrixEvent & { type: 'edit' }
type Redaction = MatrixEvent & { type: 'redaction' }

/** What an edit of the words leaves as it was. */
function kept(note: OutgoingNote | undefined): Partial<OutgoingNote> {
  if (note === undefined) return {}
  const { language, place, poll, isChat, group } = note
  return {
    ...(isChat === undefined ? {} : { isChat }),
    ...(group === undefined ? {} : { group }),
    ...(language === undefined ? {} : { language }),
    ...(place === undefined ? {} : { place }),
    ...(poll === undefined ? {} : { poll }),
  }
}

function editHeld(event: Edit, held: HeldMessage): Translation {
  if (held.message.sender !== event.sender) return { skip: 'not-the-owner' }
  const unfit = refusedContent(event)
  if (unfit !== undefined) return unfit
  const { kind, text, media, poll } = event
  if ((poll === undefined) !== (held.message.poll === undefined)) return { skip: 'unsupported' }
  const asked = poll === undefined ? {} : { poll }
  const edited = { ...held, message: { ...held.message, kind, text, media, ...asked } }
  return { actions: [{ do: 'commit', changes: [{ change: 'hold', held: edited }] }] }
}

/** Whoever has left a private chat since keeps what they have, and gets no new words. */
function forThoseThere(
  note: OutgoingNote,
  { visibility }: ObjectRecord,
  { portal, participants }: KnownForFediverse,
): OutgoingNote {
  const isOfChat = portal === undefined || portal.kind === 'direct'
  if (visibility !== 'direct' || !isOfChat) return note
  const there = new Set<string>(participants.map(({ actorId }) => actorId))
  return {
    ...note,
    to: note.to.filter((id) => there.has(id)),
    cc: note.cc.filter((id) => there.has(id)),
    mentions: note.mentions.filter(({ actorId }) => there.has(actorId)),
  }
}

/** An Update that brings a note of ours up to date wherever it went. */
function republish(edited: OutgoingNote, object: ObjectRecord, known: KnownForFediverse): Action {
  const note = forThoseThere(edited, object, known)
  const { to, cc } = note
  return {
    do: 'publish',
    activity: { type: 'update', id: known.ids.activity, actor: note.author, note, to, cc },
    recipients: note.mentions.map(({ actorId }) => actorId).filter((id) => id !== note.author),
    toFollowers: object.visibility !== 'direct',
    inboxes: known.target?.inboxes ?? [],
    order: orderOf(object),
  }
}

const committing = (changes: readonly Change[]): readonly Action[] =>
  changes.length === 0 ? [] : [{ do: 'commit', changes }]

/** Words edited alone leave files as they are, veiled or not. */
const isStillVeiled = ({ media }: Edit, { note }: ObjectRecord): boolean =>
  media.length === 0 && note?.sensitive === true && note.attachments.length > 0

/** What the words of a note are after they were edited. */
function editedWords(
  event: Edit,
  { object, author }: { readonly object: ObjectRecord; readonly author: LocalActor },
  known: KnownForFediverse,
): OutgoingNote {
  const also = object.mentions.map(({ actorId, name }) => ({ actorId, handle: name, url: actorId }))
  const warned = splitWarning(placeText(event), event.media.length > 0)
  const veil = veilOf(event.media)
  const { text, html, quote } = quotingAfter(warned.text, object.note?.quote, known.linked)
  const composed = composeNote(text, event.kind === 'emote' ? author : undefined, {
    known,
    also,
    isClosed: true,
    summary: warned.summary ?? veil.reason,
  })
  const { summary } = composed
  const asked = event.poll === undefined ? undefined : nameAnswers(event.poll, known.emojis)
  return {
    ...{ to: object.to, cc: object.cc },
    id: object.id,
    author: author.id,
    content: composed.content + html,
    source: warned.text.body,
    published: object.published,
    url: object.url ?? object.id,
    context: object.context ?? known.context,
    mentions: composed.mentions,
    hashtags: composed.hashtags,
    sensitive: summary !== undefined || veil.isVeiled || isStillVeiled(event, object),
    emojis: together(composed.emojis, asked?.emojis ?? []),
    attachments: [],
    ...kept(object.note),
    ...askedAnew(asked?.poll, object),
    ...(summary === undefined ? {} : { summary }),
    ...(object.inReplyTo === undefined ? {} : { inReplyTo: object.inReplyTo }),
    ...(quote === undefined ? {} : { quote }),
    ...quotableBy(object.visibility, known),
  }
}

/** A message without the words of its post: what is written below its file is about the file. */
function editFurther(event: Edit, object: ObjectRecord, known: KnownForFediverse): Translation {
  const { note } = object
  if (note === undefined) return { skip: 'unknown-target' }
  const caption = event.text.body.trim()
  const media = event.media.map((one) =>
    caption === '' || one.alt !== undefined ? one : { ...one, alt: caption },
  )
  const { attachments, changes } = editedFiles({ ...event, media }, object, known)
  const content = withoutLinks(note) + linksToMore(attachments)
  const sensitive = note.sensitive || veilOf(media).isVeiled
  const edited = { ...note, content, attachments, sensitive, updated: known.now }
  const published = republish(edited, object, known)
  return { actions: [unchanged(object), published, ...committing(changes)] }
}

/** The line of what it quoted is gone. */
const unquoted = ({ id, note }: ObjectRecord, { quote }: OutgoingNote): Change[] =>
  note?.quote === undefined || quote !== undefined
    ? []
    : [{ change: 'remove-quotation', quoting: id }]

/** A line to the bot is no text of a post, whatever became of it. */
const isNoPost = ({ kind, text }: Edit, { portal }: KnownForFediverse): boolean =>
  portal?.kind === 'management' || portal?.kind === 'moderation' || isMeantForMatrix(kind, text)

/** Words and their mentions change; audience, id, thread and date stay. */
export function translateEdit(event: Edit, known: KnownForFediverse): Translation {
  if (isNoPost(event, known)) return { skip: 'unwanted' }
  if (known.held !== undefined) return editHeld(event, known.held)
  const object = known.target?.object
  if (object === undefined) return { skip: 'unknown-target' }
  if (known.author === undefined || object.author !== known.author.id)
    return { skip: 'not-the-owner' }
  if (object.deletedAt !== undefined) return { skip: 'deleted' }
  const author = publisherOf(known)
  if (known.author.profile?.movedTo !== undefined) return notSent(event, 'moved')
  if (author === undefined) return { skip: known.isPermitted ? 'not-an-actor' : 'not-permitted' }
  const isFurther = known.target?.mapping.part !== 0
  const refused = refusedContent(event) ?? (isFurther ? undefined : refusedPoll(event, object))
  if (refused !== undefined) return refused
  if (isFurther) return editFurther(event, object, known)
  const words = editedWords(event, { object, author }, known)
  const { attachments, changes } = editedFiles(event, object, known)
  const content = words.content + linksToMore(attachments)
  const note = { ...words, content, attachments, updated: known.now }
  const forgotten = [...unquoted(object, note), ...forgetVotes(note, object)]
  return {
    actions: [
      unchanged(object),
      republish(note, object, known),
      ...committing([...changes, ...forgotten]),
    ],
  }
}

/** Names a message that somebody else took out of a room: later edits must not bring its words back. */
export const hiddenMark = (roomId: RoomId, eventId: EventId): string =>
  `hidden ${roomId} ${eventId}`

const hideFromEdits = (event: Redaction, at: number): Action => ({
  do: 'commit',
  changes: [{ change: 'mark', key: hiddenMark(event.roomId, event.target), value: '', at }],
})

/** What was said in words goes with them: a warning, a quote, a place. Files stay veiled. */
function wordless(note: OutgoingNote): OutgoingNote {
  const { id, author, to, cc, published, url, context, mentions, sensitive, attachments } = note
  const { inReplyTo, isChat, quotePolicy, group } = note
  return {
    ...{ id, author, to, cc, published, url, context, mentions, sensitive, attachments },
    ...{ content: '', source: '', hashtags: [], emojis: [] },
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    ...(isChat === undefined ? {} : { isChat }),
    ...(group === undefined ? {} : { group }),
    ...(quotePolicy === undefined ? {} : { quotePolicy }),
  }
}

/**
 * What is left of a post when one of the messages that it was made of goes; undefined: nothing. The
 * message with the words stays its place in the room: answers to the rest go there.
 */
function withoutPart(
  { part, eventId, roomId }: Mapping,
  object: ObjectRecord,
  known: KnownForFediverse,
): Translation | undefined {
  const { note } = object
  // A poll whose question goes asks nothing any more.
  if (note === undefined || (part === 0 && note.poll !== undefined)) return undefined
  const { attachments, changes } = filesWithout(part, note.attachments, known)
  const words = part === 0 ? '' : withoutLinks(note)
  if (attachments.length === 0 && words === '') return undefined
  const isGone = part === 0 && changes.length === 0 && withoutLinks(note) === ''
  if (isGone) return { skip: 'deleted' }
  const left: OutgoingNote = {
    ...(part === 0 ? wordless(note) : note),
    content: words + linksToMore(attachments),
    attachments,
    updated: known.now,
  }
  const gone: Change[] = part === 0 ? [] : [{ change: 'remove-mapping', roomId, eventId }]
  const published = republish(left, object, known)
  const forgotten = [...gone, ...changes, ...unquoted(object, left)]
  return { actions: [unchanged(object), published, ...committing(forgotten)] }
}

/** Only the author's own redaction leaves Matrix; a moderator's stays here. */
export function translateDelete(event: Redaction, known: KnownForFediverse): Translation {
  const object = known.target?.object
  if (object === undefined) return { skip: 'unknown-target' }
  if (known.author === undefined || object.author !== known.author.id)
    return { skip: 'not-the-owner', actions: [hideFromEdits(event, known.now)] }
  if (object.deletedAt !== undefined) return { skip: 'deleted' }
  const mapping = known.target?.mapping
  const rest = mapping === undefined ? undefined : withoutPart(mapping, object, known)
  if (rest !== undefined) return rest
  const recipients = object.mentions
    .map(({ actorId }): ActorId => actorId)
    .filter((id) => id !== object.author)
  return {
    actions: [
      ...(known.target?.told ?? []).map(({ roomId, eventId: target }): Action => ({
        do: 'redact',
        as: 'bot',
        roomId,
        target,
        from: known.ids.activity,
      })),
      {
        do: 'publish',
        activity: {
          type: 'delete',
          id: known.ids.activity,
          actor: known.author.id,
          object: object.id,
          at: known.now,
          to: object.to,
          cc: object.cc,
          ...(object.note?.group === undefined ? {} : { group: object.note.group }),
        },
        recipients,
        toFollowers: object.visibility !== 'direct',
        inboxes: known.target?.inboxes ?? [],
        order: orderOf(object),
      },
      {
        do: 'commit',
        changes: [
          { change: 'delete-object', id: object.id, author: object.author, at: known.now },
          { change: 'remove-mapping', roomId: event.roomId, eventId: event.target },
          ...forgetFiles(known.target?.media.map(({ id }) => id) ?? [], known.ids.activity),
        ],
      },
    ],
  }
}
