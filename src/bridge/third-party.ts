import type { Deps } from './ports.ts'
import type { Ghost, RemoteActor } from '../model/actor.ts'
import type { Handle } from '../model/handle.ts'
import type { RoomAlias, UserId } from '../model/ids.ts'
import { asRoomAlias, asUserId } from '../model/ids.ts'
import { displayHandle, parseTarget } from '../model/names.ts'
import { suspensionOf } from './domain-blocks.ts'
import { ensureGhostRow } from './ghosts.ts'
import { optOutOf } from './wishes.ts'

/** An account as clients list those of other networks; `fields` are shown, and searched by. */
export type ThirdPartyUser = {
  readonly userid: UserId
  readonly fields: { readonly handle: string; readonly id: string }
}

/** Its room, the same way. */
export type ThirdPartyLocation = {
  readonly alias: RoomAlias
  readonly fields: ThirdPartyUser['fields']
}

export type ThirdParty = {
  /** Who has that handle, with or without `@` in front; somebody of our own, too. */
  readonly usersNamed: (handle: string) => Promise<readonly ThirdPartyUser[]>
  /** Whom a Matrix user of ours stands for. */
  readonly usersOf: (userId: UserId) => Promise<readonly ThirdPartyUser[]>
  readonly locationsNamed: (handle: string) => Promise<readonly ThirdPartyLocation[]>
  readonly locationsOf: (alias: RoomAlias) => Promise<readonly ThirdPartyLocation[]>
}

type ThirdPartyDeps = {
  readonly deps: Deps
  /** Known ones at once, others by a look-up under the rate limit of all queries. */
  readonly findAccount: (handle: Handle) => Promise<RemoteActor | undefined>
}

const fieldsOf = (actor: RemoteActor): ThirdPartyUser['fields'] => ({
  handle: displayHandle(actor),
  id: actor.id,
})

type Met = { readonly actor: RemoteActor; readonly ghost: Ghost }

/**
 * What clients ask to find people of the fediverse without our bot (Application Service API, "Third
 * party lookups"). Nothing is made but the row of a ghost: its Matrix user, and the room behind an
 * alias, are made when somebody comes to them.
 */
export function createThirdParty({ deps, findAccount }: ThirdPartyDeps): ThirdParty {
  const { store, identity } = deps
  const isBarred = async (host: string): Promise<boolean> =>
    (await suspensionOf(`https://${host}`, deps)) !== undefined

  const meet = async (handle: Handle): Promise<Met | undefined> => {
    const actor = (await isBarred(handle.host)) ? undefined : await findAccount(handle)
    return actor && { actor, ghost: await ensureGhostRow(actor, deps) }
  }

  const findOwn = async ({ username }: Handle): Promise<readonly ThirdPartyUser[]> => {
    const own = await store.findLocalActorByUsername(username)
    if (own === undefined || own.deletedAt !== undefined || own.group !== undefined) return []
    const handle = `@${own.username}@${identity.handleDomain}`
    return [{ userid: own.userId, fields: { handle, id: own.id } }]
  }

  const findGhost = async (userId: UserId): Promise<Met | undefined> => {
    const ghost = await store.findGhostByUser(userId)
    const actor = ghost && (await store.findRemoteActor(ghost.actorId))
    if (ghost === undefined || actor === undefined || (await isBarred(actor.host))) return undefined
    return (await optOutOf(actor.id, deps)) === undefined ? { actor, ghost } : undefined
  }

  const toUsers = (met: Met | undefined): readonly ThirdPartyUser[] =>
    met === undefined ? [] : [{ userid: met.ghost.userId, fields: fieldsOf(met.actor) }]
  const toLocations = (met: Met | undefined): readonly ThirdPartyLocation[] =>
    met === undefined
      ? []
      : [{ alias: asRoomAlias(`#${met.ghost.userId.slice(1)}`), fields: fieldsOf(met.actor) }]

  const handleIn = (text: string): Handle | undefined => {
    const target = parseTarget(text)
    return target === undefined || 'url' in target ? undefined : target
  }
  return {
    async usersNamed(text) {
      const handle = handleIn(text)
      if (handle === undefined) return []
      return handle.host === identity.handleDomain ? findOwn(handle) : toUsers(await meet(handle))
    },
    usersOf: async (userId) => toUsers(await findGhost(userId)),
    async locationsNamed(text) {
      const handle = handleIn(text)
      if (handle === undefined || handle.host === identity.handleDomain) return []
      return toLocations(await meet(handle))
    },
    locationsOf: async (alias) => toLocations(await findGhost(asUserId(`@${alias.slice(1)}`))),
  }
}
