import Sqlite from 'better-sqlite3'
import { databaseOver, type Database } from '../../src/store/database.ts'

/** Those that a process made and nobody uses, with all their statements compiled. */
const free: Database[] = []

/**
 * An empty database in memory. To make one and to compile its statements takes longer than many a
 * run, so it is used again after it is closed: nothing that was in it is left then. Whoever prepares
 * a text that was prepared before gets the same statement; ours hold no state between two calls.
 */
export async function openEmpty(): Promise<Database> {
  const database = free.pop() ?? (await make())
  return {
    ...database,
    close() {
      empty(database)
      free.push(database)
    },
  }
}

async function make(): Promise<Database> {
  const database = await databaseOver(new Sqlite(':memory:'))
  const statements = new Map<string, ReturnType<Database['prepare']>>()
  const prepare = (sql: string): ReturnType<Database['prepare']> => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  return { ...database, prepare: prepare as Database['prepare'] }
}

/** Of all rows, and of the numbers that were given to them. */
function empty(database: Database): void {
  const tables = database.prepare<[], { name: string }>(
    "select name from sqlite_master where type = 'table' and name not like 'kysely_%'",
  )
  database.prepare('pragma foreign_keys = off').run()
  database.transaction(() => {
    for (const { name } of tables.all()) database.prepare(`delete from ${name}`).run()
  })
  database.prepare('pragma foreign_keys = on').run()
}

/** Every row of every table, as text. */
export const rowsOf = (database: Database) =>
  Object.fromEntries(
    database
      .prepare<[], { name: string }>("select name from sqlite_master where type = 'table'")
      .all()
      .map(({ name: table }) => [
        table,
        database
          .prepare<[], Record<string, unknown>>(`select * from ${table}`)
          .all()
          .map((row) => JSON.stringify(row))
          .sort(),
      ]),
  )
