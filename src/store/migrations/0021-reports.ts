import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // Complaints about our accounts and posts, and those that our users made about others'.
  `create table report (
    number integer primary key autoincrement,
    activity_id text not null unique,
    host text not null,
    actor text not null,
    reporter text,
    accounts text not null,
    posts text not null,
    content text not null,
    at integer not null,
    resolved_by text,
    resolved_at integer
  ) strict`,
  'create index report_host on report (host, at)',
  'create index report_reporter on report (reporter, at) where reporter is not null',
  'create index report_open on report (number) where resolved_at is null',
  'create index report_resolved on report (resolved_at) where resolved_at is not null',
]

export const reports: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
