import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What our own objects were made from (JSON), so that an edit changes only what it names. */
export const ownNotes: Migration = {
  async up(database) {
    await sql.raw('alter table object add column note text').execute(database)
  },
}
