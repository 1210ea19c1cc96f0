import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { migrate, migrations, type Migrations } from '../../src/store/migrate.ts'
import { openDatabase } from '../../src/store/database.ts'
import type { Migration } from 'kysely/migration'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footbridge-store-'))
  path = join(folder, 'f.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const next: Migration = {
  async up(database) {
    await sql`create table later (id integer primary key) strict`.execute(database)
    await sql`insert into mark (key, value, at) values ('later', 'yes', 0)`.execute(database)
  },
}
const broken: Migration = {
  async up(database) {
    await sql`create table later (id integer primary key) strict`.execute(database)
    await sql`insert into nowhere values (1)`.execute(database)
  },
}

describe('opening', () => {
  test.each(['postgres://x', 'sqlite:', 'f.db', ''])('%s is refused', async (url) => {
    await expect(openDatabase(url)).rejects.toThrow('write sqlite:<path of the file>')
  })

  test('a file is private, keeps its content, and is durable', async () => {
    const first = await openDatabase(`sqlite:${path}`)
    first.prepare("insert into mark (key, value, at) values ('k', 'v', 1)").run()
    first.close()
    const second = await openDatabase(`sqlite:${path}`)
    second.ping()
    expect(second.prepare('select * from mark').all()).toEqual([{ key: 'k', value: 'v', at: 1 }])
    expect([
      second.prepare('pragma journal_mode').get(),
      second.prepare('pragma synchronous').get(),
      second.prepare('pragma foreign_keys').get(),
    ]).toEqual([{ journal_mode: 'wal' }, { synchronous: 2 }, { foreign_keys: 1 }])
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)
    expect(modes.every((mode) => mode === 0o600)).toBe(true)
    second.close()
  })

  test('a ping of a closed database throws', async () => {
    const database = await openDatabase('sqlite::memory:')
    database.close()
    expect(() => database.ping()).toThrow()
  })
})

describe('statements', () => {
  /** The driver makes the function that builds the rows of a statement anew whenever SQLite compiles it. */
  function compilations(work: () => void): number {
    const made = jest.spyOn(globalThis, 'Function')
    work()
    const { length } = made.mock.calls
    made.mockRestore()
    return length
  }

  test.each([
    ['select min(next_at) as at from pace where kind = ?', ['event']],
    ['select * from membership where room_id = ? order by user_id', ['!r']],
    ['select key from mark where key >= ? order by key limit ?', ['a', 1]],
    ['select key from mark where key = @key order by at limit @most', [{ key: 'a', most: 1 }]],
  ])('%s is compiled once, whatever its values', async (sql, values) => {
    const database = await openDatabase('sqlite::memory:')
    database.prepare("insert into mark (key, value, at) values ('a', '', 1)").run()
    database.prepare("insert into membership values ('!r', '@u', 'join')").run()
    const statement = database.prepare(sql)
    statement.get(...values)
    const again = compilations(() => {
      for (let n = 0; n < 10; n++) expect(statement.get(...values)).toBeDefined()
    })
    expect(again).toBe(0)
    database.close()
  })
})

describe('transactions', () => {
  test('are all or nothing, joined by those inside, and durable again after a relaxed one', async () => {
    const database = await openDatabase('sqlite::memory:')
    const put = database.prepare<[string]>('insert into mark (key, value, at) values (?, 1, 1)')
    expect(() =>
      database.transaction(() => {
        database.transaction(() => put.run('inner'))
        throw new Error('no')
      }),
    ).toThrow('no')
    database.transaction(() => put.run('relaxed'), 'relaxed')
    expect(database.prepare('select key from mark').all()).toEqual([{ key: 'relaxed' }])
    expect(database.prepare('pragma synchronous').get()).toEqual({ synchronous: 2 })
    database.close()
  })
})

describe('migrations', () => {
  const open = async (known: Migrations): Promise<Sqlite.Database> => {
    const sqlite = new Sqlite(path)
    sqlite.pragma('journal_mode = wal')
    await migrate(sqlite, path, known).catch((error: unknown) => {
      sqlite.close()
      throw error
    })
    return sqlite
  }
  const tables = (sqlite: Sqlite.Database) =>
    sqlite.prepare<[], string>("select name from sqlite_master where name = 'later'").pluck().all()

  test('a new file is brought up without a copy, an old one is copied first', async () => {
    ;(await open(migrations)).close()
    expect(readdirSync(folder)).toEqual(['f.db'])
    const sqlite = await open({ ...migrations, '9999-later': async () => next })
    expect(tables(sqlite)).toEqual(['later'])
    sqlite.close()
    const copy = new Sqlite(`${path}.before-9999-later`, { readonly: true })
    expect(tables(copy)).toEqual([])
    copy.close()
    expect(statSync(`${path}.before-9999-later`).mode & 0o777).toBe(0o600)
  })

  test('one that fails leaves the file as it was, and can be tried again', async () => {
    ;(await open(migrations)).close()
    const opening = open({ ...migrations, '9999-later': async () => broken })
    await expect(opening).rejects.toThrow('the schema could not be brought up to date')
    const sqlite = await open({ ...migrations, '9999-later': async () => next })
    expect(tables(sqlite)).toEqual(['later'])
    sqlite.close()
  })

  test('a newer schema is refused with what to do, and is not touched', async () => {
    ;(await open({ ...migrations, '9999-later': async () => next })).close()
    await expect(openDatabase(`sqlite:${path}`)).rejects.toMatchObject({
      trouble: 'database-newer',
      message: `database: ${path} was changed by a newer version (migration 9999-later)`,
      mend: 'Run that version, or restore a copy made before it.',
    })
    expect(existsSync(`${path}.before-0001-initial`)).toBe(false)
  })
})

describe('every lookup has its index', () => {
  test.each([
    `select object.* from mapping join object on object.id = mapping.remote_id
     where room_id = 'r' and visibility = 'direct' order by mapping.seq desc limit 1`,
    `select seq from object where in_reply_to = 'x' and visibility in ('public', 'unlisted')
     and deleted_at is null and seq < 9 order by seq desc limit 9`,
    `select seq from activity where actor = 'a' and is_public = 1 and type = 'Create' and seq < 9
     order by seq desc limit 9`,
    `update activity set is_public = 0 where object_id = 'o' and type in ('Create', 'Update')`,
    `select * from mapping where remote_id = 'x' order by room_id, part`,
    `select * from mapping where room_id = 'r' and thread_root = 't' order by seq desc limit 1`,
    `select * from mapping where sender = 's' order by seq limit 9`,
    `select * from follow where followed = 'f' order by seq`,
    `delete from follow where follower = 'f' or followed = 'f'`,
    `delete from block where blocker = 'f' or blocked = 'f'`,
    `select * from reaction where object = 'o'`,
    `select * from remote_actor where host = 'h' and username = 'u' order by fetched_at desc`,
    `select * from membership where user_id = 'u' and membership = 'join' order by room_id`,
  ])('%s', async (query) => {
    const database = await openDatabase('sqlite::memory:')
    const plan = database
      .prepare<[], { detail: string }>(`explain query plan ${query}`)
      .all()
      .map(({ detail }) => detail)
    expect(plan.filter((line) => /^SCAN|TEMP B-TREE/.test(line))).toEqual([])
    database.close()
  })
})
