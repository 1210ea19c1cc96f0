import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // Every inbox that got anything of an actor of ours: whoever wants to be forgotten is forgotten there too.
  `create table told (
    actor text not null,
    inbox text not null,
    state text not null,
    primary key (actor, inbox)
  ) strict, without rowid`,
  `insert or ignore into told
    select object.author, recipient.inbox, 'known' from recipient
    join object on object.id = recipient.object_id where object.is_local = 1`,
  `insert or ignore into told
    select followed, coalesce(shared_inbox, inbox), 'known' from follow
    join remote_actor on remote_actor.id = follower join local_actor on local_actor.id = followed`,
  // Whom an activity was for by name: follows, answers to them, blocks, reactions, and what took them back.
  `insert or ignore into told
    select activity.actor, coalesce(shared_inbox, inbox), 'known' from activity
    join json_each(case when json_valid(document) then document else '{}' end, '$.to') as named
    join remote_actor on remote_actor.id = named.value`,
  `insert or ignore into told
    select activity.actor, coalesce(shared_inbox, inbox), 'known' from activity
    join json_each(case when json_valid(document) then document else '{}' end, '$.cc') as named
    join remote_actor on remote_actor.id = named.value`,
  // Whoever has an inbox of their own may share one, too.
  'create index remote_actor_inbox on remote_actor (inbox)',
  'create index activity_by_actor on activity (actor)',
  'create index held_by_room on held (room_id)',
  'create index report_resolver on report (resolved_by) where resolved_by is not null',
  // Messages that waited before drafts did: nothing reads them any more.
  'drop table gathering',
  // Lists of accounts that users brought, and how far each account of them is.
  `create table import (
    id text primary key,
    user_id text not null,
    kind text not null,
    is_in_rooms integer not null,
    room_id text not null,
    began_at integer not null,
    notice text,
    ended_at integer
  ) strict, without rowid`,
  'create index import_by_user on import (user_id)',
  `create table import_row (
    import_id text not null,
    position integer not null,
    account text not null,
    with_boosts integer not null,
    state text not null,
    reason text,
    primary key (import_id, position)
  ) strict, without rowid`,
  'create index import_row_state on import_row (import_id, state, position)',
]

export const consent: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
