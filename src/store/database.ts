import Sqlite from 'better-sqlite3'
import { chmodSync, closeSync, openSync } from 'node:fs'
import { migrate } from './migrate.ts'

export type { Row } from './tables.ts'

type Value = string | number | Buffer | null | Readonly<Record<string, string | number | null>>

/**
 * `durable` is on the disk when the call returns. `relaxed` survives the death of the process, but
 * not a power cut: for what may be done again without harm (docs/adr/0006-durability.md).
 */
export type Durability = 'durable' | 'relaxed'

export type Database = {
  /** Compiled once, values by position or name. */
  prepare<Params extends Value[], Row = unknown>(sql: string): Sqlite.Statement<Params, Row>
  /** All or nothing, and never interleaved: `work` is synchronous. Joins a transaction under way. */
  transaction<T>(work: () => T, durability?: Durability): T
  /**
   * The same, made when the promise resolves: perhaps in one transaction with the work of others
   * (`gathered`). `work` does nothing but write here: rolled back, it may be called a second time.
   */
  commit<T>(work: () => T, durability?: Durability): Promise<T>
  /** Copies all of it into that file, which is empty: a moment's state, others work on meanwhile. */
  copyInto(path: string): Promise<void>
  /** Bytes that it fills. */
  size(): number
  /** Throws when the database cannot be read. */
  ping(): void
  close(): void
}

/** Behind every text that begins so, as SQLite compares: by bytes. */
export const beyond = (beginning: string): string => `${beginning}\u{10FFFF}`

/**
 * Opens `sqlite:<path>` or `sqlite::memory:`, brought to the newest schema. Throws an Error whose
 * message is for the admin when the URL is unknown, the file in use, or its schema too new.
 */
export async function openDatabase(url: string): Promise<Database> {
  const path = pathOf(url)
  if (path === ':memory:') return databaseOver(new Sqlite(path))
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

/** The same over a connection to a database in memory, which ends with it. */
export async function databaseOver(sqlite: Sqlite.Database): Promise<Database> {
  return wrap(await prepareFile(sqlite), [])
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

/**
 * SQLite compiles a statement anew for each call where a bare parameter could change its plan (in most
 * that have an `order by`, a `limit` or a `min`), which takes ten times as long as the call itself. Behind
 * a plus, which is no operation, the parameter is a value like any other (sqlite.org/optoverview.html).
 */
const compiledOnce = (sql: string): string => sql.replace(/\?|@\w+/g, '+$&')

function wrap(sqlite: Sqlite.Database, locks: readonly Sqlite.Database[]): Database {
  const transaction = transactions(sqlite)
  const sizeOf = sqlite.prepare<[], { size: number }>(
    'select page_count * page_size as size from pragma_page_count(), pragma_page_size()',
  )
  return {
    prepare: (text) => sqlite.prepare(compiledOnce(text)),
    transaction,
    commit: async (work, durability) => transaction(work, durability),
    copyInto: (path) => copyInto(sqlite, path),
    size: () => Number(sizeOf.get()?.size),
    ping: () => void sqlite.prepare('select count(*) from sqlite_master').get(),
    close() {
      sqlite.close()
      for (const lock of locks) lock.close()
    },
  }
}

/** Pages of one step, between which everything else goes on: 256 kB, a millisecond or two. */
const pagesAtOnce = 64

/** By the connection that writes: SQLite brings what it changes meanwhile into the copy, which so comes to an end. */
async function copyInto(sqlite: Sqlite.Database, path: string): Promise<void> {
  await sqlite.backup(path, { progress: () => pagesAtOnce })
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
