import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { ObjectId } from '../model/ids.ts'
import type { ObjectRecord, Poll } from '../model/note.ts'
import { pollIn } from '../model/note.ts'
import { isMatrixVoter } from '../model/vote.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { endOwnPoll } from '../translate/own-polls.ts'
import { endPollsOf, isOver, pollEndJobs } from '../translate/polls.ts'
import { tallyText, translateTally } from '../translate/tallies.ts'
import { newActivityId } from './new-ids.ts'
import { noticeBelow } from './notice-below.ts'
import { perform } from './perform.ts'
import { readAs } from './read-as.ts'

/** One notice below a poll tells how many chose what. */
async function tellTally(
  { id }: ObjectRecord,
  { poll, isWorthIt }: { readonly poll: Poll; readonly isWorthIt: boolean },
  deps: Deps,
): Promise<readonly Change[]> {
  const changes: Change[] = []
  const polls = (await deps.store.mappingsOf(id)).filter(({ isPoll }) => isPoll === true)
  for (const mapping of polls) {
    const said = { text: tallyText(poll), isWorthIt }
    changes.push(...(await noticeBelow({ kind: 'tally', mapping }, said, deps)))
  }
  return changes
}

const isVotedOn = ({ options }: Poll): boolean => options.some(({ votes }) => votes > 0)

/** Tells how a poll stands: that of ours to everybody who got it, and any below it in its rooms. */
export async function tally(
  { object, isLast }: { readonly object: ObjectId; readonly isLast: boolean },
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const record = await deps.store.findObject(object)
  if (record === undefined || record.deletedAt !== undefined) return []
  if (!record.isLocal) {
    const poll = pollIn(record)
    if (poll === undefined) return []
    return tellTally(record, { poll, isWorthIt: isVotedOn(poll) }, deps)
  }
  const counts = await deps.store.tallyOf(object)
  const inboxes = await deps.store.recipientsOf(object)
  const telling = { activity: newActivityId(deps), isLast, inboxes }
  const { poll, actions } = translateTally(record, counts, telling)
  if (poll === undefined) return []
  // While nobody elsewhere voted, the room itself shows every vote.
  const isWorthIt = isVotedOn(poll) && counts.voters.some((voter) => !isMatrixVoter(voter))
  const told = await tellTally(record, { poll, isWorthIt }, deps)
  return [...told, ...(await perform(actions, attempt, deps))]
}

/** What its server counted in the end; what we heard last where it does not say. */
async function finalPoll(record: ObjectRecord, poll: Poll, deps: Deps): Promise<Poll> {
  try {
    const as = record.visibility === 'followers' ? await readAs(record.author, record.id, deps) : {}
    const note = await deps.fediverse.fetchNote(record.id, as)
    return { ...(note.poll ?? poll), isClosed: true }
  } catch (error) {
    if (!(error instanceof RejectedError) && !(error instanceof TransientError)) throw error
    return { ...poll, isClosed: true }
  }
}

/** The time of a poll has come, if it was not moved. */
export async function endPoll(
  { object }: { readonly object: ObjectId },
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const record = await deps.store.findObject(object)
  const poll = record === undefined ? undefined : pollIn(record)
  if (record === undefined || record.deletedAt !== undefined || poll === undefined) return []
  if (poll.isClosed) return []
  const now = deps.clock.now()
  if (!isOver(poll, now)) return pollEndJobs({ object, poll }, record.isLocal, now)
  const mappings = await deps.store.mappingsOf(object)
  if (record.note !== undefined)
    return perform(endOwnPoll(record, record.note, { now, mappings }), attempt, deps)
  const closed = { ...record, poll: await finalPoll(record, poll, deps) }
  const told = await tellTally(
    closed,
    { poll: closed.poll, isWorthIt: isVotedOn(closed.poll) },
    deps,
  )
  const kept = {
    do: 'commit',
    changes: [
      { change: 'expect-object', object: record },
      { change: 'put-object', object: closed },
    ],
  } as const
  return [...told, ...(await perform([...endPollsOf(mappings), kept], attempt, deps))]
}
