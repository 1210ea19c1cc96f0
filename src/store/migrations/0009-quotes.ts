import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // Posts that quote others: ours, and those of others that stand in rooms.
  `create table quotation (
    quoting text not null unique,
    quoted text not null,
    quoted_author text,
    authorization text,
    request text,
    note text
  ) strict`,
  'create index quotation_by_quoted on quotation (quoted, quoting)',
  `create index quotation_by_authorization on quotation (authorization, quoting)
    where authorization is not null`,
  `create index quotation_by_author on quotation (quoted_author, quoting)
    where quoted_author is not null`,
  'create index quotation_by_request on quotation (request) where request is not null',
  // What our users let others quote.
  `create table stamp (
    seq integer primary key,
    id text not null unique,
    author text not null,
    quoting text not null,
    quoted text not null,
    quoter text not null,
    created_at integer not null,
    revoked_at integer
  ) strict`,
  'create index stamp_by_author on stamp (author, seq) where revoked_at is null',
  'create index stamp_by_quoted on stamp (quoted, quoting)',
  'create index stamp_by_quoter on stamp (quoted, quoter)',
  'create index stamp_by_quoting on stamp (quoting) where revoked_at is null',
  // People link the page of a post.
  'create index object_by_url on object (url) where url is not null',
  // What anybody showed of an account goes with it.
  'create index object_by_author on object (author)',
  // What our users have pinned on their profiles.
  `create table featured (
    actor text not null,
    position integer not null,
    object text not null,
    primary key (actor, position)
  ) strict, without rowid`,
  'create index featured_by_object on featured (object)',
  'alter table remote_actor add column featured text',
]

export const quotes: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
