import type { Deps } from '../bridge/ports.ts'
import type { RemoteActor } from '../model/actor.ts'
import { asActorId } from '../model/ids.ts'
import { parseTarget, parseUserId } from '../model/names.ts'

/** What is stored of the account with that handle or id. */
export const findStored = (
  target: NonNullable<ReturnType<typeof parseTarget>>,
  { store }: Deps,
): Promise<RemoteActor | undefined> =>
  'url' in target
    ? store.findRemoteActor(asActorId(target.url))
    : store.findRemoteActorByHandle(target)

/** An account of another server that is known here, by its handle, id or Matrix id. Nobody is asked. */
export async function findKnown(text: string, deps: Deps): Promise<RemoteActor | undefined> {
  const { store } = deps
  const userId = parseUserId(text)
  if (userId !== undefined) {
    const ghost = await store.findGhostByUser(userId)
    return ghost && store.findRemoteActor(ghost.actorId)
  }
  const target = parseTarget(text)
  return target && findStored(target, deps)
}
