import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How pictures of the fediverse look, where their servers do not say it. */
export const looks: Migration = {
  async up(database) {
    await sql.raw('alter table upload add column blurhash text').execute(database)
  },
}
