import { type ActorId, type ObjectId, type RoomId, type UserId } from '../model/ids.ts'
import type { KnownForMatrix, KnownRoom } from './known.ts'
import type { Note } from '../model/note.ts'
import type { Participant } from '../model/portal.ts'
import type { Place } from '../model/action.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Visibility } from '../model/audience.ts'

/** One room that a note is shown in. */
export type Placement = {
  readonly place: Place
  readonly members: ReadonlySet<UserId>
  /** Stands in this object's thread. */
  readonly inReplyTo?: ObjectId
  /** `line`: one quoted line and a link instead of the whole note. */
  readonly form: 'whole' | 'line'
}

/** Local actors whom the note addresses by name, except those who do not want to hear from its author. */
function addressed(note: Note, known: KnownForMatrix): LocalActor[] {
  const named = new Set<string>([...note.to, ...note.cc])
  return [...known.locals.values()].filter(
    (actor) => named.has(actor.id) && !known.deaf.has(actor.id) && actor.deletedAt === undefined,
  )
}

function directPlacement(note: Note, known: KnownForMatrix): Placement[] {
  const locals = addressed(note, known)
  if (locals.length === 0) return []
  const others = [...known.actors.keys()].filter(
    (id) => id !== note.author && (note.to.includes(id) || note.cc.includes(id)),
  )
  const participants: Participant[] = [
    { kind: 'actor', actorId: note.author },
    ...others.map((actorId): Participant => ({ kind: 'actor', actorId })),
    ...locals.map(({ userId }): Participant => ({ kind: 'user', userId })),
  ]
  return [
    {
      place: { kind: 'direct', participants },
      members: new Set(locals.map(({ userId }) => userId)),
      ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
      form: 'whole',
    },
  ]
}

function inRoom(room: KnownRoom, inReplyTo: ObjectId | undefined): Placement {
  return {
    place: { kind: 'room', roomId: room.portal.roomId },
    members: room.members,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    form: 'whole',
  }
}

/** Rooms where the parent stands: the reply joins its thread. Never a direct portal. */
function besideParent(note: Note, known: KnownForMatrix): Placement[] {
  if (note.inReplyTo === undefined) return []
  const seen = new Set<RoomId>()
  return (known.mappings.get(note.inReplyTo) ?? []).flatMap(({ roomId }) => {
    const room = known.rooms.get(roomId)
    if (room === undefined || seen.has(roomId)) return []
    if (room.portal.kind === 'direct' || room.portal.kind === 'management') return []
    seen.add(roomId)
    return [inRoom(room, note.inReplyTo)]
  })
}

function inAuthorPortal(note: Note, known: KnownForMatrix): Placement[] {
  const room = known.authorRoom
  if (room === undefined) return []
  if (note.inReplyTo === undefined) return [inRoom(room, undefined)]
  if (known.replyInPortal === 'hidden') return []
  if (known.replyInPortal === 'line') return [{ ...inRoom(room, undefined), form: 'line' }]
  return [inRoom(room, note.inReplyTo)]
}

/** Whoever is named but is in none of the rooms reads it in their notifications. */
function notifications(
  note: Note,
  shown: readonly Placement[],
  known: KnownForMatrix,
): Placement[] {
  return addressed(note, known)
    .filter(({ userId }) => !shown.some(({ members }) => members.has(userId)))
    .map(({ userId }) => ({
      place: { kind: 'notifications', userId },
      members: new Set([userId]),
      ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
      form: 'whole',
    }))
}

/** The rooms a new note is shown in, each once; empty when nobody here is to see it. */
export function placementsOf(
  note: Note,
  visibility: Visibility,
  known: KnownForMatrix,
): Placement[] {
  if (visibility === 'direct') return directPlacement(note, known)
  const rooms = new Map<string, Placement>()
  const candidates =
    visibility === 'followers'
      ? inAuthorPortal(note, known)
      : [...besideParent(note, known), ...inAuthorPortal(note, known)]
  for (const placement of candidates) {
    const key = placement.place.kind === 'room' ? placement.place.roomId : ''
    if (!rooms.has(key)) rooms.set(key, placement)
  }
  const shown = [...rooms.values()]
  return [...shown, ...notifications(note, shown, known)]
}

/** Which of `people` are in that room: only they are pinged there. */
export function membersAmong(
  people: Iterable<ActorId>,
  placement: Placement,
  known: KnownForMatrix,
): UserId[] {
  return [...people].flatMap((id) => {
    const userId = known.locals.get(id)?.userId
    return userId !== undefined && placement.members.has(userId) ? [userId] : []
  })
}
