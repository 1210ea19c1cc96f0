import type {
  Action,
  MessageMedia,
  MessagePoll,
  MessageText,
  Translation,
} from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { ActorId, ObjectId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { KnownForMatrix, KnownRoom } from './known.ts'
import type { Attachment, Mapping, Note, ObjectRecord } from '../model/note.ts'
import type { Visibility } from '../model/audience.ts'
import { accountName } from '../model/display-name.ts'
import { nameOf } from '../model/actor.ts'
import { displayHandle, splitMatrixId } from '../model/names.ts'
import { firstRestPart } from '../model/note.ts'
import { narrower } from './audience.ts'
import { linkChats } from './chat-links.ts'
import { emoticonsIn } from './emoticons.ts'
import type { MatrixText } from './html-to-matrix.ts'
import { filePart, filesOf, textParts, type NotePart } from './note-files.ts'
import { oneLine, type NoteTextOptions, type Pill } from './note-text.ts'
import {
  addressed,
  isForMany,
  membersAmong,
  placementsOf,
  standsIn,
  whyNowhere,
  type Placement,
} from './placement.ts'
import { pollMessage, saysAll } from './poll-parts.ts'
import { countJobs, isOver, pollJobs } from './polls.ts'
import { quotationChanges, shownQuote } from './quotations.ts'
import { isCrowded, tellCrowded } from './strangers.ts'
import { visibilityIn } from './visibility.ts'
import { looksLikeVote } from './votes.ts'

/** Marks shown above a post that is not public; a direct portal needs none. */
const visibilityMarks: Readonly<Record<Visibility, string>> = {
  public: '',
  unlisted: '🔓 unlisted',
  followers: '🔒 followers',
  direct: '',
}

/** A private note among notifications is marked: there it is not plain who reads it. */
const markOf = ({ visibility, place }: Placement): string =>
  visibility === 'direct' && place.kind === 'notifications'
    ? '✉️ private'
    : visibilityMarks[visibility]

function pillsOf(note: Note, known: KnownForMatrix): Map<string, Pill> {
  const pills = new Map<string, Pill>()
  for (const { actorId } of note.mentions) {
    const local = known.locals.get(actorId)
    const remote = known.actors.get(actorId)
    if (local !== undefined && local.group === undefined)
      pills.set(actorId, { userId: local.userId, name: nameOf(local) })
    if (remote === undefined) continue
    const pill = { userId: remote.ghost, name: accountName(remote.actor) }
    pills.set(actorId, pill)
    if (remote.actor.url !== undefined) pills.set(remote.actor.url, pill)
  }
  return pills
}

function recordOf(note: Note, visibility: Visibility, known: KnownForMatrix): ObjectRecord {
  return {
    id: note.id,
    author: note.author,
    isLocal: false,
    visibility,
    to: note.to,
    cc: note.cc,
    // What claims to be from the future would stay the newest of its chat for long.
    published: Math.min(note.published ?? known.now, known.now),
    mentions: note.mentions,
    ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
    ...(note.context === undefined ? {} : { context: note.context }),
    ...(note.url === undefined ? {} : { url: note.url }),
    ...(note.updated === undefined ? {} : { updated: note.updated }),
    ...(note.poll === undefined ? {} : { poll: note.poll }),
  }
}

/** What we keep of a note that is shown from now on, and what its poll needs later. */
const keepNote = (note: Note, object: ObjectRecord, known: KnownForMatrix): Change[] => [
  { change: 'put-object', object },
  ...quotationChanges(note, known),
  ...pollJobs(object, known.now),
]

const originalUrl = (note: Note): string => note.url ?? note.id

/** Whether the parent will stand in that room by the time the note is sent. */
const standsThere = (parent: string, placement: Placement, known: KnownForMatrix): boolean =>
  placement.ancestors?.some(({ id }) => id === parent) === true ||
  standsIn(parent, placement, known)

function authorHandle({ author }: Note, known: KnownForMatrix): string {
  const actor = author === known.author.actor.id ? known.author : known.actors.get(author)
  return actor === undefined ? new URL(author).host : displayHandle(actor.actor)
}

/** It may be a room that few are let into, while its posts are for everybody. */
const isGroup = ({ portal }: KnownRoom): boolean => portal.kind === 'group'

/** What one of us wrote is read where they wrote it; that of others on its page. */
function linkTo(parent: ObjectId, known: KnownForMatrix): string {
  const record = known.objects.get(parent)
  const written = (known.mappings.get(parent) ?? []).find(({ roomId }) => {
    const room = known.rooms.get(roomId)
    return record?.isLocal === true && room !== undefined && isForMany(room) && !isGroup(room)
  })
  return written === undefined ? (record?.url ?? parent) : eventLink(written)
}

/** Room ids do not say any more which server to ask for them. */
function eventLink({ roomId, eventId, sender }: Mapping): string {
  const [room, event] = [encodeURIComponent(roomId), encodeURIComponent(eventId)]
  const via = splitMatrixId(sender, '@')?.serverName ?? ''
  return `https://matrix.to/#/${room}/${event}?via=${encodeURIComponent(via)}`
}

function textOptions(note: Note, placement: Placement, known: KnownForMatrix): NoteTextOptions {
  const mark = markOf(placement)
  const boosted = placement.boostedBy === undefined ? undefined : authorHandle(note, known)
  const quote = shownQuote(note, placement.place, known)
  return {
    ...(quote === undefined ? {} : { quote }),
    pills: pillsOf(note, known),
    ...(mark === '' ? {} : { mark }),
    ...(boosted === undefined ? {} : { boosted }),
    ...(note.inReplyTo !== undefined && !standsThere(note.inReplyTo, placement, known)
      ? { answers: linkTo(note.inReplyTo, known) }
      : {}),
  }
}

/** What a message of a note says and shows. */
export type PartMessage = {
  readonly text: MessageText
  readonly media?: MessageMedia
  readonly poll?: MessagePoll
}

function messageOf({ text, file }: NotePart, note: Note, mentions: readonly UserId[]): PartMessage {
  const toMessage = ({ body, html }: MatrixText): MessageText => {
    const emojis = emoticonsIn(html ?? '')
    return {
      msgtype: 'm.text',
      body,
      ...(html === undefined ? {} : { html }),
      mentions,
      url: originalUrl(note),
      ...(note.language === undefined ? {} : { language: note.language }),
      ...(emojis.length === 0 ? {} : { emojis }),
    }
  }
  if (file === undefined) return { text: toMessage(text) }
  return { text: toMessage(text), media: { ...file, fallback: toMessage(file.fallback) } }
}

/** Whom the note is meant for: of a public one those it names, of a private one everybody it is addressed to. */
const rung = (note: Note, { visibility }: Placement, known: KnownForMatrix): Set<ActorId> =>
  new Set(
    visibility === 'direct'
      ? addressed(note, known).map(({ id }) => id)
      : note.mentions.map(({ actorId }) => actorId),
  )

export type TextForm = {
  readonly placement: Placement
  readonly first?: Attachment | undefined
  /** Its poll is a message of its own. */
  readonly isPollApart?: boolean
}

/** The words of a note for one room, as the caption of its file `first` where that is given. */
export function textMessages(
  note: Note,
  { placement, first, isPollApart = false }: TextForm,
  known: KnownForMatrix,
): readonly [PartMessage, ...PartMessage[]] {
  const options = { ...textOptions(note, placement, known), isPollApart }
  const [head, ...rest]: readonly [NotePart, ...NotePart[]] =
    placement.form === 'line'
      ? [{ text: oneLine(note, originalUrl(note), options.boosted) }]
      : textParts(note, first, { text: options, sensitive: known.sensitiveMedia })
  const pinged = membersAmong(rung(note, placement, known), placement, known)
  return [messageOf(head, note, pinged), ...rest.map((part) => messageOf(part, note, []))]
}

/** A further file of a note; who is mentioned was pinged by its text. */
export const fileMessage = (note: Note, file: Attachment, known: KnownForMatrix): PartMessage =>
  messageOf(filePart(note, file, known.sensitiveMedia), note, [])

type Part = { readonly part: number; readonly message: PartMessage }

/** Its text with its first file, the rest of its text, its further files, and its poll, which a plain text goes into. */
function partsOf(note: Note, placement: Placement, known: KnownForMatrix): Part[] {
  const isWhole = placement.form === 'whole'
  const files = isWhole ? filesOf(note, known.sensitiveMedia) : []
  const [first, ...rest] = files
  const isAsked = isWhole && note.poll !== undefined && !isOver(note.poll, known.now)
  const apart = isAsked
    ? textMessages(note, { placement, first, isPollApart: true }, known)
    : undefined
  const poll = apart && pollMessage(note, apart[0].text)
  if (
    apart !== undefined &&
    poll !== undefined &&
    files.length === 0 &&
    saysAll(note, apart[0].text)
  )
    return [{ part: 0, message: poll }]
  const texts = poll ? apart : textMessages(note, { placement, first }, known)
  const [head, ...more] = texts
  return [
    { part: 0, message: head },
    ...more.map((message, at) => ({ part: firstRestPart + at, message })),
    ...rest.map((file, at) => ({ part: at + 1, message: fileMessage(note, file, known) })),
    ...(poll === undefined ? [] : [{ part: rest.length + 1, message: unheard(poll) }]),
  ]
}

/** Who is named was pinged by the text. */
export const unheard = (message: PartMessage): PartMessage => ({
  ...message,
  text: { ...message.text, mentions: [] },
})

/** One note into one room. */
export function sendNote(note: Note, placement: Placement, known: KnownForMatrix): Action[] {
  const isThreaded = note.inReplyTo !== undefined && placement.form === 'whole'
  return partsOf(note, placement, known).map(({ part, message }, at, { length }) => ({
    do: 'send',
    as: placement.boostedBy ?? note.author,
    place: placement.place,
    from: note.id,
    part,
    ...message,
    ...(at < length - 1 ? { isMoreToCome: true } : {}),
    ...(isThreaded && placement.inReplyTo !== undefined ? { inReplyTo: placement.inReplyTo } : {}),
    ...(known.happenedAt === undefined ? {} : { ts: known.happenedAt }),
  }))
}

/** Whether a room where the author is read may show that parent, whatever its server let us read. */
function isShowable(ancestor: Note, known: KnownForMatrix): boolean {
  if (known.objects.get(ancestor.id)?.deletedAt !== undefined) return false
  // Nobody can be made to speak whose server does not say who they are.
  if (ancestor.author !== known.author.actor.id && !known.actors.has(ancestor.author)) return false
  const visibility = visibilityIn(ancestor, known)
  if (visibility === 'followers') return ancestor.author === known.author.actor.id
  return visibility !== 'direct'
}

/** The thread is shown from below the newest parent that may not stand there. */
function showable(placement: Placement, known: KnownForMatrix): Placement {
  const { ancestors = [] } = placement
  const hidden = ancestors.findLastIndex((ancestor) => !isShowable(ancestor, known))
  return hidden === -1 ? placement : { ...placement, ancestors: ancestors.slice(hidden + 1) }
}

export function withDate(action: Action, note: Note): Action {
  return action.do === 'send' && note.published !== undefined
    ? { ...action, ts: note.published }
    : action
}

/** Keeps a post that something else brought; what we know of one that was heard stays. */
export function keepAlong(note: Note, visibility: Visibility, known: KnownForMatrix): Action[] {
  const before = known.objects.get(note.id)
  const object = { ...recordOf(note, visibility, known), cameAlong: true } as const
  const changes = before
    ? [...quotationChanges(note, known), ...countJobs(before, known.now)]
    : keepNote(note, object, known)
  return changes.length === 0 ? [] : [{ do: 'commit', changes }]
}

/** Parents that are missing where the author is read come first, with their own dates and without a ping. */
function sendAncestors(placement: Placement, known: KnownForMatrix): Action[] {
  const { place, ancestors = [] } = placement
  return ancestors.flatMap((ancestor): Action[] => {
    const visibility = visibilityIn(ancestor, known)
    const where: Placement = {
      place,
      members: new Set(),
      form: 'whole',
      visibility,
      ancestors,
      ...(ancestor.inReplyTo === undefined ? {} : { inReplyTo: ancestor.inReplyTo }),
    }
    return [
      ...keepAlong(ancestor, visibility, known),
      ...sendNote(ancestor, where, known).map((action) => withDate(action, ancestor)),
    ]
  })
}

/** What is kept of a note that its author's server told us: one that came along before may have narrowed meanwhile. */
function recordHeard(note: Note, visibility: Visibility, known: KnownForMatrix): ObjectRecord {
  const { cameAlong, ...record } = known.objects.get(note.id) ?? recordOf(note, visibility, known)
  return cameAlong === undefined ? record : { ...record, mentions: note.mentions }
}

/**
 * A note that we hear of: all its rooms, oldest parents first, then what we keep of it. Parts that
 * stand there already are not sent again (`bridge/perform-send.ts`).
 */
export function placeNote(note: Note, known: KnownForMatrix): Translation {
  const visibility = visibilityIn(note, known)
  const placements = placementsOf(note, visibility, known).map((one) => showable(one, known))
  if (placements.length === 0) return { skip: whyNowhere(note, visibility, known) }
  const actions = placements.flatMap((placement) => [
    ...sendAncestors(placement, known),
    ...sendNote(note, placement, known),
  ])
  const object = recordHeard(note, visibility, known)
  const crowded = placements.some(({ place }) => place.kind === 'notifications')
    ? addressed(note, known).filter(isCrowded(known))
    : []
  return {
    actions: [
      ...crowded.map((actor) => tellCrowded(actor, known)),
      ...actions,
      ...linkChats(note, placements, known),
      {
        do: 'commit',
        changes: [...keepNote(note, object, known), { change: 'release', waitsFor: note.id }],
      },
    ],
  }
}

/** Why a post may not be shown, or changed, in the name of who sent it. */
export function refusal(
  note: Note | undefined,
  actor: ActorId,
  known: KnownForMatrix,
): Translation | undefined {
  if (note === undefined) return { skip: 'unknown-target' }
  if (note.author !== actor) return { skip: 'not-the-owner' }
  const record = known.objects.get(note.id)
  if (record?.deletedAt !== undefined) return { skip: 'deleted' }
  return record === undefined || record.author === actor ? undefined : { skip: 'not-the-owner' }
}

/**
 * A post from before somebody followed: into the account's portal with its own date, pinging
 * nobody, unless it is for fewer than `narrowest`. Replies come along only within what the portal holds.
 */
export function translateBacklog(
  note: Note,
  known: KnownForMatrix,
  narrowest: 'unlisted' | 'followers' = 'unlisted',
): Translation {
  const room = known.authorRoom
  const visibility = visibilityIn(note, known)
  const refused = refusal(note, known.author.actor.id, known)
  if (refused !== undefined) return refused
  if (room === undefined) return { skip: 'no-place' }
  if (narrower(visibility, narrowest) !== narrowest) return { skip: 'not-public' }
  const { inReplyTo } = note
  const { roomId } = room.portal
  if (
    inReplyTo !== undefined &&
    !(known.mappings.get(inReplyTo) ?? []).some((m) => m.roomId === roomId)
  ) {
    return { skip: 'no-place' }
  }
  const placement: Placement = {
    place: { kind: 'room', roomId },
    members: new Set(),
    form: 'whole',
    visibility,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
  }
  const dated = sendNote(note, placement, known).map((action) => withDate(action, note))
  return { actions: [...dated, ...keepAlong(note, visibility, known)] }
}

export function translateCreate(
  activity: Activity & { type: 'create' },
  known: KnownForMatrix,
): Translation {
  const { note } = known
  const refused = refusal(note, activity.actor, known)
  if (refused !== undefined || note === undefined) return refused ?? { skip: 'unknown-target' }
  const record = known.objects.get(note.id)
  if (record !== undefined && record.cameAlong === undefined) return { skip: 'already-known' }
  if (looksLikeVote(note, known)) return { skip: 'no-content' }
  return placeNote(note, known)
}
