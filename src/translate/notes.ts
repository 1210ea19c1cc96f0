import type { Action, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { KnownForMatrix } from './known.ts'
import type { MessageText } from '../model/action.ts'
import type { Note, ObjectRecord } from '../model/note.ts'
import type { Visibility } from '../model/audience.ts'
import { visibilityOf } from './audience.ts'
import { noteToText, oneLine, type Pill } from './note-text.ts'
import { membersAmong, placementsOf, type Placement } from './placement.ts'

/** Marks shown above a post that is not public; a direct portal needs none. */
const visibilityMarks: Readonly<Record<Visibility, string>> = {
  public: '',
  unlisted: '🔓 unlisted',
  followers: '🔒 followers',
  direct: '',
}

function pillsOf(note: Note, known: KnownForMatrix): Map<string, Pill> {
  const pills = new Map<string, Pill>()
  for (const { actorId } of note.mentions) {
    const local = known.locals.get(actorId)
    const remote = known.actors.get(actorId)
    if (local !== undefined)
      pills.set(actorId, { userId: local.userId, name: local.displayName ?? local.username })
    if (remote === undefined) continue
    const pill = { userId: remote.ghost, name: remote.actor.name ?? remote.actor.username }
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
    published: note.published ?? known.now,
    mentions: note.mentions,
    ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
    ...(note.context === undefined ? {} : { context: note.context }),
    ...(note.url === undefined ? {} : { url: note.url }),
    ...(note.updated === undefined ? {} : { updated: note.updated }),
  }
}

const originalUrl = (note: Note): string => note.url ?? note.id

/** Whether the parent will stand in that room by the time the note is sent. */
function standsThere(parent: string, placement: Placement, known: KnownForMatrix): boolean {
  if (known.ancestors.some(({ id }) => id === parent)) return true
  const { place } = placement
  const mappings = known.mappings.get(parent) ?? []
  if (place.kind === 'room') return mappings.some(({ roomId }) => roomId === place.roomId)
  return mappings.some(({ roomId }) => known.rooms.get(roomId)?.portal.kind === place.kind)
}

function textFor(note: Note, placement: Placement, known: KnownForMatrix): MessageText {
  const visibility = visibilityOf(note, known.author.actor.followers)
  const mark = visibilityMarks[visibility]
  const text =
    placement.form === 'line'
      ? oneLine(note, originalUrl(note))
      : noteToText(note, {
          pills: pillsOf(note, known),
          ...(mark === '' ? {} : { mark }),
          ...(note.inReplyTo !== undefined && !standsThere(note.inReplyTo, placement, known)
            ? { answers: known.objects.get(note.inReplyTo)?.url ?? note.inReplyTo }
            : {}),
        })
  const named = note.mentions.map(({ actorId }) => actorId)
  return {
    msgtype: 'm.text',
    body: text.body,
    ...(text.html === undefined ? {} : { html: text.html }),
    mentions: membersAmong(new Set<ActorId>(named), placement, known),
    url: originalUrl(note),
  }
}

/** One note into one room. Its parts are its text (0) and, later, its further media. */
export function sendNote(note: Note, placement: Placement, known: KnownForMatrix): Action {
  const isThreaded = note.inReplyTo !== undefined && placement.form === 'whole'
  return {
    do: 'send',
    as: note.author,
    place: placement.place,
    from: note.id,
    part: 0,
    text: textFor(note, placement, known),
    ...(isThreaded && placement.inReplyTo !== undefined ? { inReplyTo: placement.inReplyTo } : {}),
  }
}

/** Parents that are missing in the room of the author's portal come first, with their own dates and without a ping. */
function sendAncestors(placement: Placement, known: KnownForMatrix): Action[] {
  const isPortal =
    placement.place.kind === 'room' && placement.place.roomId === known.authorRoom?.portal.roomId
  if (!isPortal || placement.form === 'line' || placement.inReplyTo === undefined) return []
  const roomId = known.authorRoom.portal.roomId
  return known.ancestors
    .filter(({ id }) => !(known.mappings.get(id) ?? []).some((m) => m.roomId === roomId))
    .flatMap((ancestor): Action[] => {
      const where: Placement = {
        place: placement.place,
        members: new Set(),
        form: 'whole',
        ...(ancestor.inReplyTo === undefined ? {} : { inReplyTo: ancestor.inReplyTo }),
      }
      const sent = sendNote(ancestor, where, known)
      const dated =
        sent.do === 'send' && ancestor.published !== undefined
          ? { ...sent, ts: ancestor.published }
          : sent
      const object = recordOf(ancestor, visibilityOf(ancestor, undefined), known)
      return [{ do: 'commit', changes: [{ change: 'put-object', object }] }, dated]
    })
}

/** A first-seen note: all its rooms, oldest parents first, then what we keep of it. */
function placeNote(note: Note, known: KnownForMatrix): Translation {
  const visibility = visibilityOf(note, known.author.actor.followers)
  const placements = placementsOf(note, visibility, known)
  if (placements.length === 0) return { skip: 'no-place' }
  const actions = placements.flatMap((placement) => [
    ...sendAncestors(placement, known),
    sendNote(note, placement, known),
  ])
  const object = recordOf(note, visibility, known)
  return {
    actions: [
      ...actions,
      {
        do: 'commit',
        changes: [
          { change: 'put-object', object },
          { change: 'release', waitsFor: note.id },
        ],
      },
    ],
  }
}

function refusal(
  note: Note | undefined,
  actor: ActorId,
  known: KnownForMatrix,
): Translation | undefined {
  if (note === undefined) return { skip: 'unknown-target' }
  if (note.author !== actor) return { skip: 'not-the-owner' }
  if (known.objects.get(note.id)?.deletedAt !== undefined) return { skip: 'deleted' }
  return undefined
}

/**
 * A post from before somebody followed: into the account's portal with its own date, pinging
 * nobody. Replies come along only within what the portal holds already.
 */
export function translateBacklog(note: Note, known: KnownForMatrix): Translation {
  const room = known.authorRoom
  const visibility = visibilityOf(note, known.author.actor.followers)
  if (room === undefined) return { skip: 'no-place' }
  if (visibility !== 'public' && visibility !== 'unlisted') return { skip: 'not-public' }
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
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
  }
  const sent = sendNote(note, placement, known)
  const dated =
    sent.do === 'send' && note.published !== undefined ? { ...sent, ts: note.published } : sent
  const object = recordOf(note, visibility, known)
  return { actions: [dated, { do: 'commit', changes: [{ change: 'put-object', object }] }] }
}

export function translateCreate(
  activity: Activity & { type: 'create' },
  known: KnownForMatrix,
): Translation {
  const { note } = known
  const refused = refusal(note, activity.actor, known)
  if (refused !== undefined || note === undefined) return refused ?? { skip: 'unknown-target' }
  if (known.objects.has(note.id)) return { skip: 'already-known' }
  return placeNote(note, known)
}

const dayInMs = 86_400_000

function editEverywhere(note: Note, activityId: ActivityId, known: KnownForMatrix): Action[] {
  return (known.mappings.get(note.id) ?? [])
    .filter(({ part }) => part === 0)
    .map((mapping): Action => {
      const room = known.rooms.get(mapping.roomId)
      const placement: Placement = {
        place: { kind: 'room', roomId: mapping.roomId },
        members: room?.members ?? new Set(),
        form: 'whole',
      }
      // An edit pings nobody again.
      const text = { ...textFor(note, placement, known), mentions: [] }
      return {
        do: 'edit',
        as: note.author,
        roomId: mapping.roomId,
        target: mapping.eventId,
        from: activityId,
        part: 0,
        text,
      }
    })
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
  // An edit changes the words; who may read them stays as it was.
  const object: ObjectRecord = {
    ...record,
    mentions: note.mentions,
    ...(note.updated === undefined ? {} : { updated: note.updated }),
  }
  const actions = editEverywhere(note, activity.id, known)
  return { actions: [...actions, { do: 'commit', changes: [{ change: 'put-object', object }] }] }
}

export function translateDelete(
  activity: Activity & { type: 'delete-object' },
  known: KnownForMatrix,
): Translation {
  const record = known.objects.get(activity.object)
  if (record !== undefined && record.author !== activity.actor) return { skip: 'not-the-owner' }
  if (record?.deletedAt !== undefined) return { skip: 'deleted' }
  const redactions = (known.mappings.get(activity.object) ?? []).map((mapping): Action => ({
    do: 'redact',
    as: activity.actor,
    roomId: mapping.roomId,
    target: mapping.eventId,
    from: activity.id,
  }))
  return {
    actions: [
      ...redactions,
      {
        do: 'commit',
        changes: [
          { change: 'delete-object', id: activity.object, author: activity.actor, at: known.now },
        ],
      },
    ],
  }
}
