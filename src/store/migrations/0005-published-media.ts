import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Files of our notes by the ids of their URLs, and messages that wait for what belongs to them. */
const tables = [
  // Rows stay when their note goes: the URL of what is gone answers 410, not 404.
  `create table published_media (
    seq integer primary key,
    id text not null unique,
    mxc text not null,
    object_id text not null,
    part integer not null,
    name text,
    media_type text,
    size integer,
    created_at integer not null,
    dropped_at integer
  ) strict`,
  'create index published_media_object on published_media (object_id, part, seq)',
  `create table gathering (
    room_id text not null,
    sender text not null,
    until integer not null,
    messages text not null,
    primary key (room_id, sender)
  ) strict, without rowid`,
]

export const publishedMedia: Migration = {
  async up(database) {
    for (const statement of tables) await sql.raw(statement).execute(database)
  },
}
