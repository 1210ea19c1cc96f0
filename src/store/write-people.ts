import type { ActorId } from '../model/ids.ts'
import type { Database } from './database.ts'
import type { Ghost, LocalActor, RemoteActor } from '../model/actor.ts'
import type { KnownAccounts } from './find-people.ts'
import type { Row } from './tables.ts'
import type { Server } from '../model/server.ts'
import { wordsOfAccount } from '../model/account-words.ts'
import { refusalIn } from '../model/wishes.ts'

/** Servers, remote actors, local actors, ghosts. */
export const peopleWrites = (database: Database, known: KnownAccounts) => ({
  ...remoteActorWrites(database, known),
  ...localActorWrites(database),
  putGhost: puttingGhost(database),
  putServer: puttingServer(database),
})

function remoteActorWrites(database: Database, known: KnownAccounts) {
  const put = database.prepare<[Omit<Row<'remote_actor'>, 'seen_at'>]>(
    `insert into remote_actor (id, kind, username, host, name, summary, url, icon, inbox,
       shared_inbox, outbox, followers, featured, details, fetched_at)
     values (@id, @kind, @username, @host, @name, @summary, @url, @icon, @inbox,
       @shared_inbox, @outbox, @followers, @featured, @details, @fetched_at)
     on conflict (id) do update set
       kind = excluded.kind, username = excluded.username, host = excluded.host,
       name = excluded.name, summary = excluded.summary, url = excluded.url,
       icon = excluded.icon, inbox = excluded.inbox, shared_inbox = excluded.shared_inbox,
       outbox = excluded.outbox, followers = excluded.followers, featured = excluded.featured,
       details = excluded.details, fetched_at = excluded.fetched_at`,
  )
  const dropKeys = database.prepare<[ActorId]>('delete from public_key where actor_id = ?')
  const putKey = database.prepare<[ActorId, number, string, ActorId, string]>(
    'insert into public_key (actor_id, position, id, owner, pem) values (?, ?, ?, ?, ?)',
  )
  const dropWords = database.prepare<[ActorId]>('delete from account_word where actor_id = ?')
  const putWord = database.prepare<[string, ActorId]>(
    'insert into account_word (word, actor_id) values (?, ?)',
  )
  const remove = database.prepare<[ActorId]>('delete from remote_actor where id = ?')
  const see = database.prepare<[number, ActorId, number]>(
    'update remote_actor set seen_at = ? where id = ? and coalesce(seen_at, fetched_at) < ?',
  )
  const dropFollows = database.prepare<[ActorId, ActorId]>(
    'delete from follow where follower = ? or followed = ?',
  )
  const dropBlocks = database.prepare<[ActorId, ActorId]>(
    'delete from block where blocker = ? or blocked = ?',
  )
  const dropVotes = database.prepare<[ActorId]>('delete from vote where voter = ?')
  return {
    putRemoteActor(actor: RemoteActor) {
      known.delete(actor.id)
      put.run(toRow(actor))
      dropKeys.run(actor.id)
      for (const [position, key] of actor.publicKeys.entries())
        putKey.run(actor.id, position, key.id, key.owner, key.pem)
      dropWords.run(actor.id)
      if (isInDirectory(actor))
        for (const word of wordsOfAccount(actor)) putWord.run(word, actor.id)
    },
    seeRemoteActor: (id: ActorId, at: number) => see.run(at, id, at - 86_400_000),
    deleteRemoteActor(id: ActorId) {
      known.delete(id)
      remove.run(id)
      dropFollows.run(id, id)
      dropBlocks.run(id, id)
      dropVotes.run(id)
    },
  }
}

const isInDirectory = ({ details }: RemoteActor): boolean =>
  details?.wishes?.isDiscoverable === true && refusalIn(details.wishes) === undefined

const toRow = (actor: RemoteActor): Omit<Row<'remote_actor'>, 'seen_at'> => ({
  id: actor.id,
  kind: actor.kind,
  username: actor.username,
  host: actor.host,
  name: actor.name ?? null,
  summary: actor.summary ?? null,
  url: actor.url ?? null,
  icon: actor.icon ?? null,
  inbox: actor.inbox,
  shared_inbox: actor.sharedInbox ?? null,
  outbox: actor.outbox ?? null,
  followers: actor.followers ?? null,
  featured: actor.featured ?? null,
  details: actor.details === undefined ? null : JSON.stringify(actor.details),
  fetched_at: actor.fetchedAt,
})

function localActorWrites(database: Database) {
  const put = database.prepare<[Row<'local_actor'>]>(
    `insert into local_actor
       (id, user_id, username, display_name, avatar, profile, on_matrix, is_group, room_alias,
       created_at, deleted_at)
     values (@id, @user_id, @username, @display_name, @avatar, @profile, @on_matrix, @is_group,
       @room_alias, @created_at, @deleted_at)
     on conflict (id) do update set
       user_id = excluded.user_id, username = excluded.username,
       display_name = excluded.display_name, avatar = excluded.avatar,
       profile = excluded.profile, on_matrix = excluded.on_matrix, is_group = excluded.is_group,
       room_alias = excluded.room_alias, created_at = excluded.created_at, deleted_at = excluded.deleted_at`,
  )
  return {
    putLocalActor: (actor: LocalActor) =>
      put.run({
        id: actor.id,
        user_id: actor.userId,
        username: actor.username,
        display_name: actor.displayName ?? null,
        avatar: actor.avatar ?? null,
        profile: actor.profile === undefined ? null : JSON.stringify(actor.profile),
        on_matrix: actor.onMatrix === undefined ? null : JSON.stringify(actor.onMatrix),
        is_group: actor.group === undefined ? 0 : 1,
        room_alias: actor.group?.alias ?? null,
        created_at: actor.createdAt,
        deleted_at: actor.deletedAt ?? null,
      }),
  }
}

function puttingServer(database: Database) {
  const put = database.prepare<[Row<'server'>]>(
    `insert into server (host, software, version, fetched_at, has_chats)
     values (@host, @software, @version, @fetched_at, @has_chats)
     on conflict (host) do update set software = excluded.software, version = excluded.version,
       fetched_at = excluded.fetched_at, has_chats = excluded.has_chats`,
  )
  return ({ host, software, version, fetchedAt, hasChats }: Server) =>
    put.run({
      host,
      software: software ?? null,
      version: version ?? null,
      fetched_at: fetchedAt,
      has_chats: hasChats === true ? 1 : 0,
    })
}

function puttingGhost(database: Database) {
  const put = database.prepare<[Row<'ghost'>]>(
    `insert into ghost (actor_id, user_id, registered, display_name, avatar_url, avatar, told)
     values (@actor_id, @user_id, @registered, @display_name, @avatar_url, @avatar, @told)
     on conflict (actor_id) do update set
       user_id = excluded.user_id, registered = excluded.registered,
       display_name = excluded.display_name, avatar_url = excluded.avatar_url,
       avatar = excluded.avatar, told = excluded.told`,
  )
  return (ghost: Ghost) =>
    put.run({
      actor_id: ghost.actorId,
      user_id: ghost.userId,
      registered: ghost.registered ? 1 : 0,
      display_name: ghost.displayName ?? null,
      avatar_url: ghost.avatarUrl ?? null,
      avatar: ghost.avatar ?? null,
      told: ghost.told ?? null,
    })
}
