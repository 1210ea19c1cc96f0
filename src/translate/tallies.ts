import type { Action } from '../model/action.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { ObjectRecord, Poll } from '../model/note.ts'
import { safeName } from '../model/names.ts'
import { isMatrixVoter, type Tally } from '../model/vote.ts'
import { orderOf } from './audience.ts'
import { countedPoll } from './polls.ts'

const mostOptions = 20

/** `Pizza 3 · Salad 2 · 5 people`, as the options stand in the poll. */
export function tallyText({ options, voters, isClosed }: Poll): string {
  const shown = options
    .slice(0, mostOptions)
    .map(({ name, votes }) => `${safeName(name, 100)} ${votes}`)
  const people = voters === undefined ? [] : [`${voters} ${voters === 1 ? 'person' : 'people'}`]
  return `${isClosed ? 'Final votes' : 'Votes'}: ${[...shown, ...people].join(' · ')}`
}

const countsOf = ({ options, voters }: Poll): string =>
  JSON.stringify([options.map(({ votes }) => votes), voters])

type Telling = {
  readonly activity: ActivityId
  readonly isLast: boolean
  /** That got the poll. */
  readonly inboxes: readonly string[]
}

/** The votes in a poll of ours, and the Update that tells its readers and its voters, where that says anything new. */
export function translateTally(
  record: ObjectRecord,
  tally: Tally,
  { activity, isLast, inboxes }: Telling,
): { readonly poll?: Poll; readonly actions: readonly Action[] } {
  const { note } = record
  if (note?.poll === undefined) return { actions: [] }
  const poll = countedPoll(note.poll, tally)
  if (!isLast && countsOf(poll) === countsOf(note.poll)) return { poll, actions: [] }
  const audience = { to: record.to, cc: record.cc }
  const voters = tally.voters.filter((voter): voter is ActorId => !isMatrixVoter(voter))
  const named = record.mentions.map(({ actorId }) => actorId)
  return {
    poll,
    actions: [
      { do: 'commit', changes: [{ change: 'expect-object', object: record }] },
      {
        do: 'publish',
        activity: {
          type: 'update',
          id: activity,
          actor: record.author,
          // Without a new date: readers would call it edited.
          note: { ...note, poll },
          ...audience,
        },
        recipients: [...named, ...voters].filter((id) => id !== record.author),
        toFollowers: record.visibility !== 'direct',
        inboxes,
        order: orderOf(record),
      },
    ],
  }
}
