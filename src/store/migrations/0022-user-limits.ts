import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How often somebody asked to follow lately: what they have taken back since counts too. */
export const userLimits: Migration = {
  async up(database) {
    const index = `create index activity_follow on activity (actor, seq) where type = 'Follow'`
    await sql.raw(index).execute(database)
  },
}
