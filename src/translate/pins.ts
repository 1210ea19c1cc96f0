import type { Action, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import type { MatrixEvent } from '../model/event.ts'
import { isOpen, publicCollection } from '../model/audience.ts'
import type { KnownForFediverse, KnownForMatrix, KnownPins } from './known.ts'
import { translateBacklog } from './notes.ts'
import { publisherOf } from './not-sent.ts'

type Pins = MatrixEvent & { type: 'pins' }

const collectionOf = (actor: ActorId): string => `${actor}/featured`

type Change = {
  readonly type: 'feature' | 'unfeature'
  readonly object: ObjectId
  readonly id: ActivityId
}

const publish = (actor: ActorId, { type, object, id }: Change): Action => ({
  do: 'publish',
  activity: {
    type,
    id,
    actor,
    object,
    collection: collectionOf(actor),
    to: [publicCollection],
    cc: [`${actor}/followers`],
  },
  recipients: [],
  toFollowers: true,
  inboxes: [],
  // Not before the post itself, and of one post the last word last.
  order: object,
})

/** Said once: the pin would otherwise look as if the profile had it. */
const pinnedHere = ({ roomId }: Pins, { target, object }: KnownPins['now'][number]): Action => ({
  do: 'tell',
  place: { kind: 'room', roomId },
  text: 'Pinned in this room alone: a profile shows what everybody may read.',
  replyTo: target,
  key: `pinned here ${object.id}`,
})

/**
 * What somebody pins in their own room is pinned on their profile: told to the followers by Add and
 * Remove, and kept as its `featured` collection.
 */
export function translatePins(event: Pins, known: KnownForFediverse): Translation {
  const { portal, pins } = known
  if (portal?.kind !== 'profile' || pins === undefined) return { skip: 'no-place' }
  if (portal.userId !== event.sender) return { skip: 'not-the-owner' }
  const author = publisherOf(known)
  if (author === undefined) return { skip: known.isPermitted ? 'not-an-actor' : 'not-permitted' }
  const own = pins.now.filter(({ object }) => object.author === author.id)
  const told = own
    .filter(({ object }) => !isOpen(object.visibility))
    .map((one) => pinnedHere(event, one))
  const open = own.filter(({ object }) => isOpen(object.visibility))
  const objects = [...new Set(open.map(({ object }) => object.id))]
  const added = objects.filter((id) => !pins.before.includes(id))
  const removed = pins.before.filter((id) => !objects.includes(id))
  if (objects.join(' ') === pins.before.join(' ')) return { skip: 'already-known', actions: told }
  const changes: Omit<Change, 'id'>[] = [
    ...removed.map((object) => ({ type: 'unfeature' as const, object })),
    ...added.map((object) => ({ type: 'feature' as const, object })),
  ]
  return {
    actions: [
      ...changes.flatMap((change, index) => {
        const id = pins.ids[index]
        return id === undefined ? [] : [publish(author.id, { ...change, id })]
      }),
      { do: 'commit', changes: [{ change: 'put-featured', actor: author.id, objects }] },
      ...told,
    ],
  }
}

/**
 * An account pins a post of its own on its profile, or takes it off: so it is in its room. A group pins
 * what it has brought there.
 */
export function translateFeature(
  activity: Activity & { type: 'feature' | 'unfeature' },
  known: KnownForMatrix,
): Translation {
  const { note, authorRoom } = known
  // Groups have moderators and other collections, too.
  if (known.author.actor.featured !== activity.collection) return { skip: 'unsupported' }
  if (authorRoom === undefined) return { skip: 'no-place' }
  const { roomId } = authorRoom.portal
  const isPinned = activity.type === 'feature'
  const pin: Action = { do: 'pin', roomId, object: activity.object, isPinned }
  const stands = (known.mappings.get(activity.object) ?? []).some((m) => m.roomId === roomId)
  const isOfOther = known.author.actor.kind === 'Group' && note?.author !== activity.actor
  if (!isPinned || isOfOther) return stands ? { actions: [pin] } : { skip: 'unknown-target' }
  if (note?.id !== activity.object) return { skip: 'unknown-target' }
  if (note.author !== activity.actor) return { skip: 'not-the-owner' }
  if (stands && known.begun?.has(roomId) !== true) return { actions: [pin] }
  // It may be older than what the room began with.
  const shown = translateBacklog(note, known)
  return 'skip' in shown ? shown : { actions: [...shown.actions, pin] }
}
