import type { Action } from '../model/action.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { ObjectRecord, Poll } from '../model/note.ts'
import type { OutgoingNote } from '../model/outgoing.ts'
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
  /** That got the poll. */
  readonly inboxes: readonly string[]
}

/** The Update that tells the readers of a poll of ours, and its voters, how it stands now. */
export function tellPoll(
  record: ObjectRecord,
  { note, voters }: { readonly note: OutgoingNote; readonly voters: Tally['voters'] },
  { activity, inboxes }: Telling,
): readonly Action[] {
  const audience = { to: record.to, cc: record.cc }
  const elsewhere = voters.filter((voter): voter is ActorId => !isMatrixVoter(voter))
  const named = record.mentions.map(({ actorId }) => actorId)
  return [
    { do: 'commit', changes: [{ change: 'expect-object', object: record }] },
    {
      do: 'publish',
      // Without a new date: readers would call it edited.
      activity: { type: 'update', id: activity, actor: record.author, note, ...audience },
      recipients: [...named, ...elsewhere].filter((id) => id !== record.author),
      toFollowers: record.visibility !== 'direct',
      inboxes,
      order: orderOf(record),
    },
  ]
}

/** The votes in a poll of ours, and the Update that tells of them where that says anything new. */
export function translateTally(
  record: ObjectRecord,
  tally: Tally,
  { isLast, ...telling }: Telling & { readonly isLast: boolean },
): { readonly poll?: Poll; readonly actions: readonly Action[] } {
  const { note } = record
  if (note?.poll === undefined) return { actions: [] }
  const poll = countedPoll(note.poll, tally)
  if (!isLast && countsOf(poll) === countsOf(note.poll)) return { poll, actions: [] }
  const { voters } = tally
  return { poll, actions: tellPoll(record, { note: { ...note, poll }, voters }, telling) }
}
