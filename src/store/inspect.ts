import Sqlite from 'better-sqlite3'
import { existsSync, statSync } from 'node:fs'
import type { DatabaseState } from '../model/database-state.ts'
import { faultOf } from '../model/machine.ts'
import { newerMigration } from './migrate.ts'

/** Whether a process holds the lock that `openDatabase` takes. */
function isLocked(path: string): boolean {
  if (!existsSync(path)) return false
  try {
    const lock = new Sqlite(path, { timeout: 0, fileMustExist: true })
    try {
      lock.exec('begin exclusive')
      lock.exec('rollback')
      return false
    } finally {
      lock.close()
    }
  } catch (error) {
    return /^SQLITE_(?:BUSY|LOCKED)/.test(faultOf(error).code)
  }
}

function look(sqlite: Sqlite.Database, path: string): DatabaseState {
  const migration = newerMigration(sqlite)
  if (migration !== undefined) return { state: 'newer', migration }
  const found = sqlite.prepare<[], string>('pragma quick_check(1)').pluck().get()
  if (found !== 'ok') return { state: 'damaged', reason: found ?? 'it cannot be checked' }
  return { state: 'sound', bytes: statSync(path).size }
}

function stateOf(error: unknown): DatabaseState {
  const { code, reason } = faultOf(error)
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) return { state: 'in-use' }
  if (/^SQLITE_(?:CORRUPT|NOTADB)/.test(code)) return { state: 'damaged', reason }
  return { state: 'unreadable', reason }
}

/** What is to be said of that file; changes nothing in it. Reads all of it unless it is in use. */
export function inspectDatabase(path: string): DatabaseState {
  if (!existsSync(path)) return { state: 'absent' }
  if (isLocked(`${path}-lock`)) return { state: 'in-use' }
  try {
    const sqlite = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 1_000 })
    try {
      return look(sqlite, path)
    } finally {
      sqlite.close()
    }
  } catch (error) {
    return stateOf(error)
  }
}
