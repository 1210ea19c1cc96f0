import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * How many days a host failed on, and the last of them (days since the epoch); and how fast it may
 * be sent to: milliseconds between two jobs, and when the next may begin.
 */
export const hosts: Migration = {
  async up(database) {
    for (const column of [
      'failing_days integer not null default 0',
      'failed_day integer',
      'every integer not null default 0',
      'paced_until integer not null default 0',
    ])
      await sql.raw(`alter table pace add column ${column}`).execute(database)
  },
}
