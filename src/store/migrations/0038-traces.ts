import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const traces: Migration = {
  async up(database) {
    // Which message a job is part of, while somebody follows them (OpenTelemetry).
    await sql.raw('alter table job add column trace text').execute(database)
  },
}
