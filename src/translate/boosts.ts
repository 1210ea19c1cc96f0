import type { Action, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { KnownForMatrix } from './known.ts'
import type { Note } from '../model/note.ts'
import type { Placement } from './placement.ts'
import type { Reaction } from '../model/relation.ts'
import { boost } from '../model/relation.ts'
import { visibilityOf } from './audience.ts'
import { recordOf, sendNote } from './notes.ts'
import { quotationChanges } from './quotations.ts'
import { translateReaction } from './reactions.ts'

/** Left by an Undo that came before what it takes back, by the same account. */
export const undoneMark = (actor: ActorId, activityId: ActivityId): string =>
  `undone ${actor} ${activityId}`

const isVisible = (note: Note, known: KnownForMatrix): boolean => {
  const followers = known.actors.get(note.author)?.actor.followers ?? known.author.actor.followers
  const visibility = visibilityOf(note, followers)
  return visibility === 'public' || visibility === 'unlisted'
}

/** Rooms where the booster is read. */
function placementsOf(known: KnownForMatrix): Placement[] {
  const room = known.authorRoom
  if (room === undefined || !known.areBoostsWanted) return []
  return [
    {
      place: { kind: 'room', roomId: room.portal.roomId },
      members: new Set(),
      form: 'whole',
      visibility: 'public',
      boostedBy: known.author.actor.id,
    },
  ]
}

/** A post that stands there already is named by one line; any other is shown whole. */
function sendBoost(
  activity: Activity & { type: 'announce' },
  note: Note,
  { placement, known }: { readonly placement: Placement; readonly known: KnownForMatrix },
): Action[] {
  const { place } = placement
  const stands = (known.mappings.get(note.id) ?? []).some(
    ({ roomId }) => place.kind === 'room' && roomId === place.roomId,
  )
  if (!stands) return sendNote(note, placement, known)
  return sendNote(note, { ...placement, form: 'line' }, known).map((action) =>
    action.do === 'send' ? { ...action, from: activity.id } : action,
  )
}

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
  if (note === undefined) return { skip: known.areBoostsWanted ? 'unknown-target' : 'no-place' }
  if (known.objects.get(note.id)?.deletedAt !== undefined) return { skip: 'deleted' }
  if (known.isUndone === true) return { skip: 'deleted' }
  if (known.reactions.some(({ type }) => type === 'Announce')) return { skip: 'already-known' }
  if (!isVisible(note, known)) return { skip: 'not-public' }
  const placements = placementsOf(known)
  if (placements.length === 0) return { skip: 'no-place' }
  const reaction: Reaction = {
    ...feeling,
    activityId: activity.id,
    actor: activity.actor,
    object: note.id,
  }
  const followers = known.actors.get(note.author)?.actor.followers
  const object = recordOf(note, visibilityOf(note, followers), known)
  const isNew = !known.objects.has(note.id)
  return {
    actions: [
      ...placements.flatMap((placement) => sendBoost(activity, note, { placement, known })),
      {
        do: 'commit',
        changes: [
          ...(isNew ? [{ change: 'put-object', object } as const] : []),
          ...quotationChanges(note, known),
          { change: 'put-reaction', reaction },
          { change: 'release', waitsFor: note.id },
        ],
      },
    ],
  }
}
