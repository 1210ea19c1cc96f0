import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // By these words accounts are found that may stand in directories.
  `create table account_word (
    word text not null,
    actor_id text not null references remote_actor (id) on delete cascade,
    primary key (word, actor_id)
  ) strict, without rowid`,
  'create index account_word_actor on account_word (actor_id)',
]

export const accountWords: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
