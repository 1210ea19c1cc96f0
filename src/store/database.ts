import Sqlite from 'better-sqlite3'
import { chmodSync, closeSync, openSync } from 'node:fs'
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
} from 'kysely'
import { migrate } from './migrate.ts'
import type { Tables } from './tables.ts'

export type { Row } from './tables.ts'

type Value = string | number | Buffer | null | Readonly<Record<string, string | number | null>>

/**
 * `durable` is on the disk when the call returns. `relaxed` survives the death of the process, but
 * not a power cut: for what may be done again without harm (docs/adr/0006-durability.md).
 */
export type Durability = 'durable' | 'relaxed'

export type Database = {
  /** Hot paths: compiled once, values by position. */
  prepare<Params extends Value[], Row = unknown>(sql: string): Sqlite.Statement<Params, Row>
  /** Cold paths: builds queries for `all` and `get`; runs none itself. */
  readonly query: Kysely<Tables>
  readonly all: <Row>(query: Compilable<Row>) => Row[]
  readonly get: <Row>(query: Compilable<Row>) => Row | undefined
  /** All or nothing, and never interleaved: `work` is synchronous. Joins a transaction under way. */
  transaction<T>(work: () => T, durability?: Durability): T
  /**
   * The same, made when the promise resolves: perhaps in one transaction with the work of others
   * (`gathered`). `work` does nothing but write here: rolled back, it may be called a second time.
   */
  commit<T>(work: () => T, durability?: Durability): Promise<T>
  /** Throws when the database cannot be read. */
  ping(): void
  close(): void
}

/**
 * Opens `sqlite:<path>` or `sqlite::memory:`, brought to the newest schema. Throws an Error whose
 * message is for the admin when the URL is unknown, the file in use, or its schema too new.
 */
export async function openDatabase(url: string): Promise<Database> {
  const path = pathOf(url)
  if (path === ':memory:') return wrap(await prepareFile(new Sqlite(path)), [])
  const lock = lockFile(path)
  createPrivate(path)
  const sqlite = new Sqlite(path)
  try {
    return wrap(await prepareFile(sqlite, path), [lock])
  } catch (error) {
    sqlite.close()
    lock.close()
    throw error
  }
}

function pathOf(url: string): string {
  const path = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : ''
  if (path === '')
    throw new Error(`database: "${url}" is not supported; write sqlite:<path of the file>`)
  return path.replace(/^\/\/(?=\/)/, '')
}

/** Private keys of actors are in it. SQLite gives its -wal and -shm the mode of the file. */
function createPrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
}

/**
 * Two processes on one queue would do all work twice, so a lock beside the file is held for as
 * long as it is open; the system frees it when the process dies. Readers of the database itself
 * (backups, an admin's shell) are not disturbed.
 */
function lockFile(path: string): Sqlite.Database {
  createPrivate(`${path}-lock`)
  const lock = new Sqlite(`${path}-lock`, { timeout: 0 })
  try {
    lock.pragma('journal_mode = delete')
    lock.exec('begin exclusive')
    return lock
  } catch (cause) {
    lock.close()
    if (isBusy(cause)) throw new Error(`database: ${path} is in use by another process`, { cause })
    throw cause
  }
}

const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'SQLITE_BUSY'

async function prepareFile(sqlite: Sqlite.Database, path?: string): Promise<Sqlite.Database> {
  sqlite.pragma('journal_mode = wal')
  sqlite.pragma('synchronous = full')
  sqlite.pragma('busy_timeout = 5000')
  sqlite.pragma('temp_store = memory')
  // 2 MB: what is not in it is in the page cache of the system, which is as fast here.
  sqlite.pragma('cache_size = -2000')
  await migrate(sqlite, path)
  sqlite.pragma('foreign_keys = on')
  if (path !== undefined) chmodSync(path, 0o600)
  return sqlite
}

/** Compiles queries and refuses to run them: a query that awaits could mix two transactions. */
const compiler = (): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })

function wrap(sqlite: Sqlite.Database, locks: readonly Sqlite.Database[]): Database {
  const cached = new Map<string, Sqlite.Statement>()
  const statement = <Row>(text: string): Sqlite.Statement<unknown[], Row> => {
    const known = cached.get(text) ?? sqlite.prepare(text)
    cached.set(text, known)
    // better-sqlite3 cannot know what a text selects; kysely, which compiled it, does.
    return known as Sqlite.Statement<unknown[], Row>
  }
  const transaction = transactions(sqlite)
  return {
    prepare: (text) => sqlite.prepare(text),
    query: compiler(),
    all<Row>(query: Compilable<Row>): Row[] {
      const { sql, parameters } = query.compile()
      return statement<Row>(sql).all(...parameters)
    },
    get<Row>(query: Compilable<Row>): Row | undefined {
      const { sql, parameters } = query.compile()
      return statement<Row>(sql).get(...parameters)
    },
    transaction,
    commit: async (work, durability) => transaction(work, durability),
    ping: () => void statement('select count(*) from sqlite_master').get(),
    close() {
      sqlite.close()
      for (const lock of locks) lock.close()
    },
  }
}

function transactions(sqlite: Sqlite.Database): Database['transaction'] {
  const begin = sqlite.prepare('begin immediate')
  const commit = sqlite.prepare('commit')
  const rollback = sqlite.prepare('rollback')
  const atomically = <T>(work: () => T): T => {
    begin.run()
    try {
      const result = work()
      commit.run()
      return result
    } catch (error) {
      if (sqlite.inTransaction) rollback.run()
      throw error
    }
  }
  return (work, durability = 'durable') => {
    if (sqlite.inTransaction) return work()
    if (durability === 'durable') return atomically(work)
    sqlite.exec('pragma synchronous = normal')
    try {
      return atomically(work)
    } finally {
      sqlite.exec('pragma synchronous = full')
    }
  }
}
