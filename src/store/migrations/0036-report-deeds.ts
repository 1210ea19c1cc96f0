import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // What admins did about a report besides closing it.
  `create table report_deed (
    report integer not null references report (number) on delete cascade,
    deed text not null,
    by_user text not null,
    at integer not null,
    primary key (report, deed)
  ) strict, without rowid`,
  'create index report_deed_by on report_deed (by_user)',
  // By whom was not kept.
  `insert into report_deed
     select number, 'passed-on', '', mark.at from report
     join mark on mark.key = 'passed on ' || number`,
  `delete from mark where key >= 'passed on ' and key < 'passed on!'`,
]

export const reportDeeds: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
