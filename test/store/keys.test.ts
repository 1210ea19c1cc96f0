import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import Sqlite from 'better-sqlite3'
import { createSealer, type Sealer } from '../../src/activitypub/sealing.ts'
import type { ActorId } from '../../src/model/ids.ts'
import type { KeyPair } from '../../src/model/actor.ts'
import { openDatabase } from '../../src/store/database.ts'
import { migrate, migrations } from '../../src/store/migrate.ts'
import { createStore } from '../../src/store/store.ts'
import { createManualClock } from '../support/clock.ts'
import { pair } from './kept.ts'
import { localId } from './sample.ts'

const alice = localId('alice')
const secret = '-----BEGIN PRIVATE KEY-----\nMIIthissecretkey\n-----END PRIVATE KEY-----\n'
const [first, second] = [
  'first-key-of-the-tests-0123456789',
  'other-key-of-the-tests-0123456789',
] as const

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footbridge-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A database of before keys were sealed, with a few of them. */
async function writeOld(path: string): Promise<void> {
  const sqlite = new Sqlite(path)
  const old = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0017'))
  await migrate(sqlite, path, old)
  const add = sqlite.prepare('insert into key_pair values (?, ?, ?, ?, ?)')
  for (const id of [alice, 'https://fedi.test/actor'])
    add.run(id, `${id}#main-key`, 'PUBLIC', secret, 5)
  sqlite.close()
}

function expectNoSecret(): void {
  const files = readdirSync(folder).filter((name) => !name.includes('.before-'))
  const open = files.filter((name) => readFileSync(join(folder, name)).includes('MIIthissecretkey'))
  expect(open).toEqual([])
}

async function open(path: string) {
  const database = await openDatabase(`sqlite:${path}`)
  return { database, store: createStore({ database, clock: createManualClock() }) }
}

const again =
  (sealer: Sealer) =>
  (actorId: ActorId, { keyId, sealed }: KeyPair): string =>
    sealer.reseal(sealed, { actorId, keyId })

describe('keys of before they were sealed', () => {
  test('stay what they were, and are sealed by the first start, in every file', async () => {
    const path = join(folder, 'f.db')
    await writeOld(path)
    const sealer = createSealer([first])
    const { database, store } = await open(path)
    await store.resealKeys(again(sealer))
    const [sealed] = await store.keyPairsOf(alice)
    expect(sealed).toMatchObject({ kind: 'rsa', keyId: `${alice}#main-key`, madeAt: 5 })
    expect(sealer.open(sealed?.sealed ?? '', { actorId: alice, keyId: `${alice}#main-key` })).toBe(
      secret,
    )
    await store.resealKeys(again(sealer))
    expect(await store.keyPairsOf(alice)).toEqual([sealed])
    database.close()
    expectNoSecret()
  })

  test('leave nothing behind where the first start died after they were sealed', async () => {
    const path = join(folder, 'f.db')
    await writeOld(path)
    const { database } = await open(path)
    const dying = (text: string): boolean => /^(?:vacuum|pragma wal_checkpoint)/.test(text)
    const half: typeof database = {
      ...database,
      prepare: (text) => {
        if (dying(text)) throw new Error('the process is gone')
        return database.prepare(text)
      },
    }
    const clock = createManualClock()
    const sealer = createSealer([first])
    const start = createStore({ database: half, clock }).resealKeys(again(sealer))
    await expect(start).rejects.toThrow('the process is gone')
    await createStore({ database, clock }).resealKeys(again(sealer))
    database.close()
    expectNoSecret()
  })

  test('are left alone, all of them, where one cannot be opened', async () => {
    const path = join(folder, 'f.db')
    await writeOld(path)
    const { database, store } = await open(path)
    const strange = createSealer([second]).seal(secret, { actorId: alice, keyId: 'z' })
    const odd = { kind: 'ed25519', keyId: 'z', publicPem: '', sealed: strange, madeAt: 6 } as const
    await store.commit([{ change: 'put-key-pair', actorId: alice, pair: odd }])
    await expect(store.resealKeys(again(createSealer([first])))).rejects.toMatchObject({
      code: 'WRONG_ENCRYPTION_KEY',
    })
    expect((await store.keyPairsOf(alice)).map(({ sealed }) => sealed)).toEqual([strange, secret])
    await store.resealKeys(again(createSealer([first, second])))
    const [newest] = await store.keyPairsOf(alice)
    expect(createSealer([first]).open(newest?.sealed ?? '', { actorId: alice, keyId: 'z' })).toBe(
      secret,
    )
    database.close()
  })
})

test('actors with old keys are found, the oldest first', async () => {
  const { database, store } = await open(':memory:')
  const put = (name: string, madeAt: number, retiredAt?: number) =>
    store.commit([
      {
        change: 'put-key-pair',
        actorId: localId(name),
        pair: {
          ...{ kind: 'rsa', keyId: name, publicPem: '', sealed: 'v1.', madeAt },
          ...(retiredAt === undefined ? {} : { retiredAt }),
        },
      },
    ])
  await put('young', 9)
  await put('old', 5)
  await put('oldest', 3)
  await put('retired', 1, 4)
  expect(await store.actorsWithKeysBefore(9, 5)).toEqual([localId('oldest'), localId('old')])
  expect(await store.actorsWithKeysBefore(9, 1)).toEqual([localId('oldest')])
  database.close()
})

test('the first key pair of a kind stays', async () => {
  const { database, store } = await open(':memory:')
  const other = { ...pair, keyId: 'other', sealed: 'OTHER' }
  const document = { ...pair, kind: 'ed25519', keyId: 'ed', madeAt: 2 } as const
  await store.commit([
    { change: 'put-key-pair', actorId: alice, pair },
    { change: 'put-key-pair', actorId: alice, pair: other },
    { change: 'put-key-pair', actorId: alice, pair: document },
  ])
  expect(await store.keyPairsOf(alice)).toEqual([document, pair])
  database.close()
})

test('a key that takes the place of another does so once', async () => {
  const { database, store } = await open(':memory:')
  const next = { ...pair, keyId: 'next', madeAt: 9 }
  await store.commit([{ change: 'put-key-pair', actorId: alice, pair }])
  const rotate = { change: 'rotate-key-pair', actorId: alice, pair: next } as const
  await store.commit([rotate])
  await store.commit([rotate])
  expect(await store.keyPairsOf(alice)).toEqual([next, { ...pair, retiredAt: 9 }])
  database.close()
})
