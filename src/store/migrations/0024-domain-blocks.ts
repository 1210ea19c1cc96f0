import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const domainBlocks: Migration = {
  async up(database) {
    await sql
      .raw(
        `create table domain_block (
          domain text primary key,
          severity text not null,
          rejects_media integer not null,
          rejects_reports integer not null,
          reason text,
          by_user text not null,
          at integer not null
        ) strict, without rowid`,
      )
      .execute(database)
  },
}
