import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
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
  // What accounts say of themselves beside name, text and picture (JSON), and which of it was told here.
  'alter table remote_actor add column details text',
  'alter table ghost add column told text',
  // What the profile of a user on Matrix says beside name and picture (JSON).
  'alter table local_actor add column on_matrix text',
]

export const emojiAndProfiles: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
