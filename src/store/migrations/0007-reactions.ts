import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Likes become one kind of reaction; several of one person may stand at one post. */
const statements = [
  `create table reaction (
    seq integer primary key,
    activity_id text not null unique,
    actor text not null,
    object text not null,
    type text not null,
    key text not null,
    emoji_url text,
    unique (object, actor, type, key)
  ) strict`,
  `insert into reaction (seq, activity_id, actor, object, type, key)
    select seq, activity_id, actor, object, 'Like', '❤️' from liking`,
  'drop table liking',
  // What runs at a host, as its NodeInfo says; without a name where it says nothing.
  `create table server (
    host text primary key,
    software text,
    version text,
    fetched_at integer not null
  ) strict, without rowid`,
  'alter table follow add column with_boosts integer not null default 1',
]

export const reactions: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
