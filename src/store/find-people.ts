import { asActorId, type ActorId, type UserId } from '../model/ids.ts'
import { beyond, type Database } from './database.ts'
import type { Handle } from '../model/handle.ts'
import type { RemoteActor } from '../model/actor.ts'
import type { Row } from './tables.ts'
import { toGhost, toLocalActor, toPublicKey, toRemoteActor, toServer } from './rows.ts'

/** Of a word that many have, so many are looked at. */
const mostSearched = 2_000

/**
 * What each request asks of accounts that were asked about: the host of its handle, and its keys. It is
 * forgotten with whatever is written of that account, and whole where they become too many.
 */
export type KnownAccounts = Map<string, Keys & { readonly host: string }>
type Keys = Pick<RemoteActor, 'id' | 'publicKeys' | 'fetchedAt'>
const mostKnown = 1_000

/** Lookups of remote actors, local actors and ghosts. */
export const peopleFinds = (database: Database, known: KnownAccounts) => ({
  ...remoteActorFinds(database, known),
  ...directoryFinds(database),
  ...localActorFinds(database),
  ...ghostFinds(database),
  ...serverFinds(database),
})

function remoteActorFinds(database: Database, known: KnownAccounts) {
  const byId = database.prepare<[string], Row<'remote_actor'>>(
    'select * from remote_actor where id = ?',
  )
  const byHandle = database.prepare<[string, string], Row<'remote_actor'>>(
    `select * from remote_actor where host = ? and username = ?
     order by fetched_at desc limit 1`,
  )
  const byKey = database.prepare<[string], Row<'remote_actor'>>(
    `select remote_actor.* from public_key join remote_actor on remote_actor.id = actor_id
     where public_key.id = ? order by fetched_at desc limit 1`,
  )
  const keys = database.prepare<[string], Row<'public_key'>>(
    'select * from public_key where actor_id = ? order by position',
  )
  const whereabouts = database.prepare<[string], { host: string; fetched_at: number }>(
    'select host, fetched_at from remote_actor where id = ?',
  )
  const knownOf = (id: ActorId) => {
    const before = known.get(id)
    if (before !== undefined) return before
    const row = whereabouts.get(id)
    if (row === undefined) return undefined
    const publicKeys = keys.all(id).map(toPublicKey)
    const found = { id, host: row.host, publicKeys, fetchedAt: row.fetched_at }
    if (known.size >= mostKnown) known.clear()
    known.set(id, found)
    return found
  }
  const whole = (row: Row<'remote_actor'> | undefined) =>
    row && toRemoteActor(row, keys.all(row.id))
  return {
    async findRemoteActor(id: ActorId) {
      return whole(byId.get(id))
    },
    /** The host of its handle. */
    async findActorHost(id: ActorId) {
      return knownOf(id)?.host
    },
    /** Of an actor that is known: its keys alone, for what is asked for each request. */
    async findKeysOf(id: ActorId): Promise<Keys | undefined> {
      return knownOf(id)
    },
    /** The user's name in any case; of several with that handle, the one fetched last. */
    async findRemoteActorByHandle({ username, host }: Handle) {
      return whole(byHandle.get(host, username))
    },
    /** The actor whose document listed that key. */
    async findRemoteActorByKey(keyId: string) {
      return whole(byKey.get(keyId))
    },
  }
}

function serverFinds(database: Database) {
  const byHost = database.prepare<[string], Row<'server'>>('select * from server where host = ?')
  return {
    async findServer(host: string) {
      const row = byHost.get(host)
      return row && toServer(row)
    },
  }
}

/** Accounts by the words that people look for. */
function directoryFinds(database: Database) {
  const byWord = database
    .prepare<[string, string, number], ActorId>(
      `select distinct actor_id from account_word where word >= ? and word < ? limit ?`,
    )
    .pluck()
  const wordOf = database
    .prepare<[ActorId, string, string], number>(
      'select 1 from account_word where actor_id = ? and word >= ? and word < ? limit 1',
    )
    .pluck()
  return {
    /** Ids of accounts that may stand in directories and have all these words, or words that begin so. */
    async searchAccounts([first, ...others]: readonly string[], limit: number) {
      if (first === undefined) return []
      return byWord
        .all(first, beyond(first), mostSearched)
        .filter((id) => others.every((word) => wordOf.get(id, word, beyond(word)) !== undefined))
        .slice(0, limit)
    },
  }
}

function localActorFinds(database: Database) {
  const nowhere = database.prepare<[string, number], Row<'local_actor'>>(
    `select * from local_actor where id > ? and deleted_at is null and is_group = 0
       and not exists (select 1 from membership
         where membership.user_id = local_actor.user_id and membership = 'join')
     order by id limit ?`,
  )
  const byId = database.prepare<[string], Row<'local_actor'>>(
    'select * from local_actor where id = ?',
  )
  const byUser = database.prepare<[string], Row<'local_actor'>>(
    'select * from local_actor where user_id = ? and deleted_at is null',
  )
  const byUsername = database.prepare<[string], Row<'local_actor'>>(
    'select * from local_actor where username = ?',
  )
  return {
    async actorsNowhere(after: string, limit: number) {
      return nowhere.all(after, limit).map(toLocalActor)
    },
    async findLocalActor(id: ActorId) {
      const row = byId.get(id)
      return row && toLocalActor(row)
    },
    async findLocalActorByUser(userId: UserId) {
      const row = byUser.get(userId)
      return row && toLocalActor(row)
    },
    async findLocalActorByUsername(username: string) {
      const row = byUsername.get(username)
      return row && toLocalActor(row)
    },
  }
}

function ghostFinds(database: Database) {
  const byActor = database.prepare<[string], Row<'ghost'>>('select * from ghost where actor_id = ?')
  const byUser = database.prepare<[string], Row<'ghost'>>('select * from ghost where user_id = ?')
  const shown = database.prepare<[string, number], { actor_id: string; fetched_at: number }>(
    `select ghost.actor_id, fetched_at from ghost join remote_actor on remote_actor.id = ghost.actor_id
     where ghost.actor_id > ? and registered = 1 order by ghost.actor_id limit ?`,
  )
  return {
    async shownAccounts(after: ActorId | undefined, limit: number) {
      return shown.all(after ?? '', limit).map(({ actor_id, fetched_at }) => ({
        actorId: asActorId(actor_id),
        fetchedAt: fetched_at,
      }))
    },
    async findGhost(actorId: ActorId) {
      const row = byActor.get(actorId)
      return row && toGhost(row)
    },
    async findGhostByUser(userId: UserId) {
      const row = byUser.get(userId)
      return row && toGhost(row)
    },
  }
}
