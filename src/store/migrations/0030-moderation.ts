import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  'alter table domain_block add column is_obfuscated integer not null default 0',
  `create table blocklist (
    url text primary key,
    by_user text not null,
    added_at integer not null,
    checked_at integer not null,
    trouble text
  ) strict, without rowid`,
  `create table listed_block (
    domain text not null,
    list text not null references blocklist (url) on delete cascade,
    severity text not null,
    rejects_media integer not null,
    rejects_reports integer not null,
    is_obfuscated integer not null,
    reason text,
    at integer not null,
    primary key (domain, list)
  ) strict, without rowid`,
  'create index listed_block_list on listed_block (list, domain)',
  `create table personal_rule (
    owner text not null,
    rule text not null,
    target text not null,
    at integer not null,
    primary key (owner, rule, target)
  ) strict, without rowid`,
]

/** Blocks of lists, and what single people keep away from themselves. */
export const moderation: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
