import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** When an account was last heard of, and what it did with posts that others wrote. */
const statements = [
  // Absent: not since it was fetched.
  'alter table remote_actor add column seen_at integer',
  'create index reaction_by_actor on reaction (actor)',
  'create index stamp_by_guest on stamp (quoter)',
]

export const pruning: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
