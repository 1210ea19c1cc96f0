import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // `sealed` of a row that was copied is still the bare key: the next start seals it.
  `create table actor_key (
    key_id text primary key,
    actor_id text not null,
    kind text not null,
    public_pem text not null,
    sealed text not null,
    made_at integer not null,
    retired_at integer
  ) strict`,
  `create unique index actor_key_in_use on actor_key (actor_id, kind) where retired_at is null`,
  `create index actor_key_of_actor on actor_key (actor_id)`,
  `create index actor_key_age on actor_key (made_at) where kind = 'rsa' and retired_at is null`,
  `create index actor_key_retired on actor_key (retired_at) where retired_at is not null`,
  `insert into actor_key (key_id, actor_id, kind, public_pem, sealed, made_at)
   select key_id, actor_id, 'rsa', public_pem, private_pem, created_at from key_pair`,
  `drop table key_pair`,
  // What others said to our users' followers, byte for byte, until it is delivered.
  `create table forwarded (
    activity_id text primary key,
    document text not null,
    at integer not null
  ) strict`,
  `create index forwarded_at on forwarded (at)`,
]

/** Keys of both kinds, sealed, also those that a newer one replaced; activities to be passed on. */
export const keys: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
