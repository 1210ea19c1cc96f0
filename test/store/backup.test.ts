import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { backUp } from '../../src/store/backup.ts'
import { openDatabase, type Database } from '../../src/store/database.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { makeFolder, removeFolder } from '../cli/temporary.ts'
import { createVirtualClock } from '../queue/virtual-clock.ts'

let folder: string
let path: string
let database: Database
let store: SqliteStore

const clock = createVirtualClock()
const now = Date.UTC(2030, 0, 31, 12)
const mark = (key: string) => store.commit([{ change: 'mark', key, value: 'x'.repeat(500), at: 0 }])

beforeEach(async () => {
  folder = makeFolder()
  path = join(folder, 'a.db')
  database = await openDatabase(`sqlite:${path}`)
  store = createStore({ database, clock })
})
afterEach(() => {
  database.close()
  removeFolder(folder)
})

async function marksIn(file: string): Promise<readonly string[]> {
  const copy = await openDatabase(`sqlite:${file}`)
  const keys = copy.prepare<[], { key: string }>('select key from mark order by key').all()
  copy.close()
  return keys.map(({ key }) => key)
}

test('a copy is a whole database under a name of its own, for its owner alone', async () => {
  await mark('before')
  const { path: copy, bytes } = await backUp(database, path, now)
  await mark('after')
  expect(copy).toBe(`${path}.backup-20300131T120000Z`)
  expect([statSync(copy).mode & 0o777, statSync(copy).size]).toEqual([0o600, bytes])
  expect(readdirSync(folder).filter((name) => name.includes('backup'))).toEqual([
    'a.db.backup-20300131T120000Z',
  ])
  expect(await marksIn(copy)).toEqual(['before', 'copied'])
  expect(await store.findMark('copied')).toBeUndefined()
})

test('others write while it is made, and it comes to an end', async () => {
  for (let n = 0; n < 3_000; n++) await mark(`old ${n}`)
  let written = 0
  const ended = new AbortController()
  const copying = backUp(database, path, now).finally(() => ended.abort())
  while (!ended.signal.aborted) {
    await mark(`new ${written++}`)
    await new Promise(setImmediate)
  }
  const keys = await marksIn((await copying).path)
  expect(written).toBeGreaterThan(3)
  expect(keys.filter((key) => key.startsWith('old'))).toHaveLength(3_000)
  // One moment's: whatever is in it, everything from before that is.
  const news = keys.filter((key) => key.startsWith('new')).length
  for (let n = 0; n < news; n++) expect(keys).toContain(`new ${n}`)
})

test('what cannot be written leaves nothing behind', async () => {
  if (process.getuid?.() === 0) return
  chmodSync(folder, 0o500)
  await expect(backUp(database, path, now)).rejects.toMatchObject({ code: 'EACCES' })
  chmodSync(folder, 0o700)
  expect(readdirSync(folder).filter((name) => name.includes('backup'))).toEqual([])
})
