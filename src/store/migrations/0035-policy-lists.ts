import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  `create table policy_list (
    room_id text primary key,
    name text not null,
    by_user text not null,
    added_at integer not null,
    read_at integer not null,
    ignored integer not null,
    next_room text,
    trouble text
  ) strict, without rowid`,
  'create index policy_list_next on policy_list (next_room) where next_room is not null',
  `create table policy_rule (
    list text not null references policy_list (room_id) on update cascade on delete cascade,
    kind text not null,
    state_key text not null,
    entity text not null,
    reason text,
    refused text,
    room_id text,
    at integer not null,
    primary key (list, kind, state_key)
  ) strict, without rowid`,
]

/** Policy lists that admins follow, and their rules. */
export const policyLists: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
