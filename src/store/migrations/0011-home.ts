import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // 'room': in the account's own room; 'home': in the follower's home room.
  "alter table follow add column shown_in text not null default 'room'",
  // Its own Create did not bring it yet.
  'alter table object add column came_along integer not null default 0',
]

/** Where a follower reads an account, and how a post came here. */
export const home: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
