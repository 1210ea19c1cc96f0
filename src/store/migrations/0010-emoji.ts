import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const tables = [
  // One name for each picture and one picture for each name: servers keep one of that name of ours.
  `create table own_emoji (
    id text primary key,
    shortcode text not null unique,
    mxc text not null unique,
    created_at integer not null
  ) strict, without rowid`,
  // Pictures that a room offers for its messages (MSC2545), as JSON.
  `create table image_pack (
    room_id text not null,
    type text not null,
    state_key text not null,
    pictures text not null,
    primary key (room_id, type, state_key)
  ) strict, without rowid`,
]

export const emoji: Migration = {
  async up(database) {
    for (const statement of tables) await sql.raw(statement).execute(database)
  },
}
