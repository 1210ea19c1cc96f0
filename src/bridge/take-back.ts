import type { Action, SkipReason } from '../model/action.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { NewJob } from '../model/job.ts'
import { toActivityPub } from '../translate/to-activitypub.ts'
import { perform } from './perform.ts'
import { resolveEvent } from './resolve-event.ts'

/** A deletion that its author asks for in words: some homeservers tell of none. */
export type TakeBack = {
  readonly type: 'take-back'
  readonly redaction: MatrixEvent & { readonly type: 'redaction' }
}

/**
 * What taking back the post that a message answers comes to, or why nothing does. Only that is
 * decided here: the post may change before it is done.
 */
export async function prepareTakeBack(
  { eventId, roomId, sender, ts, relation }: MatrixEvent & { readonly type: 'message' },
  deps: Deps,
): Promise<readonly Action[] | SkipReason> {
  const { replyTo: target, isFallback } = relation
  // In a thread, clients name a message by themselves.
  if (target === undefined || isFallback) return 'unknown-target'
  const redaction = { type: 'redaction', eventId, roomId, sender, ts, target } as const
  const translation = toActivityPub(redaction, await resolveEvent(redaction, deps))
  if ('skip' in translation) return translation.skip
  const job: NewJob = {
    kind: 'upkeep',
    key: `take back ${eventId}`,
    lane: `upkeep:take back ${target}`,
    payload: JSON.stringify({ type: 'take-back', redaction } satisfies TakeBack),
  }
  return [{ do: 'commit', changes: [{ change: 'enqueue', job }] }]
}

/** Safe to run again: what it changes is committed with the end of its job. */
export async function takeBack(
  { redaction }: TakeBack,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const translation = toActivityPub(redaction, await resolveEvent(redaction, deps))
  return perform(translation.actions ?? [], attempt, deps)
}
