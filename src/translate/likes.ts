import type { Action, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { KnownForMatrix } from './known.ts'
import type { Like } from '../model/relation.ts'
import type { NewJob } from '../model/job.ts'
import type { ObjectId } from '../model/ids.ts'
import { redactAll } from './redactions.ts'

/** How soon the summary of a post's likes is written; it is edited at most this often. */
const summaryInterval = 60_000

/** The upkeep job that writes or edits the summary of what others did with a post. */
function summaryJob(object: ObjectId, at: number): NewJob {
  const slot = Math.floor(at / summaryInterval)
  return {
    kind: 'upkeep',
    key: `summary ${object} ${slot}`,
    lane: `upkeep:summary ${object}`,
    payload: JSON.stringify({ type: 'summary', object }),
    runAt: (slot + 1) * summaryInterval,
  }
}

export function translateLike(
  activity: Activity & { type: 'like' },
  known: KnownForMatrix,
): Translation {
  const record = known.objects.get(activity.object)
  if (record === undefined || !record.isLocal) return { skip: 'unknown-target' }
  if (record.deletedAt !== undefined) return { skip: 'deleted' }
  if (known.deaf.has(record.author)) return { skip: 'blocked' }
  if (known.like !== undefined) return { skip: 'already-known' }
  const like: Like = { activityId: activity.id, actor: activity.actor, object: activity.object }
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
    key: '❤️',
    from: activity.id,
  }))
  const isSummarised = present.length < mappings.length
  return {
    actions: [
      ...reactions,
      {
        do: 'commit',
        changes: [
          { change: 'put-like', like },
          ...(isSummarised
            ? [{ change: 'enqueue', job: summaryJob(activity.object, known.now) } as const]
            : []),
        ],
      },
    ],
  }
}

export function translateUndoLike(
  activity: Activity & { type: 'undo' },
  like: Like,
  known: KnownForMatrix,
): Translation {
  if (like.actor !== activity.actor) return { skip: 'not-the-owner' }
  return {
    actions: [
      ...redactAll(like.activityId, activity, known),
      {
        do: 'commit',
        changes: [
          { change: 'remove-like', activityId: like.activityId },
          { change: 'enqueue', job: summaryJob(like.object, known.now) },
        ],
      },
    ],
  }
}
