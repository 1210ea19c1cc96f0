import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // A room that is an actor; its address, where anybody may join it.
  'alter table local_actor add column is_group integer not null default 0',
  'alter table local_actor add column room_alias text',
  // Members of such a room whose messages go out by it.
  `create table consent (
    room_id text not null,
    user_id text not null,
    at integer not null,
    primary key (room_id, user_id)
  ) strict, without rowid`,
  'create index consent_user on consent (user_id)',
]

export const groups: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
