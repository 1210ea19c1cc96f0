import type { Action, Place, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { ActivityId, ActorId, UserId } from '../model/ids.ts'
import type { KnownForMatrix } from './known.ts'
import type { Mapping, Note } from '../model/note.ts'
import type { Reaction } from '../model/relation.ts'
import { isOpen } from '../model/audience.ts'
import { boost } from '../model/relation.ts'
import type { Visibility } from '../model/audience.ts'
import { keepAlong, sendNote, textMessages, type PartMessage } from './notes.ts'
import { eventsIn, homePlace, isHeard, type Placement } from './placement.ts'
import { translateReaction } from './reactions.ts'
import { visibilityIn } from './visibility.ts'

/** Left by an Undo that came before what it takes back, by the same account. */
export const undoneMark = (actor: ActorId, activityId: ActivityId): string =>
  `undone ${actor} ${activityId}`

/** Rooms where the booster is read, by people who want to see what it boosts. */
function placementsOf(known: KnownForMatrix): Placement[] {
  const { authorRoom, areBoostsWanted, homes, shunned } = known
  const places: Place[] = [
    ...(authorRoom === undefined || !areBoostsWanted || shunned?.has(authorRoom.portal.roomId)
      ? []
      : [{ kind: 'room', roomId: authorRoom.portal.roomId } as const]),
    ...homes
      .filter(({ withBoosts, userId }) => withBoosts && shunned?.has(userId) !== true)
      .map(homePlace),
  ]
  return places.map((place) => ({
    place,
    members: new Set(),
    form: 'whole',
    visibility: 'public',
    boostedBy: known.author.actor.id,
  }))
}

const isHome = (place: Place, { homes }: KnownForMatrix): boolean =>
  homes.some((home) => place.kind === 'room' && home.room?.portal.roomId === place.roomId)

/** An earlier try of this boost brought it. */
const isOwnCard = (note: Note, { sender, roomId }: Mapping, known: KnownForMatrix): boolean =>
  sender === known.author.ghost &&
  (note.author !== known.author.actor.id || known.begun?.has(roomId) === true)

/**
 * A post that stands there already is named by one line, which in a home room, where many boost the
 * same, is kept below it; any other post is shown whole.
 */
function sendBoost(
  activity: Activity & { type: 'announce' },
  note: Note,
  { placement, known }: { readonly placement: Placement; readonly known: KnownForMatrix },
): Action[] {
  const there = eventsIn(note.id, placement, known)
  if (there.every((mapping) => isOwnCard(note, mapping, known)))
    return sendNote(note, placement, known).map((action) =>
      action.do === 'send' ? { ...action, boost: activity.id } : action,
    )
  const below = isHome(placement.place, known) ? { inReplyTo: note.id } : {}
  return sendNote(note, { ...placement, form: 'line' }, known).map((action) =>
    action.do === 'send' ? { ...action, from: activity.id, ...below } : action,
  )
}

/** What such a line says of the post as it is now; undefined: nobody there is to hear of it. */
export function lineOf(
  note: Note,
  { line, visibility }: { readonly line: Mapping; readonly visibility: Visibility },
  known: KnownForMatrix,
): PartMessage | undefined {
  const { roomId } = line
  const room = known.rooms.get(roomId)
  if (room !== undefined && !isHeard(room, known)) return undefined
  const place = { kind: 'room', roomId } as const
  const of = { members: new Set<UserId>(), form: 'line', boostedBy: note.author } as const
  return textMessages(note, { placement: { place, visibility, ...of } }, known)[0]
}

/**
 * What is for followers only its author may bring to them again: all rooms where a boost stands are read by
 * followers of who boosts alone.
 */
const mayBoost = (note: Note, visibility: Visibility, { author }: KnownForMatrix): boolean =>
  isOpen(visibility) || (visibility === 'followers' && note.author === author.actor.id)

/**
 * An Announce: a card in the portal of the account that boosts, of whose post and with whose words
 * it is; replies to the card are replies to the original. Of one of our posts, a reaction as well.
 */
export function translateBoost(
  activity: Activity & { type: 'announce' },
  known: KnownForMatrix,
): Translation {
  const feeling = { type: 'Announce', key: boost } as const
  const isOurs = known.objects.get(activity.object)?.isLocal === true
  if (isOurs) return translateReaction(activity, feeling, known)
  const { note } = known
  const placements = placementsOf(known)
  if (note === undefined) return { skip: placements.length > 0 ? 'unknown-target' : 'no-place' }
  if (known.objects.get(note.id)?.deletedAt !== undefined) return { skip: 'deleted' }
  if (known.isUndone === true) return { skip: 'deleted' }
  if (known.reactions.some(({ type }) => type === 'Announce')) return { skip: 'already-known' }
  const visibility = visibilityIn(note, known)
  if (!mayBoost(note, visibility, known)) return { skip: 'not-public' }
  if (placements.length === 0) return { skip: 'no-place' }
  const reaction: Reaction = {
    ...feeling,
    activityId: activity.id,
    actor: activity.actor,
    object: note.id,
  }
  return {
    actions: [
      ...placements.flatMap((place) =>
        sendBoost(activity, note, { placement: { ...place, visibility }, known }),
      ),
      ...keepAlong(note, visibility, known),
      {
        do: 'commit',
        changes: [
          { change: 'put-reaction', reaction },
          { change: 'release', waitsFor: note.id },
        ],
      },
    ],
  }
}
