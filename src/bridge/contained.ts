import type { Activity } from '../model/activity.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import type { NewJob } from '../model/job.ts'
import { acceptedOf } from './accepted.ts'
import { suspensionOfActor } from './domain-blocks.ts'
import { isOwnId } from './new-ids.ts'

type Told = Activity & { readonly type: 'contained' }

/** Makes the job that reads an activity which somebody else than its actor has brought. */
export type ReadBrought = (read: {
  readonly id: ActivityId
  readonly by: ActorId
  readonly document: unknown
}) => NewJob

/**
 * What somebody did in a conversation, as whoever began it tells (FEP-171b): read as if it were forwarded, by
 * its proof or at its own id, in the lane of who told it.
 */
export async function receiveContained(
  { actor, contained, document }: Told,
  toReadJob: ReadBrought,
  deps: Deps,
): Promise<JobResult> {
  // What ours did comes back to all of that conversation.
  if (isOwnId(contained, deps)) return { outcome: 'skipped: own-echo', changes: [] }
  if ((await suspensionOfActor(actor, deps)) !== undefined)
    return { outcome: 'skipped: domain-blocked', changes: [] }
  // Whom nobody reads here could have us ask any server.
  if ((await acceptedOf(actor, deps)).length === 0)
    return { outcome: 'skipped: unwanted', changes: [] }
  const job = toReadJob({ id: contained, by: actor, document })
  return { outcome: 'done', changes: [{ change: 'enqueue', job }] }
}
