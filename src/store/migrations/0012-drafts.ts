import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Messages that wait for others to become one post with; `at` is when each came. */
export const drafts: Migration = {
  async up(database) {
    await sql
      .raw(
        `create table draft (
          seq integer primary key,
          event_id text not null unique,
          room_id text not null,
          message text not null,
          at integer not null
        ) strict`,
      )
      .execute(database)
    await sql.raw('create index draft_by_room on draft (room_id)').execute(database)
  },
}
