import { isOpen } from '../model/audience.ts'
import { type ActorId, type ObjectId, type RoomId, type UserId } from '../model/ids.ts'
import type { KnownForMatrix, KnownHome, KnownRoom, Reached, ReplyForm } from './known.ts'
import type { Mapping, Note } from '../model/note.ts'
import { portalKey, type Participant, type Portal } from '../model/portal.ts'
import type { Place, SkipReason } from '../model/action.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Visibility } from '../model/audience.ts'
import { visibilityIn } from './visibility.ts'
import { quotedUser } from './quotations.ts'
import { isCrowded } from './strangers.ts'

/** One room that a note is shown in. */
export type Placement = {
  readonly place: Place
  readonly members: ReadonlySet<UserId>
  /** Stands in this object's thread. */
  readonly inReplyTo?: ObjectId
  /** Parents that come first, oldest first: they do not stand there. */
  readonly ancestors?: readonly Note[]
  /** `line`: one quoted line and a link instead of the whole note. */
  readonly form: 'whole' | 'line'
  /** Who boosted it: that account shows it. */
  readonly boostedBy?: ActorId
  /** What the note is marked as. */
  readonly visibility: Visibility
}

/** Local people whom the note addresses by name, except those who do not want to hear from its author. */
export function addressed(note: Note, known: KnownForMatrix): LocalActor[] {
  const named = new Set<string>([...note.to, ...note.cc])
  return [...known.locals.values()].filter(
    (actor) =>
      named.has(actor.id) &&
      !known.deaf.has(actor.id) &&
      actor.deletedAt === undefined &&
      actor.group === undefined,
  )
}

/** Rooms of ours that the note says it is for, each a group that hears its author. */
function groupRooms(note: Note, known: KnownForMatrix): KnownRoom[] {
  const { to, cc, groups = [], mentions } = note
  const named = new Set<string>([...to, ...cc, ...groups, ...mentions.map((m) => m.actorId)])
  return [...known.rooms.values()].filter(
    (room) =>
      room.portal.kind === 'group' && named.has(room.portal.actorId) && isHeard(room, known),
  )
}

/** Those, and whose post it quotes where everybody may read it. */
function concerned(note: Note, known: KnownForMatrix): LocalActor[] {
  const named = addressed(note, known)
  const quoted = isOpen(visibilityIn(note, known)) ? quotedUser(note, known) : undefined
  return quoted === undefined || named.some(({ id }) => id === quoted.id)
    ? named
    : [...named, quoted]
}

/** Strangers open rooms up to a limit; what they write beyond it stands in the notifications. */
function directPlacement(note: Note, known: KnownForMatrix): Placement[] {
  const people = addressed(note, known)
  const locals = people.filter((actor) => !isCrowded(known)(actor))
  const crowded = people.filter(isCrowded(known))
  return [
    ...directRoom(note, locals, known),
    ...crowded
      .filter(({ userId }) => !isSpared(userId, known))
      .map((actor) => inNotifications(actor, { note, visibility: 'direct' })),
  ]
}

function directRoom(note: Note, locals: readonly LocalActor[], known: KnownForMatrix): Placement[] {
  if (locals.length === 0) return []
  const participants: Participant[] = [
    { kind: 'actor', actorId: note.author },
    ...known.addressees.map((actorId): Participant => ({ kind: 'actor', actorId })),
    ...locals.map(({ userId }): Participant => ({ kind: 'user', userId })),
  ]
  return [
    {
      place: { kind: 'direct', participants },
      members: new Set(locals.map(({ userId }) => userId)),
      ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
      form: 'whole',
      visibility: 'direct',
    },
  ]
}

type Shown = { readonly note: Note; readonly visibility: Visibility }

function inRoom(
  room: KnownRoom,
  inReplyTo: ObjectId | undefined,
  { visibility }: Shown,
): Placement {
  return {
    place: { kind: 'room', roomId: room.portal.roomId },
    members: room.members,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    form: 'whole',
    visibility,
  }
}

/** Whether anybody whom the room belongs to wants to hear from the author. */
export function isHeard({ portal }: KnownRoom, known: KnownForMatrix): boolean {
  const deaf = new Set([...known.deaf].map((id) => known.locals.get(id)?.userId))
  switch (portal.kind) {
    case 'direct':
      return portal.participants.some((p) => p.kind === 'user' && !deaf.has(p.userId))
    case 'actor':
      return true
    case 'group':
      return !known.deaf.has(portal.actorId)
    // Nothing is posted there.
    case 'moderation':
      return false
    default:
      return !deaf.has(portal.userId)
  }
}

/** Whether anybody may come to read there, as far as whom it belongs to lets them in. */
export const isForMany = ({ portal }: KnownRoom): boolean =>
  portal.kind === 'actor' || portal.kind === 'profile' || portal.kind === 'group'

/** Rooms where the parent stands and the reply joins its thread. In a private one it is for whom it addresses. */
function besideParent(shown: Shown, known: KnownForMatrix): Placement[] {
  const { note } = shown
  if (note.inReplyTo === undefined) return []
  const seen = new Set<RoomId>()
  return (known.mappings.get(note.inReplyTo) ?? []).flatMap(({ roomId }) => {
    const room = known.rooms.get(roomId)
    if (room === undefined || seen.has(roomId)) return []
    const isThreaded = isForMany(room) || room.portal.kind === 'home'
    if (!isThreaded || !isHeard(room, known)) return []
    seen.add(roomId)
    return [inRoom(room, note.inReplyTo, shown)]
  })
}

/** A room where an account is read, and what becomes of its replies there. */
type Reading = Pick<KnownHome, 'ancestors' | 'replies'> & Pick<Placement, 'place' | 'members'>

const placeIn = ({ portal }: KnownRoom): Place => ({ kind: 'room', roomId: portal.roomId })

/** Its own room, and the homes of those who read it there. */
function readingsOf({ authorRoom, replyInPortal, ancestors, homes }: KnownForMatrix): Reading[] {
  const own: Reading[] =
    authorRoom === undefined
      ? []
      : [
          {
            place: placeIn(authorRoom),
            members: authorRoom.members,
            replies: replyInPortal,
            ancestors,
          },
        ]
  return [
    ...own,
    ...homes.map((home) => ({
      ...home,
      place: homePlace(home),
      members: home.room?.members ?? new Set([home.userId]),
    })),
  ]
}

export const homePlace = ({ userId, room }: KnownHome): Place =>
  room === undefined ? { kind: 'home', userId } : placeIn(room)

const replyForms: Readonly<Record<ReplyForm, Placement['form'] | undefined>> = {
  thread: 'whole',
  line: 'line',
  hidden: undefined,
}

function whereRead({ note, visibility }: Shown, known: KnownForMatrix): Placement[] {
  const { inReplyTo } = note
  return readingsOf(known).flatMap(({ place, members, replies, ancestors }): Placement[] => {
    const form = inReplyTo === undefined ? 'whole' : replyForms[replies]
    if (form === undefined) return []
    const isThreaded = inReplyTo !== undefined && form === 'whole'
    const thread = isThreaded ? { inReplyTo, ancestors } : {}
    return [{ place, members, form, visibility, ...thread }]
  })
}

/** A group is for everybody: what is for few is nothing that it could show. */
export function whyNowhere(note: Note, visibility: Visibility, known: KnownForMatrix): SkipReason {
  const isForFew = visibility === 'followers' || visibility === 'direct'
  if (isForFew && groupRooms(note, known).length > 0) return 'not-public'
  return (known.spared?.size ?? 0) > 0 ? 'enough-of-strangers' : 'no-place'
}

/** Whether a place is that room. */
function isPlace(place: Place, portal: Portal): boolean {
  if (place.kind === 'room') return place.roomId === portal.roomId
  return place.kind === portal.kind && portalKey(place) === portalKey(portal)
}

/** What stands of an object there already. */
export const eventsIn = (
  id: string,
  { place }: Placement,
  known: KnownForMatrix,
): readonly Mapping[] =>
  (known.mappings.get(id) ?? []).filter(({ roomId }) => {
    const room = known.rooms.get(roomId)
    return room !== undefined && isPlace(place, room.portal)
  })

export const standsIn = (id: string, placement: Placement, known: KnownForMatrix): boolean =>
  eventsIn(id, placement, known).length > 0

/** Whoever is named but is in none of the rooms reads it in their notifications. */
function notifications(
  { note, visibility }: Shown,
  rooms: readonly Placement[],
  known: KnownForMatrix,
): Placement[] {
  return concerned(note, known)
    .filter(({ userId }) => !rooms.some(({ members }) => members.has(userId)))
    .map((actor) => inNotifications(actor, { note, visibility }))
}

function inNotifications({ userId }: LocalActor, { note, visibility }: Shown): Placement {
  return {
    place: { kind: 'notifications', userId },
    members: new Set([userId]),
    ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
    form: 'whole',
    visibility,
  }
}

/** Rooms of many people that a note belongs to, each once. */
function sharedRooms(shown: Shown, known: KnownForMatrix): Placement[] {
  const rooms = new Map<string, Placement>()
  const candidates =
    shown.visibility === 'followers'
      ? whereRead(shown, known)
      : [
          ...besideParent(shown, known),
          ...groupRooms(shown.note, known).map((room) => inRoom(room, shown.note.inReplyTo, shown)),
          ...whereRead(shown, known),
        ]
  for (const placement of candidates) {
    const { place } = placement
    const key = place.kind === 'room' ? place.roomId : portalKey(place)
    const { ancestors = [] } = placement
    const first = rooms.get(key) ?? placement
    // The parent beside which it stands may be only begun there.
    rooms.set(key, ancestors.length === 0 ? first : { ...first, ancestors })
  }
  return [...rooms.values()]
}

/** Whom what stands there reaches: the person that the room belongs to, or all who read it. */
function reachedIn({ place }: Placement, known: KnownForMatrix): Reached | undefined {
  const portal = place.kind === 'room' ? known.rooms.get(place.roomId)?.portal : undefined
  if (portal === undefined || portal.roomId === known.authorRoom?.portal.roomId) return undefined
  return 'userId' in portal ? portal.userId : portal.roomId
}

/** Everybody whom a new note reaches, other than in its author's own room and in chats. */
export function reachedBy(note: Note, known: KnownForMatrix): Reached[] {
  const visibility = visibilityIn(note, known)
  if (visibility === 'direct')
    return addressed(note, known)
      .filter(isCrowded(known))
      .map(({ userId }) => userId)
  const people = concerned(note, known)
  const owners = sharedRooms({ note, visibility }, known).map((room) => reachedIn(room, known))
  const all = [...people.map(({ userId }) => userId), ...owners]
  return [...new Set(all)].filter((who) => who !== undefined)
}

const isSpared = (who: Reached | undefined, { spared }: KnownForMatrix): boolean =>
  who !== undefined && spared?.has(who) === true

/** The rooms a new note is shown in, each once; empty when nobody here is to see it. */
export function placementsOf(
  note: Note,
  visibility: Visibility,
  known: KnownForMatrix,
): Placement[] {
  if (visibility === 'direct') return directPlacement(note, known)
  const shown: Shown = { note, visibility }
  const rooms = sharedRooms(shown, known).filter((room) => !isSpared(reachedIn(room, known), known))
  const others = notifications(shown, rooms, known)
  return [
    ...pingingOnce(rooms.map((room) => ({ ...room, members: unspared(room.members, known) }))),
    ...others.filter(({ members }) => ![...members].some((userId) => isSpared(userId, known))),
  ]
}

/** Who reads the note in several rooms is pinged in the first, which is where its thread stands. */
function pingingOnce(rooms: readonly Placement[]): Placement[] {
  const pinged = new Set<UserId>()
  return rooms.map((room) => {
    const members = new Set([...room.members].filter((userId) => !pinged.has(userId)))
    for (const userId of members) pinged.add(userId)
    return { ...room, members }
  })
}

/** Who is pinged, if the note names them. */
const unspared = (members: ReadonlySet<UserId>, known: KnownForMatrix): ReadonlySet<UserId> =>
  known.spared === undefined || known.spared.size === 0
    ? members
    : new Set([...members].filter((userId) => !isSpared(userId, known)))

/** Which of `people` are in that room and want to hear from the author: only they are pinged there. */
export function membersAmong(
  people: Iterable<ActorId>,
  placement: Placement,
  known: KnownForMatrix,
): UserId[] {
  return [...people].flatMap((id) => {
    const userId = known.locals.get(id)?.userId
    const isPinged = userId !== undefined && placement.members.has(userId) && !known.deaf.has(id)
    return isPinged ? [userId] : []
  })
}
