import type { Deps } from './ports.ts'
import type { Ghost, RemoteActor } from '../model/actor.ts'
import type { Handle } from '../model/handle.ts'
import type { ActorId, RoomAlias, UserId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { asUserId } from '../model/ids.ts'
import { createLimit } from '../model/limits.ts'
import { parseGhostLocalpart, splitMatrixId } from '../model/names.ts'
import { actorOf, ensureGhost, ensureGhostRow, keepNewest } from './ghosts.ts'
import { isOwnId } from './new-ids.ts'
import { optOutOf } from './wishes.ts'
import { ensurePortal } from './portals.ts'
import { createThirdParty } from './third-party.ts'

/** Accounts to look up and rooms to make for the homeserver's queries: anybody there can cause them. */
const newOnes = { most: 10, within: 60_000 }

/** The account of that name, as its server shows it now; a miss where there is none, or it is one of ours. */
async function lookUp(handle: Handle, deps: Deps): Promise<RemoteActor | undefined> {
  try {
    const since = deps.clock.now()
    const actor = await deps.fediverse.lookup(handle)
    return isOwnId(actor.id, deps) ? undefined : await keepNewest(actor, since, deps)
  } catch (error) {
    if (error instanceof RejectedError || error instanceof TransientError) return undefined
    throw error
  }
}

/** The ghost of an account that is met now; a miss means that there is none of that name. */
async function meet(userId: UserId, localpart: string, deps: Deps): Promise<Ghost | undefined> {
  const handle = parseGhostLocalpart(deps.identity.prefix, localpart)
  const actor = handle && (await lookUp(handle, deps))
  if (actor === undefined) return undefined
  const ghost = await ensureGhostRow(actor, deps)
  return ghost.userId === userId ? ghost : undefined
}

/**
 * Answers the homeserver's questions about users and aliases in our namespace: known ones at once,
 * new ones by a look-up and a new room under a rate limit. A miss means that there is nobody.
 */
export function createQueries(deps: Deps) {
  const { store } = deps
  const mayMeet = createLimit(newOnes, deps.clock)
  const isAlone = async (id: ActorId): Promise<boolean> => (await optOutOf(id, deps)) !== undefined
  const findAccount = async (handle: Handle): Promise<RemoteActor | undefined> => {
    const known = await store.findRemoteActorByHandle(handle)
    const actor = known ?? (mayMeet() ? await lookUp(handle, deps) : undefined)
    return actor === undefined || (await isAlone(actor.id)) ? undefined : actor
  }
  return {
    thirdParty: createThirdParty({ deps, findAccount }),
    async userExists(userId: UserId): Promise<boolean> {
      if (userId === deps.identity.bot) return true
      const localpart = splitMatrixId(userId, '@')?.localpart
      if (localpart === undefined) return false
      const known = await store.findGhostByUser(userId)
      const ghost = known ?? (mayMeet() ? await meet(userId, localpart, deps) : undefined)
      if (ghost === undefined || (await isAlone(ghost.actorId))) return false
      await ensureGhost(await actorOf(ghost.actorId, deps), deps)
      return true
    },
    /** Makes the account's portal, so that the alias leads somewhere: a knock there is a Follow. */
    async aliasExists(alias: RoomAlias): Promise<boolean> {
      const localpart = splitMatrixId(alias, '#')?.localpart
      if (localpart === undefined) return false
      const userId = asUserId(`@${alias.slice(1)}`)
      const known = await store.findGhostByUser(userId)
      const seed = known && ({ kind: 'actor', actorId: known.actorId } as const)
      const portal = seed && (await store.findPortal(seed))
      if (portal !== undefined) {
        // The alias went with the first room of the account, or was deleted; the room has another one.
        await deps.homeserver.addAlias(alias, portal.roomId)
        return true
      }
      if (!mayMeet()) return false
      const ghost = known ?? (await meet(userId, localpart, deps))
      if (ghost === undefined || (await isAlone(ghost.actorId))) return false
      await ensurePortal({ kind: 'actor', actorId: ghost.actorId }, deps)
      return true
    },
  }
}
