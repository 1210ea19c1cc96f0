import type { Clock } from '../model/clock.ts'
import type { Deps } from './ports.ts'
import type { Ghost, RemoteActor } from '../model/actor.ts'
import type { RoomAlias, UserId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { asUserId } from '../model/ids.ts'
import { parseGhostLocalpart, splitMatrixId } from '../model/names.ts'
import { actorOf, ensureGhost, ensureGhostRow } from './ghosts.ts'
import { isOwnId } from './new-ids.ts'
import { ensurePortal } from './portals.ts'

/** Accounts never seen before that homeserver queries may look up: anybody there can cause them. */
const maxLookups = 10
const perTime = 60_000

function createLimit(clock: Clock): () => boolean {
  let since = clock.now()
  let used = 0
  return () => {
    if (clock.now() - since >= perTime) {
      since = clock.now()
      used = 0
    }
    used += 1
    return used <= maxLookups
  }
}

async function lookUp(localpart: string, deps: Deps): Promise<RemoteActor | undefined> {
  const handle = parseGhostLocalpart(deps.identity.prefix, localpart)
  if (handle === undefined) return undefined
  try {
    const actor = await deps.fediverse.lookup(handle)
    if (isOwnId(actor.id, deps)) return undefined
    await deps.store.commit([{ change: 'put-remote-actor', actor }])
    return actor
  } catch (error) {
    if (error instanceof RejectedError || error instanceof TransientError) return undefined
    throw error
  }
}

/**
 * Answers the homeserver's questions about users and aliases in our namespace: known accounts at
 * once, unknown ones by a look-up under a rate limit. A miss means that there is nobody.
 */
export function createQueries(deps: Deps) {
  const mayLookUp = createLimit(deps.clock)
  const find = async (userId: UserId, localpart: string): Promise<Ghost | undefined> => {
    const known = await deps.store.findGhostByUser(userId)
    if (known !== undefined) return known
    const actor = mayLookUp() ? await lookUp(localpart, deps) : undefined
    if (actor === undefined) return undefined
    const ghost = await ensureGhostRow(actor, deps)
    return ghost.userId === userId ? ghost : undefined
  }
  return {
    async userExists(userId: UserId): Promise<boolean> {
      if (userId === deps.identity.bot) return true
      const localpart = splitMatrixId(userId, '@')?.localpart
      const ghost = localpart === undefined ? undefined : await find(userId, localpart)
      if (ghost === undefined) return false
      await ensureGhost(await actorOf(ghost.actorId, deps), deps)
      return true
    },
    /** Makes the account's portal, so that the alias leads somewhere: a knock there is a Follow. */
    async aliasExists(alias: RoomAlias): Promise<boolean> {
      const localpart = splitMatrixId(alias, '#')?.localpart
      if (localpart === undefined) return false
      const ghost = await find(asUserId(`@${alias.slice(1)}`), localpart)
      if (ghost === undefined) return false
      await ensurePortal({ kind: 'actor', actorId: ghost.actorId }, deps)
      return true
    },
  }
}
