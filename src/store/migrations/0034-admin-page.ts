import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // How much waited every few minutes, for a week, where there is an admin page.
  `create table queue_sample (
    at integer primary key,
    activity integer not null,
    event integer not null,
    delivery integer not null,
    upkeep integer not null,
    failed integer not null
  ) strict`,
  'create index pace_failing on pace (failing_since) where failing_since is not null',
]

export const adminPage: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
