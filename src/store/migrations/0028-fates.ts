import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // How a job ended that was not done: `failed`, `dropped`, `stopped`. Absent: it was done.
  'alter table done add column fate text',
  'create index failed_job_key on failed_job (kind, key)',
]

/** What came of one job, for whoever asks after a message. */
export const fates: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
