import type { ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { RemoteActor } from '../model/actor.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { fetchAndKeep } from './ghosts.ts'

const dayInMs = 86_400_000

/** The sender, fetched again when our copy is a day old; an old copy serves while its server is away. */
export async function authorOf(actorId: ActorId, deps: Deps): Promise<RemoteActor> {
  const known = await deps.store.findRemoteActor(actorId)
  if (known !== undefined && known.fetchedAt > deps.clock.now() - dayInMs) return known
  try {
    return await fetchAndKeep(actorId, deps)
  } catch (error) {
    const isTheirs = error instanceof TransientError || error instanceof RejectedError
    if (known !== undefined && isTheirs) return known
    throw error
  }
}
