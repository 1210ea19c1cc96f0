import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Portal } from '../model/portal.ts'
import { forgetMe } from './forget-steps.ts'
import { unbridgeWork } from './unbridge-job.ts'

/**
 * The room of a group is no group any more from the commit of this on: every server that heard of it
 * hears of its end, nobody's consent holds, and ghosts leave. A tombstone of its id and name stays.
 */
export async function endGroup(
  { roomId, actorId }: Portal & { kind: 'group' },
  deps: Deps,
): Promise<readonly Change[]> {
  const actor = await deps.store.findLocalActor(actorId)
  const isThere = actor !== undefined && actor.deletedAt === undefined
  const work = { type: 'vacate', roomId, isTheirs: true } as const
  return [
    ...(isThere ? forgetMe(actor, deps) : []),
    { change: 'remove-portal', roomId },
    { change: 'remove-consents', roomId },
    unbridgeWork(work, `closed group ${actorId}`),
  ]
}
