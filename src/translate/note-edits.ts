import type { Action, Place, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { Change } from '../model/change.ts'
import type { ActivityId, ActorId, ObjectId, UserId } from '../model/ids.ts'
import type { KnownForMatrix } from './known.ts'
import type { Attachment, Mapping, Note, ObjectRecord, Poll } from '../model/note.ts'
import type { Placement } from './placement.ts'
import type { Visibility } from '../model/audience.ts'
import { isOpen } from '../model/audience.ts'
import { firstEditPart, firstRestPart } from '../model/note.ts'
import { narrower, visibilityOf } from './audience.ts'
import { lineOf } from './boosts.ts'
import { isHeard } from './placement.ts'
import { quotationChanges } from './quotations.ts'
import { redactAll } from './redactions.ts'
import { filesOf, isBare } from './note-files.ts'
import { pollMessage } from './poll-parts.ts'
import { asksTheSame, endPollsOf, isOver, pollEndJobs, tallyJob } from './polls.ts'
import {
  fileMessage,
  placeNote,
  refusal,
  textMessages,
  unheard,
  type PartMessage,
} from './notes.ts'
import { looksLikeVote } from './votes.ts'

const dayInMs = 86_400_000

type Edit = {
  readonly note: Note
  /** As it is from now on. */
  readonly visibility: Visibility
  readonly from: ActivityId
}

const isNamed = (userId: UserId, { to, cc }: Note, known: KnownForMatrix): boolean =>
  [...known.locals.values()].some(
    (local) => local.userId === userId && (to.includes(local.id) || cc.includes(local.id)),
  )

/** Wherever they read it: only those are in the room of an account who may read what is for its followers. */
const isFollower = (userId: UserId, { homes, authorRoom }: KnownForMatrix): boolean =>
  homes.some((home) => home.userId === userId) || authorRoom?.members.has(userId) === true

/** Whether it is for that user: as a follower of its author, or by name. */
const isReadBy = (
  userId: UserId,
  { note, visibility }: Omit<Edit, 'from'>,
  known: KnownForMatrix,
) => isNamed(userId, note, known) || (visibility === 'followers' && isFollower(userId, known))

/** Whether a room that holds the post may hold it with its visibility of now. */
function mayStay({ note, visibility }: Edit, { roomId }: Mapping, known: KnownForMatrix): boolean {
  if (isOpen(visibility)) return true
  const portal = known.rooms.get(roomId)?.portal
  // Left for another room by the same people: an edit that shows it to nobody less takes nothing away.
  if (portal === undefined) return known.objects.get(note.id)?.visibility === visibility
  switch (portal.kind) {
    case 'direct':
      return true
    case 'actor':
      return visibility === 'followers' && portal.actorId === note.author
    case 'home':
      return isReadBy(portal.userId, { note, visibility }, known)
    case 'notifications':
      return isReadBy(portal.userId, { note, visibility }, known)
    default:
      return false
  }
}

/**
 * A reply to a stranger stands where its author is read as one quoted line. No other reply is a root
 * there, unless its parent could not be had: then we know that parent as the account's own or ours.
 */
function isQuotedLine(note: Note, mapping: Mapping, known: KnownForMatrix): boolean {
  if (note.inReplyTo === undefined || mapping.threadRoot !== undefined) return false
  const isHome = known.rooms.get(mapping.roomId)?.portal.kind === 'home'
  if (!isHome && mapping.roomId !== known.authorRoom?.portal.roomId) return false
  const parent = known.objects.get(note.inReplyTo)
  return parent === undefined || (!parent.isLocal && parent.author !== note.author)
}

/** As when it was sent: a private note among notifications is marked. */
function placeOf({ roomId }: Mapping, known: KnownForMatrix): Place {
  const portal = known.rooms.get(roomId)?.portal
  if (portal?.kind !== 'notifications') return { kind: 'room', roomId }
  return { kind: 'notifications', userId: portal.userId }
}

function placementOf(first: Mapping, { note, visibility }: Edit, known: KnownForMatrix): Placement {
  return {
    place: placeOf(first, known),
    // An edit pings nobody again.
    members: new Set(),
    form: isQuotedLine(note, first, known) ? 'line' : 'whole',
    visibility,
    // A card of another account, which boosted it.
    ...(isOwnCard(first, known) ? {} : { boostedBy: note.author }),
  }
}

const isOwnCard = ({ sender }: Mapping, known: KnownForMatrix): boolean =>
  sender === known.author.ghost

const redact = (mapping: Mapping, { note, from }: Edit): Action => ({
  do: 'redact',
  as: note.author,
  roomId: mapping.roomId,
  target: mapping.eventId,
  from,
})

const editTo = (message: PartMessage, mapping: Mapping, { note, from }: Edit): Action => {
  const { roomId, eventId: target, part } = mapping
  return { do: 'edit', as: note.author, roomId, target, from, part, ...message }
}

/**
 * The file of the first event, which stays that event whatever becomes of its file: replies and
 * reactions hang on it. It takes another one only when nothing else is left to say.
 */
function firstFile(
  note: Note,
  { media }: Mapping,
  files: readonly Attachment[],
): Attachment | undefined {
  const kept = files.find(({ url }) => url === media)
  return kept === undefined && media !== undefined && isBare(note) ? files[0] : kept
}

/** What came with the edit follows what stands there already, in its thread. */
const sendMore = (
  messages: readonly PartMessage[],
  { roomId, part: first }: Pick<Mapping, 'roomId' | 'part'>,
  { note, from }: Edit,
): Action[] =>
  messages.map((message, index) => ({
    do: 'send',
    as: note.author,
    place: { kind: 'room', roomId },
    from: note.id,
    part: first + index,
    ...message,
    inReplyTo: note.id,
    cause: from,
  }))

/** The messages that the rest of a long text stands in: changed, added, taken away. */
function editRest(
  texts: readonly PartMessage[],
  { first, rest }: { readonly first: Mapping; readonly rest: readonly Mapping[] },
  { edit, isOwn }: { readonly edit: Edit; readonly isOwn: boolean },
): Action[] {
  const changed = rest.flatMap((mapping, at) => {
    const message = texts[at]
    return message === undefined ? [redact(mapping, edit)] : [editTo(message, mapping, edit)]
  })
  const part = (rest.at(-1)?.part ?? firstRestPart - 1) + 1
  const added = isOwn ? texts.slice(rest.length) : []
  return [...changed, ...sendMore(added, { roomId: first.roomId, part }, edit)]
}

/** The polls that stand there, as the post asks now. What is itself the first event stays when nothing is asked any more. */
function pollEdits(
  parts: readonly Mapping[],
  edit: Edit,
  { placement, known }: { readonly placement: Placement; readonly known: KnownForMatrix },
): Action[] {
  const { note } = edit
  const [head] = textMessages(note, { placement, isPollApart: true }, known)
  const message = pollMessage(note, head.text)
  return parts
    .filter(({ isPoll }) => isPoll === true)
    .flatMap((mapping): Action[] => {
      if (message !== undefined) return [editTo(unheard(message), mapping, edit)]
      return mapping.part === 0 ? [] : [redact(mapping, edit)]
    })
}

/** The poll that a post has since this edit: one more message, as no message becomes a poll. */
function pollGained(
  parts: readonly Mapping[],
  { note }: Edit,
  { placement, known }: { readonly placement: Placement; readonly known: KnownForMatrix },
): readonly PartMessage[] {
  const isThere = parts.some(({ isPoll }) => isPoll === true)
  const isShown = placement.form === 'whole' && placement.boostedBy === undefined
  if (isThere || !isShown || note.poll === undefined || isOver(note.poll, known.now)) return []
  const [head] = textMessages(note, { placement, isPollApart: true }, known)
  const message = pollMessage(note, head.text)
  return message === undefined ? [] : [unheard(message)]
}

/** What stands in one room, brought to what the post is now: words and files changed, added, taken away. */
function editIn(there: readonly Mapping[], edit: Edit, known: KnownForMatrix): Action[] {
  const parts = there.filter(({ part }) => part < firstRestPart)
  const rest = there.filter(({ part }) => part >= firstRestPart && part < firstEditPart)
  const [first] = parts
  const last = parts.at(-1)
  if (first?.part !== 0 || last === undefined) return []
  const { note } = edit
  const placement = placementOf(first, edit, known)
  const files = placement.form === 'whole' ? filesOf(note, known.sensitiveMedia) : []
  const head = firstFile(note, first, files)
  const further = files.filter((file) => file !== head)
  const shown = new Set(parts.map(({ media }) => media))
  const gone = there.filter(({ part, media }) => {
    if (part === 0 || media === undefined) return false
    // Edits show files too: those of a file that goes have to go with it.
    const isEditOfFirst = part >= firstEditPart && media === head?.url
    return !isEditOfFirst && !further.some(({ url }) => url === media)
  })
  const polls = pollEdits(parts, edit, { placement, known })
  const gained = pollGained(parts, edit, { placement, known })
  const isPollApart = polls.length + gained.length > 0
  const form = { placement, first: head, isPollApart }
  const [message, ...texts] = textMessages(note, form, known)
  const isOwn = isOwnCard(first, known)
  const added = isOwn ? further.filter(({ url }) => !shown.has(url)) : []
  return [
    ...(first.isPoll === true ? [] : [editTo(message, first, edit)]),
    ...editRest(texts, { first, rest }, { edit, isOwn }),
    ...polls,
    ...further.flatMap((file) =>
      parts
        .filter(({ part, media }) => part !== 0 && media === file.url)
        .map((mapping) => editTo(fileMessage(note, file, known), mapping, edit)),
    ),
    ...gone.map((mapping) => redact(mapping, edit)),
    ...sendMore(
      [...added.map((file) => fileMessage(note, file, known)), ...gained],
      { roomId: first.roomId, part: last.part + 1 },
      edit,
    ),
  ]
}

function editEverywhere(edit: Edit, known: KnownForMatrix): Action[] {
  const mappings = known.mappings.get(edit.note.id) ?? []
  const byRoom = Map.groupBy(mappings, ({ roomId }) => roomId)
  return [...byRoom].flatMap(([roomId, there]): Action[] => {
    const stay = there.filter((mapping) => mayStay(edit, mapping, known))
    const room = known.rooms.get(roomId)
    const isRead = room === undefined || isHeard(room, known)
    return [
      ...there.filter((mapping) => !stay.includes(mapping)).map((mapping) => redact(mapping, edit)),
      ...(isRead ? editIn(stay, edit, known) : []),
    ]
  })
}

/**
 * What is for fewer people now is boosted by its author alone: the lines of others that named it go.
 * They say its words alone: new counts of a poll change none.
 */
function editLines(edit: Edit, record: ObjectRecord, known: KnownForMatrix): Action[] {
  const { note, visibility } = edit
  const { boostLines = [] } = known
  const stays = (line: Mapping): boolean =>
    isOpen(visibility) || (isOwnCard(line, known) && mayStay(edit, line, known))
  const gone = boostLines.filter((line) => !stays(line)).map((line) => redact(line, edit))
  if (note.poll !== undefined && note.updated === record.updated) return gone
  const changed = boostLines.flatMap((line) => {
    const isWords = line.part === 0 && stays(line)
    const message = isWords ? lineOf(note, { line, visibility }, known) : undefined
    return message === undefined ? [] : [editTo(message, line, edit)]
  })
  return [...gone, ...changed]
}

/** Its author's server says that nobody votes any more. */
function endPolls({ note }: Edit, record: ObjectRecord, known: KnownForMatrix): Action[] {
  const isNew = note.poll?.isClosed === true && record.poll?.isClosed === false
  return isNew ? endPollsOf(known.mappings.get(note.id) ?? []) : []
}

/** New counts are told in time, and whoever asks something else lets everybody vote again. */
function pollChanges({ note }: Edit, record: ObjectRecord, now: number): readonly Change[] {
  const { poll } = note
  if (poll === undefined) return []
  const { poll: before } = record
  const isAnother = before !== undefined && !asksTheSame(poll, before)
  const isCounted = JSON.stringify(before?.options) !== JSON.stringify(poll.options)
  const isEnd = poll.isClosed && before?.isClosed !== true
  return [
    ...(isAnother ? [{ change: 'remove-votes', object: note.id } as const] : []),
    ...(isCounted || isEnd ? [tallyJob(note.id, now, isEnd)] : []),
    ...pollEndJobs({ object: note.id, poll }, false, now),
  ]
}

/** What ended when its time had come stays so, whether its server says so or not. */
const stillClosed = (poll: Poll, before: Poll | undefined): Poll =>
  before?.isClosed === true && before.endTime === poll.endTime ? { ...poll, isClosed: true } : poll

/** An edit changes the words; it may show them to fewer people than before, never to more. */
function recordAfter(note: Note, before: ObjectRecord, known: KnownForMatrix): ObjectRecord {
  const { poll: asked, ...record } = before
  const isAddressed = note.to.length + note.cc.length > 0
  const stated = isAddressed ? visibilityOf(note, known.author.actor.followers) : record.visibility
  const visibility = narrower(record.visibility, stated)
  return {
    ...record,
    visibility,
    ...(visibility === record.visibility ? {} : { to: note.to, cc: note.cc }),
    mentions: note.mentions,
    ...(note.updated === undefined ? {} : { updated: note.updated }),
    ...(note.poll === undefined ? {} : { poll: stillClosed(note.poll, asked) }),
  }
}

export function translateUpdate(
  activity: Activity & { type: 'update-note' },
  known: KnownForMatrix,
): Translation {
  const { note } = known
  const refused = refusal(note, activity.actor, known)
  if (refused !== undefined || note === undefined) return refused ?? { skip: 'unknown-target' }
  const record = known.objects.get(note.id)
  // A vote that was changed is none that counts, and nothing that anybody posted.
  if (record === undefined && looksLikeVote(note, known)) return { skip: 'no-content' }
  // The Update overtook its Create: it carries the whole note, so it stands for both while that is news.
  const isNews = (note.published ?? 0) > known.now - dayInMs
  if (record === undefined) {
    const placed: Translation = isNews ? placeNote(note, known) : { skip: 'unknown-target' }
    return withChanges(placed, requote(note.id, activity, known))
  }
  if (record.author !== activity.actor) return { skip: 'not-the-owner' }
  if (record.updated !== undefined && note.updated !== undefined && note.updated < record.updated) {
    return { skip: 'already-known' }
  }
  const object = recordAfter(note, record, known)
  const edit: Edit = { note, visibility: object.visibility, from: activity.id }
  const placed = record.cameAlong === true && isNews ? placeNote(note, known) : undefined
  const { cameAlong, ...heard } = object
  const kept = cameAlong === undefined || placed !== undefined ? heard : object
  return {
    actions: [
      ...editEverywhere(edit, known),
      ...editLines(edit, record, known),
      ...(placed?.actions ?? []),
      ...endPolls(edit, record, known),
      {
        do: 'commit',
        changes: [
          { change: 'put-object', object: kept },
          ...pollChanges(edit, record, known.now),
          ...quotationChanges(note, known),
          ...requote(note.id, activity, known),
        ],
      },
    ],
  }
}

/** What quotes the post shows it as it is now, or no more. */
function requote(of: ObjectId, { id }: Activity, { isQuoted }: KnownForMatrix): readonly Change[] {
  if (!isQuoted) return []
  const job = {
    kind: 'upkeep',
    key: `requote ${of} ${id}`,
    lane: `upkeep:requote ${of}`,
    payload: JSON.stringify({ type: 'requote', of }),
  } as const
  return [{ change: 'enqueue', job }]
}

function withChanges(translation: Translation, changes: readonly Change[]): Translation {
  if (changes.length === 0) return translation
  return { ...translation, actions: [...(translation.actions ?? []), { do: 'commit', changes }] }
}

const hostOf = (id: ActorId): string => new URL(id).host

export function translateDelete(
  activity: Activity & { type: 'delete-object' },
  known: KnownForMatrix,
): Translation {
  const record = known.objects.get(activity.object)
  const author = record?.author ?? activity.actor
  // Moderators delete for their users: the author's own host is trusted with that.
  if (hostOf(author) !== hostOf(activity.actor)) return { skip: 'not-the-owner' }
  if (record?.deletedAt !== undefined) return { skip: 'deleted' }
  return {
    actions: [
      ...redactAll(activity.object, activity, known),
      {
        do: 'commit',
        changes: [
          { change: 'delete-object', id: activity.object, author, at: known.now },
          ...requote(activity.object, activity, known),
        ],
      },
    ],
  }
}
