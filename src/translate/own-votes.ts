import type { Action, Translation } from '../model/action.ts'
import type { KnownForFediverse } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { ObjectRecord, Poll } from '../model/note.ts'
import type { OutgoingNote } from '../model/outgoing.ts'
import { asObjectId } from '../model/ids.ts'
import { pollIn } from '../model/note.ts'
import { notAcross, publisherOf, unknownAuthor } from './not-sent.ts'
import { answersOf, isOver, tallyJob } from './polls.ts'

type VoteEvent = MatrixEvent & { type: 'vote' }

type Tell = Action & { do: 'tell' }

type Voting = Pick<VoteEvent, 'eventId' | 'roomId' | 'sender' | 'target'>

const tell = (
  { roomId, target, eventId }: Voting,
  text: string,
  key = `vote ${eventId}`,
): Tell => ({
  do: 'tell',
  place: { kind: 'room', roomId },
  text,
  replyTo: target,
  key,
})

const over = (event: VoteEvent): Translation => ({
  skip: 'poll-over',
  actions: [tell(event, 'Not counted: this poll has ended.')],
})

/** Said once for each poll: clients let people change their minds. */
const firstCounts = (event: Voting, { id }: ObjectRecord): Tell =>
  tell(
    event,
    'Your first vote counts: the fediverse takes no vote back.',
    `first vote ${id} ${event.sender}`,
  )

/** What it chose; of too many the first ones, and nothing where one is no answer (MSC3381). */
function choicesOf({ answers }: VoteEvent, poll: Poll): readonly string[] | undefined {
  const names = answersOf(poll)
  const counted = answers.slice(0, poll.isMultiple ? names.size : 1).map((id) => names.get(id))
  const choices = counted.filter((name) => name !== undefined)
  return choices.length === counted.length ? [...new Set(choices)] : undefined
}

/** A poll of ours is counted here, whoever of the room votes; the newest vote replaces the older one. */
function countVote(
  event: VoteEvent,
  { id }: ObjectRecord,
  { choices, now }: { readonly choices: readonly string[]; readonly now: number },
): Translation {
  const { sender: voter, eventId } = event
  const votes = { object: id, voter, choices, eventId }
  return {
    actions: [
      {
        do: 'commit',
        changes: [
          { change: 'remove-votes', object: id, voter },
          { change: 'add-votes', votes },
          tallyJob(id, now),
        ],
      },
    ],
  }
}

/** One Create for each choice, to who asks and to nobody else. */
function sendVotes(
  event: VoteEvent,
  choices: readonly string[],
  { author, object, known }: { author: LocalActor; object: ObjectRecord; known: KnownForFediverse },
): Action[] {
  const to = [object.author]
  const sent = choices.flatMap((choice, index) => {
    const id = known.ids.votes[index]
    return id === undefined ? [] : [{ choice, id, noteId: asObjectId(`${id}#vote`) }]
  })
  const [first] = sent
  const { roomId, eventId, sender } = event
  return [
    ...sent.map(({ choice, id, noteId }): Action => ({
      do: 'publish',
      activity: {
        type: 'vote',
        id,
        actor: author.id,
        object: object.id,
        noteId,
        choice,
        to,
        cc: [],
      },
      recipients: to,
      toFollowers: false,
      inboxes: [],
      order: object.id,
    })),
    {
      do: 'commit',
      changes: [
        { change: 'add-votes', votes: { object: object.id, voter: author.id, choices, eventId } },
        // So that its failure is told below the poll.
        ...(first === undefined
          ? []
          : [
              {
                change: 'add-mapping',
                mapping: { remoteId: first.noteId, roomId, part: 0, eventId, sender },
              } as const,
            ]),
      ],
    },
  ]
}

function voteElsewhere(
  event: VoteEvent,
  choices: readonly string[],
  { object, known }: { readonly object: ObjectRecord; readonly known: KnownForFediverse },
): Translation {
  const author = publisherOf(known)
  if (author === undefined) return unknownAuthor(event, known)
  if (known.blocker !== undefined) return notAcross(event, 'counted', known)
  const { votesGiven } = known
  const isMultiple = pollIn(object)?.isMultiple === true
  const fresh = choices.filter((choice) => !votesGiven.includes(choice))
  const isChanged =
    votesGiven.some((given) => !choices.includes(given)) ||
    (!isMultiple && votesGiven.length > 0 && fresh.length > 0)
  const told = isChanged ? [firstCounts(event, object)] : []
  const isCast = fresh.length === 0 || (!isMultiple && votesGiven.length > 0)
  if (isCast) return { skip: 'already-known', actions: told }
  return { actions: [...sendVotes(event, fresh, { author, object, known }), ...told] }
}

/** A vote of somebody on Matrix. */
export function translateVoteOut(event: VoteEvent, known: KnownForFediverse): Translation {
  const object = known.target?.object
  if (object === undefined) return { skip: 'unknown-target' }
  if (object.deletedAt !== undefined) return { skip: 'deleted' }
  const poll = pollIn(object)
  if (poll === undefined) return { skip: 'no-such-choice' }
  if (isOver(poll, known.now)) return over(event)
  const choices = choicesOf(event, poll)
  if (choices === undefined)
    return {
      skip: 'no-such-choice',
      actions: [tell(event, 'Not counted: the poll was changed. Vote again.')],
    }
  return object.isLocal
    ? countVote(event, object, { choices, now: known.now })
    : voteElsewhere(event, choices, { object, known })
}

/** A vote that is taken out of the room: one that is counted here goes, one that was sent stays. */
export function translateUnvote(
  event: MatrixEvent & { type: 'redaction' },
  object: ObjectRecord,
  { now }: KnownForFediverse,
): Translation {
  if (!object.isLocal) return { skip: 'unsupported', actions: [firstCounts(event, object)] }
  return {
    actions: [
      {
        do: 'commit',
        changes: [
          { change: 'remove-votes', object: object.id, eventId: event.target },
          tallyJob(object.id, now),
        ],
      },
    ],
  }
}

/** A poll of ours whose author ends it: from here on no vote counts, and the last count goes out. */
export function translatePollEnd(known: KnownForFediverse): Translation {
  const object = known.target?.object
  const note = object?.note
  if (object === undefined) return { skip: 'unknown-target' }
  if (note?.poll === undefined) return { skip: 'not-the-owner' }
  if (known.author === undefined || object.author !== known.author.id)
    return { skip: 'not-the-owner' }
  if (object.deletedAt !== undefined) return { skip: 'deleted' }
  if (note.poll.isClosed) return { skip: 'already-known' }
  return { actions: [closePoll(object, note, known.now)] }
}

/** What closes a poll of ours: its last count goes out in a job of its own. */
export function closePoll(object: ObjectRecord, note: OutgoingNote, now: number): Action {
  const poll = note.poll === undefined ? undefined : { ...note.poll, isClosed: true, endTime: now }
  const closed = { ...object, note: { ...note, ...(poll === undefined ? {} : { poll }) } }
  return {
    do: 'commit',
    changes: [
      { change: 'expect-object', object },
      { change: 'put-object', object: closed },
      tallyJob(object.id, now, true),
    ],
  }
}
