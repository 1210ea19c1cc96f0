import type { Action, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { KnownForMatrix } from './known.ts'
import type { NewJob } from '../model/job.ts'
import type { ActorId, ObjectId } from '../model/ids.ts'
import type { ObjectRecord } from '../model/note.ts'
import type { Feeling, Reaction } from '../model/relation.ts'
import { redactAll } from './redactions.ts'

/** How soon the summary of what others did with a post is written; it is edited at most this often. */
const summaryInterval = 60_000

/** The upkeep job that writes or edits the summary of what others did with a post. */
export function summaryJob(object: ObjectId, at: number): NewJob {
  const slot = Math.floor(at / summaryInterval)
  return {
    kind: 'upkeep',
    key: `summary ${object} ${slot}`,
    lane: `upkeep:summary ${object}`,
    payload: JSON.stringify({ type: 'summary', object }),
    runAt: (slot + 1) * summaryInterval,
  }
}

/** Of one person to one post: software that knows several has a menu, not a dictionary. */
export const mostReactions = 20

/** Somebody who was never sent a private message, and knows its id all the same. */
const isOutsider = ({ visibility, to, cc }: ObjectRecord, actor: ActorId): boolean =>
  visibility === 'direct' && ![...to, ...cc].includes(actor)

const isSame = (a: Feeling, b: Feeling): boolean => a.type === b.type && a.key === b.key

/** A reaction to, or a boost of, one of our posts. */
export function translateReaction(
  activity: Activity & { type: 'react' | 'announce' },
  feeling: Feeling,
  known: KnownForMatrix,
): Translation {
  const record = known.objects.get(activity.object)
  if (record === undefined || !record.isLocal) return { skip: 'unknown-target' }
  if (record.deletedAt !== undefined) return { skip: 'deleted' }
  if (known.deaf.has(record.author)) return { skip: 'blocked' }
  if (isOutsider(record, activity.actor)) return { skip: 'not-public' }
  if (known.reactions.some((given) => isSame(given, feeling))) return { skip: 'already-known' }
  if (known.reactions.length >= mostReactions) return { skip: 'unwanted' }
  const reaction: Reaction = {
    ...feeling,
    activityId: activity.id,
    actor: activity.actor,
    object: activity.object,
  }
  const mappings = (known.mappings.get(activity.object) ?? []).filter(({ part }) => part === 0)
  // No ghost joins a room only to react: who is not there is counted in the summary.
  const present = mappings.filter(({ roomId }) =>
    known.rooms.get(roomId)?.members.has(known.author.ghost),
  )
  const reactions = present.map((mapping): Action => ({
    do: 'react',
    as: activity.actor,
    roomId: mapping.roomId,
    target: mapping.eventId,
    key: feeling.key,
    ...(feeling.emoji === undefined ? {} : { emoji: feeling.emoji }),
    from: activity.id,
  }))
  const isSummarised = present.length < mappings.length
  return {
    actions: [
      ...reactions,
      {
        do: 'commit',
        changes: [
          { change: 'put-reaction', reaction },
          ...(isSummarised
            ? [{ change: 'enqueue', job: summaryJob(activity.object, known.now) } as const]
            : []),
        ],
      },
    ],
  }
}

/** Undo of a reaction or a boost: what it brought into rooms goes. */
export function translateUndoReaction(
  activity: Activity & { type: 'undo' },
  reaction: Reaction,
  known: KnownForMatrix,
): Translation {
  if (reaction.actor !== activity.actor) return { skip: 'not-the-owner' }
  const { activityId, object } = reaction
  const isOurs = known.objects.get(object)?.isLocal === true
  return {
    actions: [
      ...redactAll(activityId, activity, known),
      ...(reaction.type === 'Announce' ? redactCards(reaction, activity, known) : []),
      {
        do: 'commit',
        changes: [
          { change: 'remove-reaction', activityId },
          ...(isOurs ? [{ change: 'enqueue', job: summaryJob(object, known.now) } as const] : []),
        ],
      },
    ],
  }
}

/** The post itself where the booster's ghost had brought it: those events are that ghost's. */
function redactCards(
  { object }: Reaction,
  by: Activity & { type: 'undo' },
  known: KnownForMatrix,
): Action[] {
  if (known.objects.get(object)?.author === by.actor) return []
  return (known.mappings.get(object) ?? [])
    .filter(({ sender }) => sender === known.author.ghost)
    .map(({ roomId, eventId }) => ({
      do: 'redact',
      as: by.actor,
      roomId,
      target: eventId,
      from: by.id,
    }))
}
