import type { Activity } from '../model/activity.ts'
import type { KnownForMatrix } from './known.ts'
import type { Note, ObjectRecord } from '../model/note.ts'
import type { Translation } from '../model/action.ts'
import { isOpen } from '../model/audience.ts'
import { isOver, tallyJob } from './polls.ts'

/** Whoever may not read a poll has no say in it. */
function mayVote(record: ObjectRecord, actor: string, known: KnownForMatrix): boolean {
  const { visibility, to, cc } = record
  if (isOpen(visibility)) return true
  const isNamed = to.includes(actor) || cc.includes(actor)
  return isNamed || (visibility === 'followers' && known.voting?.isFollower === true)
}

/**
 * A vote from the fediverse in a poll of ours: counted, and shown to nobody. The first vote stands;
 * where several may be chosen, each choice once.
 */
export function translateVote(
  activity: Activity & { type: 'vote' },
  known: KnownForMatrix,
): Translation {
  const record = known.objects.get(activity.object)
  const poll = record?.note?.poll
  if (record === undefined || poll === undefined) return { skip: 'unknown-target' }
  if (record.deletedAt !== undefined) return { skip: 'deleted' }
  if (known.deaf.has(record.author)) return { skip: 'blocked' }
  if (!mayVote(record, activity.actor, known)) return { skip: 'not-permitted' }
  if (isOver(poll, known.now)) return { skip: 'poll-over' }
  const names = new Set(poll.options.map(({ name }) => name))
  const offered = activity.choices.filter((choice) => names.has(choice))
  if (offered.length === 0) return { skip: 'no-such-choice' }
  const given = known.voting?.given ?? []
  if (!poll.isMultiple && given.length > 0) return { skip: 'already-known' }
  const fresh = offered.filter((choice) => !given.includes(choice))
  if (fresh.length === 0) return { skip: 'already-known' }
  const choices = poll.isMultiple ? fresh : fresh.slice(0, 1)
  return {
    actions: [
      {
        do: 'commit',
        changes: [
          { change: 'add-votes', votes: { object: record.id, voter: activity.actor, choices } },
          tallyJob(record.id, known.now),
        ],
      },
    ],
  }
}

/** What reads like a vote and came in no form that we count must not name its voter in a room. */
export const looksLikeVote = (
  { content, name, attachments, inReplyTo }: Note,
  known: KnownForMatrix,
): boolean =>
  content.trim() === '' &&
  name !== undefined &&
  attachments.length === 0 &&
  inReplyTo !== undefined &&
  known.objects.get(inReplyTo)?.note?.poll !== undefined
