import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { createStore } from '../../src/store/store.ts'
import { gathered } from '../../src/store/gathered.ts'
import { openDatabase, type Database } from '../../src/store/database.ts'
import { createVirtualClock } from '../queue/virtual-clock.ts'
import { testStore } from './contract.ts'

describe('the store on SQLite, its commits gathered', () =>
  testStore(async () => {
    const database = gathered(await openDatabase('sqlite::memory:'))
    return { store: createStore({ database, clock: createVirtualClock() }), close: database.close }
  }))

let folder = ''
let raw: Database
let database: Database
/** What each transaction was asked to be, in order. */
let made: string[]
/** Whether a transaction of this many parts can be brought to the disk. */
let fits: (parts: number) => boolean
/** Ends the turn. */
let flush: () => void
let parts: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'footbridge-gathered-'))
  raw = await openDatabase(`sqlite:${join(folder, 'f.db')}`)
  made = []
  fits = () => true
  const transaction: Database['transaction'] = (work, durability = 'durable') => {
    made.push(durability)
    parts = 0
    return raw.transaction(() => {
      const result = work()
      if (!fits(parts)) throw new Error('disk full')
      return result
    }, durability)
  }
  database = gathered({ ...raw, transaction }, (end) => (flush = end))
})
afterEach(() => {
  raw.close()
  rmSync(folder, { recursive: true })
})

const put = (key: string, value: string | null = 'v') =>
  function write(): string {
    parts += 1
    raw.prepare('insert into mark (key, value, at) values (?, ?, 1)').run(key, value)
    return key
  }
/** As another process sees it. */
function onDisk(): string[] {
  const other = new Sqlite(join(folder, 'f.db'), { readonly: true })
  const keys = other.prepare<[], string>('select key from mark order by key').pluck().all()
  other.close()
  return keys
}
const outcomes = async (all: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(all)).map((one) =>
    one.status === 'fulfilled' ? one.value : `not: ${String(one.reason)}`,
  )

describe('commits of one turn', () => {
  test('are one transaction, and none is told of before it is made', async () => {
    const seen: string[][] = []
    const all = ['a', 'b', 'c'].map((key) =>
      database.commit(put(key)).then((answer) => {
        seen.push(onDisk())
        return answer
      }),
    )
    await Promise.resolve()
    expect([made, onDisk()]).toEqual([[], []])
    flush()
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c'])
    expect(made).toEqual(['durable'])
    expect(seen).toEqual(all.map(() => ['a', 'b', 'c']))
  })

  test('those of the next turn are another one', async () => {
    const first = database.commit(put('a'))
    flush()
    await first
    const second = database.commit(put('b'))
    expect(onDisk()).toEqual(['a'])
    flush()
    await second
    expect([made.length, onDisk()]).toEqual([2, ['a', 'b']])
  })

  test('one that cannot be written fails alone, and in its order', async () => {
    const all = [
      database.commit(put('a')),
      database.commit(put('b', null)),
      database.commit(put('a')),
      database.commit(put('c')),
    ]
    flush()
    expect(await outcomes(all)).toEqual([
      'a',
      'not: SqliteError: NOT NULL constraint failed: mark.value',
      'not: SqliteError: UNIQUE constraint failed: mark.key',
      'c',
    ])
    expect(onDisk()).toEqual(['a', 'c'])
  })

  test('each is tried alone when all together find no room on the disk', async () => {
    fits = (count) => count < 2
    const all = ['a', 'b'].map((key) => database.commit(put(key)))
    flush()
    expect([await outcomes(all), onDisk()]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    fits = () => false
    const none = ['c', 'd'].map((key) => database.commit(put(key)))
    flush()
    expect(await outcomes(none)).toEqual(['not: Error: disk full', 'not: Error: disk full'])
    expect(onDisk()).toEqual(['a', 'b'])
  })

  test('one that must be durable makes all of them so', async () => {
    const relaxed = database.commit(put('a'), 'relaxed')
    flush()
    const both = [database.commit(put('b'), 'relaxed'), database.commit(put('c'))]
    flush()
    await Promise.all([relaxed, ...both])
    expect(made).toEqual(['relaxed', 'durable'])
  })

  test('wait no longer when the database is closed', async () => {
    const last = database.commit(put('a'))
    database.close()
    flush()
    expect(await last).toBe('a')
    expect(onDisk()).toEqual(['a'])
    raw = await openDatabase('sqlite::memory:')
  })
})
