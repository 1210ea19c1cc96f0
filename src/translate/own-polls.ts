import type { Action, Translation } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { ActivityId } from '../model/ids.ts'
import type { Emoji, Mapping, ObjectRecord, Poll } from '../model/note.ts'
import type { OutgoingNote } from '../model/outgoing.ts'
import type { Tally } from '../model/vote.ts'
import { nameEmojisOf, type KnownEmojis } from './own-emojis.ts'
import { closePoll } from './own-votes.ts'
import { asksTheSame, endPollsOf, isOver, pollEndJobs } from './polls.ts'
import { tellPoll } from './tallies.ts'

type Edit = MatrixEvent & { type: 'edit' }

/** Polls stay polls, and what has ended stays as it was. */
export function refusedPoll({ poll }: Edit, { note }: ObjectRecord): Translation | undefined {
  if ((poll === undefined) !== (note?.poll === undefined)) return { skip: 'unsupported' }
  return note?.poll?.isClosed === true ? { skip: 'poll-over' } : undefined
}

/** A poll as the fediverse reads it: answers are plain text, in which custom emoji are names. */
export function nameAnswers(
  poll: Poll,
  known: KnownEmojis,
): { readonly poll: Poll; readonly emojis: readonly Emoji[] } {
  const emojis = new Map<string, Emoji>()
  const taken = new Set<string>()
  const options = poll.options.map(({ html, ...option }) => {
    const body = option.name
    const named = nameEmojisOf({ body, ...(html === undefined ? {} : { html }) }, known)
    // Answers are told apart by their names alone.
    if (named.text === '' || taken.has(named.text)) return option
    taken.add(named.text)
    for (const emoji of named.emojis) emojis.set(emoji.shortcode, emoji)
    return { ...option, name: named.text }
  })
  return { poll: { ...poll, options }, emojis: [...emojis.values()] }
}

/** Of several lists, each once. */
export const together = (...lists: readonly (readonly Emoji[])[]): readonly Emoji[] => [
  ...new Map(lists.flat().map((emoji) => [emoji.shortcode, emoji])).values(),
]

/** Who asks something else starts counting anew, as receivers do. */
export function askedAnew(poll: Poll | undefined, { note }: ObjectRecord): Partial<OutgoingNote> {
  const before = note?.poll
  if (poll === undefined || before === undefined) return {}
  const { endTime, voters } = before
  const end = endTime === undefined ? {} : { endTime }
  if (!asksTheSame(poll, before)) return { poll: { ...poll, ...end } }
  const votes = new Map(before.options.map((option) => [option.name, option.votes]))
  const options = poll.options.map((one) => ({ ...one, votes: votes.get(one.name) ?? 0 }))
  return { poll: { ...poll, ...end, options, voters: voters ?? 0 } }
}

export const forgetVotes = ({ poll }: OutgoingNote, { id, note }: ObjectRecord): Change[] =>
  poll === undefined || note?.poll === undefined || asksTheSame(poll, note.poll)
    ? []
    : [{ change: 'remove-votes', object: id }]

/**
 * What a note of ours becomes counts only if nobody changed it meanwhile: its author does, its votes,
 * and who is quoted, each in another lane.
 */
export const unchanged = (object: ObjectRecord): Action => ({
  do: 'commit',
  changes: [{ change: 'expect-object', object }],
})

/** Closes a poll of ours, also in the rooms where it stands. */
export const endOwnPoll = (
  record: ObjectRecord,
  note: OutgoingNote,
  { now, mappings }: { readonly now: number; readonly mappings: readonly Mapping[] },
): Action[] => [...endPollsOf(mappings), closePoll(record, note, now)]

type KnownForTime = {
  readonly now: number
  readonly activity: ActivityId
  readonly mappings: readonly Mapping[]
  /** That got the poll. */
  readonly inboxes: readonly string[]
  readonly voters: Tally['voters']
}

/** Its author says until when votes count: told to whoever got the poll, and a job for that time. */
export function translatePollTime(
  record: ObjectRecord,
  endTime: number,
  known: KnownForTime,
): Translation {
  const { note } = record
  const { now, voters } = known
  if (record.deletedAt !== undefined) return { skip: 'deleted' }
  if (note?.poll === undefined) return { skip: 'unsupported' }
  if (isOver(note.poll, now)) return { skip: 'poll-over' }
  if (endTime <= now) return { actions: endOwnPoll(record, note, known) }
  const poll = { ...note.poll, endTime }
  return {
    actions: [
      ...tellPoll(record, { note: { ...note, poll }, voters }, known),
      { do: 'commit', changes: pollEndJobs({ object: record.id, poll }, true, now) },
    ],
  }
}
