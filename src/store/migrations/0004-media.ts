import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // Files of the fediverse on our homeserver. No mxc: its server does not give it to us.
  `create table upload (
    url text primary key,
    mxc text,
    media_type text,
    size integer,
    width integer,
    height integer,
    duration integer,
    is_silent integer,
    fetched_at integer not null,
    used_at integer not null
  ) strict, without rowid`,
  'create index upload_used on upload (used_at)',
  // Which file an event shows: an edit of a post changes only what it must.
  'alter table mapping add column media text',
]

export const media: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
