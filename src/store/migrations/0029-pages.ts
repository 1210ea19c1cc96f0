import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const shown = `is_local = 1 and visibility in ('public', 'unlisted') and deleted_at is null`

/** What the page of an account shows, with its replies and without. */
const statements = [
  `create index object_shown on object (author, seq) where ${shown}`,
  `create index object_shown_first on object (author, seq) where ${shown} and in_reply_to is null`,
]

export const pages: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
