import type { AccountWork } from './account-work.ts'
import type { Deps } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import { doAnnounced } from './announced.ts'
import { catchUp } from './catch-up.ts'
import { attemptOf } from './attempt.ts'
import { isReadInRoom } from './follows.ts'
import { perform } from './perform.ts'
import { rereadPins } from './reread-pins.ts'
import { mendFollow } from './sync-followers.ts'

async function openRoom(
  { actorId, userId }: AccountWork & { type: 'open-room' },
  job: Job,
  deps: Deps,
): Promise<JobResult> {
  if (!(await isReadInRoom(userId, actorId, deps)))
    return { outcome: 'skipped: unwanted', changes: [] }
  const actions = [
    { do: 'fill-portal', actorId },
    { do: 'invite', place: { kind: 'actor', actorId }, userId },
  ] as const
  return { outcome: 'done', changes: await perform(actions, attemptOf(job), deps) }
}

/** Does one piece of our own work in the lane of an account. Safe to run again. */
export async function doAccountWork(work: AccountWork, job: Job, deps: Deps): Promise<JobResult> {
  switch (work.type) {
    case 'catch-up':
      return catchUp(work, job, deps)
    case 'announced':
      return doAnnounced(work, job, deps)
    case 'pins':
      return rereadPins(work.actorId, job, deps)
    case 'mend-follow':
      return mendFollow(work, job, deps)
    case 'open-room':
      return openRoom(work, job, deps)
    default:
      return work satisfies never
  }
}
