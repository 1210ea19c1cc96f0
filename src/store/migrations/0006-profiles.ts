import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What a user set for the fediverse alone (JSON). */
export const profiles: Migration = {
  async up(database) {
    await sql.raw('alter table local_actor add column profile text').execute(database)
  },
}
