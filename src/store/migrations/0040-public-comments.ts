import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What everybody may read of a block. What was written down before stays with the admins. */
export const publicComments: Migration = {
  async up(database) {
    for (const table of ['domain_block', 'listed_block'])
      await sql.raw(`alter table ${table} add column public_comment text`).execute(database)
  },
}
