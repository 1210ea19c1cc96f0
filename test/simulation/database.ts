import Sqlite from 'better-sqlite3'
import { databaseOver, type Database } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'

/** An empty database of the newest schema, as bytes. */
let template: Promise<Buffer> | undefined

async function makeTemplate(): Promise<Buffer> {
  const sqlite = new Sqlite(':memory:')
  await migrate(sqlite)
  const bytes = sqlite.serialize()
  sqlite.close()
  return bytes
}

/**
 * A database in memory, empty and of its own: a copy of one that a process brought up once. Whoever
 * prepares a text that was prepared before gets the same statement, so that a bridge which starts
 * again costs no compilation. Ours hold no state between two calls.
 */
export async function openCopy(): Promise<Database> {
  template ??= makeTemplate()
  const database = await databaseOver(new Sqlite(await template))
  const statements = new Map<string, ReturnType<Database['prepare']>>()
  const prepare = (sql: string): ReturnType<Database['prepare']> => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  return { ...database, prepare: prepare as Database['prepare'] }
}
