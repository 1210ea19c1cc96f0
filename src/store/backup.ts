import Sqlite from 'better-sqlite3'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Database } from './database.ts'
import { copiedMark } from '../model/mark.ts'

/** Which moment a copy is of, in its name: `20261130T150000Z`. */
const stampOf = (now: number): string =>
  new Date(now)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')

/** Whoever starts from it is to know that others went on without it. */
function signCopy(path: string, now: number): void {
  const copy = new Sqlite(path)
  try {
    // No files beside it: it is one that can be moved.
    copy.pragma('journal_mode = delete')
    copy
      .prepare('insert or replace into mark (key, value, at) values (?, ?, ?)')
      .run(copiedMark, String(now), now)
  } finally {
    copy.close()
  }
}

/** The new name is on disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/**
 * Copies the database of that path to `<path>.backup-<time>`, complete under its name or not there at
 * all. It is one moment's state, and a database like any other: what is written meanwhile is in it or
 * comes after it. The bridge works on. Rejects with the error of the disk.
 */
export async function backUp(
  database: Database,
  path: string,
  now: number,
): Promise<{ readonly path: string; readonly bytes: number }> {
  const target = `${path}.backup-${stampOf(now)}`
  const partial = `${target}.partial`
  try {
    // Private keys are in it, sealed; it is never readable for others.
    await (await open(partial, 'w', 0o600)).close()
    await database.copyInto(partial)
    signCopy(partial, now)
    const { size: bytes } = await stat(partial)
    await rename(partial, target)
    await syncFolder(dirname(target))
    return { path: target, bytes }
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
