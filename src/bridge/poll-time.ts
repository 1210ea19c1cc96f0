import type { Action, SkipReason } from '../model/action.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { ObjectId } from '../model/ids.ts'
import { pollIn } from '../model/note.ts'
import { translatePollEnd } from '../translate/own-votes.ts'
import { translatePollTime } from '../translate/own-polls.ts'
import { isOver, pollTimeJob } from '../translate/polls.ts'
import { newActivityId } from './new-ids.ts'
import { perform } from './perform.ts'
import { resolveEvent } from './resolve-event.ts'

/** Until when votes count in a poll of ours, milliseconds since the epoch. */
export type PollTime = {
  readonly type: 'poll-time'
  readonly object: ObjectId
  readonly endTime: number
}

/**
 * What giving the poll that a message answers an end comes to, or why nothing does. Only that is
 * decided here: the poll may change before it is done.
 */
export async function preparePollTime(
  { eventId, roomId, sender, ts, relation }: MatrixEvent & { readonly type: 'message' },
  endTime: number,
  deps: Deps,
): Promise<readonly Action[] | SkipReason> {
  const { replyTo, threadRoot, isFallback } = relation
  const target = isFallback ? threadRoot : (replyTo ?? threadRoot)
  if (target === undefined) return 'unknown-target'
  const event = { type: 'poll-end', eventId, roomId, sender, ts, target } as const
  const known = await resolveEvent(event, deps)
  const object = known.target?.object
  if (object === undefined) return 'unknown-target'
  if (object.deletedAt !== undefined) return 'deleted'
  const poll = pollIn(object)
  if (poll === undefined) return 'unsupported'
  const translation = translatePollEnd(known)
  if ('skip' in translation && translation.skip !== 'already-known') return translation.skip
  if (isOver(poll, known.now)) return 'poll-over'
  return [{ do: 'commit', changes: [pollTimeJob(object.id, endTime, eventId)] }]
}

/** Safe to run again: what it changes is committed with the end of its job. */
export async function setPollTime(
  { object, endTime }: PollTime,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const { store, clock } = deps
  const record = await store.findObject(object)
  if (record === undefined) return []
  const translation = translatePollTime(record, endTime, {
    now: clock.now(),
    activity: newActivityId(deps),
    mappings: await store.mappingsOf(object),
    inboxes: await store.recipientsOf(object),
    voters: (await store.tallyOf(object)).voters,
  })
  return perform(translation.actions ?? [], attempt, deps)
}
