import type { Action, Place, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { KnownForMatrix } from './known.ts'
import type { Mapping, Note, ObjectRecord } from '../model/note.ts'
import type { Placement } from './placement.ts'
import type { Visibility } from '../model/audience.ts'
import { narrower, visibilityOf } from './audience.ts'
import { isHeard } from './placement.ts'
import { redactAll } from './redactions.ts'
import { placeNote, refusal, textFor } from './notes.ts'

const dayInMs = 86_400_000

type Edit = {
  readonly note: Note
  /** As it is from now on. */
  readonly visibility: Visibility
  readonly from: ActivityId
}

/** Whether a room that holds the post may hold it with its visibility of now. */
function mayStay({ note, visibility }: Edit, { roomId }: Mapping, known: KnownForMatrix): boolean {
  if (visibility === 'public' || visibility === 'unlisted') return true
  const portal = known.rooms.get(roomId)?.portal
  // Left for another room by the same people: an edit that shows it to nobody less takes nothing away.
  if (portal === undefined) return known.objects.get(note.id)?.visibility === visibility
  switch (portal.kind) {
    case 'direct':
      return true
    case 'actor':
      return visibility === 'followers' && portal.actorId === note.author
    case 'notifications':
      return [...known.locals.values()].some(
        ({ id, userId }) =>
          userId === portal.userId && (note.to.includes(id) || note.cc.includes(id)),
      )
    default:
      return false
  }
}

/**
 * A reply to a stranger stands in its author's portal as one quoted line. No other reply is a root
 * there, unless its parent could not be had: then we know that parent as the account's own or ours.
 */
function isQuotedLine(note: Note, mapping: Mapping, known: KnownForMatrix): boolean {
  if (note.inReplyTo === undefined || mapping.threadRoot !== undefined) return false
  if (mapping.roomId !== known.authorRoom?.portal.roomId) return false
  const parent = known.objects.get(note.inReplyTo)
  return parent === undefined || (!parent.isLocal && parent.author !== note.author)
}

/** As when it was sent: a private note among notifications is marked. */
function placeOf({ roomId }: Mapping, known: KnownForMatrix): Place {
  const portal = known.rooms.get(roomId)?.portal
  if (portal?.kind !== 'notifications') return { kind: 'room', roomId }
  return { kind: 'notifications', userId: portal.userId }
}

function editIn(mapping: Mapping, { note, visibility, from }: Edit, known: KnownForMatrix): Action {
  const { roomId, eventId } = mapping
  const placement: Placement = {
    place: placeOf(mapping, known),
    // An edit pings nobody again.
    members: new Set(),
    form: isQuotedLine(note, mapping, known) ? 'line' : 'whole',
    visibility,
    // A card of another account, which boosted it.
    ...(mapping.sender === known.author.ghost ? {} : { boostedBy: note.author }),
  }
  const text = textFor(note, placement, known)
  return { do: 'edit', as: note.author, roomId, target: eventId, from, part: 0, text }
}

const redact = (mapping: Mapping, { note, from }: Edit): Action => ({
  do: 'redact',
  as: note.author,
  roomId: mapping.roomId,
  target: mapping.eventId,
  from,
})

function editEverywhere(edit: Edit, known: KnownForMatrix): Action[] {
  return (known.mappings.get(edit.note.id) ?? []).flatMap((mapping): Action[] => {
    if (!mayStay(edit, mapping, known)) return [redact(mapping, edit)]
    const room = known.rooms.get(mapping.roomId)
    if (mapping.part !== 0 || (room !== undefined && !isHeard(room, known))) return []
    return [editIn(mapping, edit, known)]
  })
}

/** An edit changes the words; it may show them to fewer people than before, never to more. */
function recordAfter(note: Note, record: ObjectRecord, known: KnownForMatrix): ObjectRecord {
  const isAddressed = note.to.length + note.cc.length > 0
  const stated = isAddressed ? visibilityOf(note, known.author.actor.followers) : record.visibility
  const visibility = narrower(record.visibility, stated)
  return {
    ...record,
    visibility,
    ...(visibility === record.visibility ? {} : { to: note.to, cc: note.cc }),
    mentions: note.mentions,
    ...(note.updated === undefined ? {} : { updated: note.updated }),
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
  if (record === undefined) {
    // The Update overtook its Create: it carries the whole note, so it stands for both while that is news.
    const isNews = (note.published ?? 0) > known.now - dayInMs
    return isNews ? placeNote(note, known) : { skip: 'unknown-target' }
  }
  if (record.author !== activity.actor) return { skip: 'not-the-owner' }
  if (record.updated !== undefined && note.updated !== undefined && note.updated < record.updated) {
    return { skip: 'already-known' }
  }
  const object = recordAfter(note, record, known)
  const edit: Edit = { note, visibility: object.visibility, from: activity.id }
  return {
    actions: [
      ...editEverywhere(edit, known),
      { do: 'commit', changes: [{ change: 'put-object', object }] },
    ],
  }
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
        changes: [{ change: 'delete-object', id: activity.object, author, at: known.now }],
      },
    ],
  }
}
