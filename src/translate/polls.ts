import { createHash } from 'node:crypto'
import type { Change } from '../model/change.ts'
import type { Action, MessagePoll } from '../model/action.ts'
import type { NewJob } from '../model/job.ts'
import type { Mapping, ObjectRecord, Poll } from '../model/note.ts'
import type { EventId, ObjectId } from '../model/ids.ts'
import type { Tally } from '../model/vote.ts'
import { pollIn } from '../model/note.ts'
import { safeName } from '../model/names.ts'

/** Clients ignore more (MSC3381). */
const mostAnswers = 20
const longestAnswer = 300
/** Bytes of a question and its answers, which stand in an event several times. */
const largestPoll = 9_000

/** Counts are told at most this often, milliseconds, as Mastodon does. */
const tallyInterval = 180_000
/** After the end of somebody else's poll its server has counted, milliseconds. */
const countingTime = 30_000

/** An option keeps its id when others come and go. */
const answerIdOf = (name: string): string =>
  createHash('sha256').update(name).digest('base64url').slice(0, 12)

/** Names of options by the ids that votes in Matrix give. */
export const answersOf = ({ options }: Poll): ReadonlyMap<string, string> =>
  new Map(options.map(({ name, answerId }) => [answerId ?? answerIdOf(name), name]))

/** The poll of a remote post as Matrix shows it; undefined where it would not fit. */
export function toMessagePoll(poll: Poll, question: string): MessagePoll | undefined {
  const answers = [...answersOf(poll)].map(([id, name]) => ({
    id,
    name: safeName(name, longestAnswer),
  }))
  const isReadable = answers.length > 0 && answers.every(({ name }) => name !== '')
  const size = Buffer.byteLength(JSON.stringify([question, answers]))
  if (!isReadable || answers.length > mostAnswers || size > largestPoll) return undefined
  return { question, answers, isMultiple: poll.isMultiple }
}

/** Whether votes count no more. */
export const isOver = ({ isClosed, endTime }: Poll, now: number): boolean =>
  isClosed || (endTime !== undefined && endTime <= now)

/** What it asks, without what people answered. */
const questionsOf = ({ options, isMultiple }: Poll): string =>
  JSON.stringify([isMultiple, options.map(({ name }) => name)])

export const asksTheSame = (a: Poll, b: Poll): boolean => questionsOf(a) === questionsOf(b)

/** With the votes that came; as everybody may see it, or with counts that are kept until the end. */
export function countedPoll(poll: Poll, { votes, voters }: Tally): Poll {
  const isHidden = poll.isSecret === true && !poll.isClosed
  const count = (name: string): number => (isHidden ? 0 : (votes.get(name) ?? 0))
  return {
    ...poll,
    options: poll.options.map((option) => ({ ...option, votes: count(option.name) })),
    voters: isHidden ? 0 : voters.length,
  }
}

/** The upkeep job that tells how many chose what; `isLast`: at the end, and at once. */
export function tallyJob(object: ObjectId, now: number, isLast = false): Change {
  const slot = Math.floor(now / tallyInterval)
  const name = isLast ? `tally last ${object}` : `tally ${object}`
  const job: NewJob = {
    kind: 'upkeep',
    key: isLast ? name : `${name} ${slot}`,
    lane: `upkeep:${name}`,
    payload: JSON.stringify({ type: 'tally', object, isLast }),
    ...(isLast ? {} : { runAt: (slot + 1) * tallyInterval }),
  }
  return { change: 'enqueue', job }
}

const dayInMs = 86_400_000
/** What is to last longer is ended by its author. */
const longestPoll = 366 * dayInMs

/**
 * The upkeep job that ends a poll when its time has come, or looks again the next day: work that
 * waits for long keeps what is remembered for it.
 */
export function pollEndJobs(
  { object, poll }: { readonly object: ObjectId; readonly poll: Poll },
  isOurs: boolean,
  now: number,
): readonly Change[] {
  const { endTime, isClosed } = poll
  if (endTime === undefined || isClosed || endTime > now + longestPoll) return []
  const tomorrow = (Math.floor(now / dayInMs) + 1) * dayInMs
  const runAt = Math.min(endTime + (isOurs ? 0 : countingTime), tomorrow)
  const job: NewJob = {
    kind: 'upkeep',
    key: `poll end ${object} ${runAt}`,
    // A lane of its own: an end that was moved to an earlier time must not wait for the later one.
    lane: `upkeep:poll end ${object} ${runAt}`,
    payload: JSON.stringify({ type: 'poll-end', object }),
    runAt,
  }
  return [{ change: 'enqueue', job }]
}

/** The upkeep job that gives a poll of ours its end; once for each `cause`, the event that asked for it. */
export function pollTimeJob(object: ObjectId, endTime: number, cause: EventId): Change {
  const job: NewJob = {
    kind: 'upkeep',
    key: `poll time ${object} ${cause}`,
    lane: `upkeep:poll time ${object}`,
    payload: JSON.stringify({ type: 'poll-time', object, endTime }),
  }
  return { change: 'enqueue', job }
}

/** Where a poll stands from now on, it tells the votes that it has already. */
export function countJobs(record: ObjectRecord, now: number): readonly Change[] {
  const { isClosed = true, options = [] } = pollIn(record) ?? {}
  return !isClosed && options.some(({ votes }) => votes > 0) ? [tallyJob(record.id, now)] : []
}

/** What a poll that somebody else wrote needs later, once it stands in a room. */
export function pollJobs(record: ObjectRecord, now: number): readonly Change[] {
  const poll = pollIn(record)
  if (poll === undefined) return []
  return [...countJobs(record, now), ...pollEndJobs({ object: record.id, poll }, false, now)]
}

/** Ends the polls among these events of a post. */
export const endPollsOf = (mappings: readonly Mapping[]): Action[] =>
  mappings
    .filter(({ isPoll }) => isPoll === true)
    .map(({ roomId, eventId: target }) => ({
      do: 'end-poll',
      roomId,
      target,
      text: 'The poll has ended.',
    }))
