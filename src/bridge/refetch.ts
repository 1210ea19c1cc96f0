import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { furtherLooks } from './ghosts.ts'
import type { Job } from '../model/job.ts'
import type { RemoteActor } from '../model/actor.ts'
import { RejectedError, TransientError } from '../model/errors.ts'

/** Tries end after a day; this is before the last of them. What the account sends next has it fetched anyway. */
const patience = 20 * 3_600_000

/** Undefined where its server does not say who it is any more. */
async function fetchAgain(
  actorId: ActorId,
  { addedAt }: Job,
  deps: Deps,
): Promise<RemoteActor | undefined> {
  try {
    return await deps.fediverse.fetchActor(actorId)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    if (error instanceof TransientError && deps.clock.now() - addedAt > patience) return undefined
    throw error
  }
}

/**
 * An account that has changed, as its server describes it now; its ghost and its room follow by a job
 * of their own.
 */
export async function refetchActor(
  actorId: ActorId,
  job: Job,
  deps: Deps,
): Promise<readonly Change[]> {
  if ((await deps.store.findRemoteActor(actorId)) === undefined) return []
  const actor = await fetchAgain(actorId, job, deps)
  // It may have been deleted while we asked.
  if (actor === undefined || (await deps.store.findRemoteActor(actorId)) === undefined) return []
  const refresh = {
    kind: 'upkeep',
    key: `refresh ${job.key}`,
    lane: `upkeep:refresh ${actorId}`,
    payload: JSON.stringify({ type: 'refresh', actorId }),
  } as const
  return [
    { change: 'put-remote-actor', actor },
    { change: 'enqueue', job: refresh },
    ...(await furtherLooks(actor, deps)),
  ]
}
