import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import type { Severity } from '../../src/model/domain-block.ts'
import { asActorId, asUserId } from '../../src/model/ids.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { openDatabase, type Database } from '../../src/store/database.ts'
import { createStillClock } from '../matrix/setup.ts'

let database: Database
let store: SqliteStore
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:')
  store = createStore({ database, clock: createStillClock() })
})
afterEach(() => database.close())

const block = (domain: string, severity: Severity = 'suspend'): Change => ({
  change: 'put-domain-block',
  block: {
    ...{ domain, severity, rejectsMedia: false, rejectsReports: false },
    ...{ by: asUserId('@admin:us.test'), at: 1 },
  },
})
const unblock = (domain: string): Change => ({ change: 'remove-domain-block', domain })
const nearest = async (host: string) => (await store.findDomainBlock(host))?.domain

test('the block of the nearest domain holds, with any port', async () => {
  await store.commit([block('spam.example'), block('quite.spam.example', 'none')])
  expect(await nearest('a.quite.spam.example')).toBe('quite.spam.example')
  expect(await nearest('spam.example:8443')).toBe('spam.example')
  expect(await nearest('1.2.3.4.5.6.7.8.9.spam.example')).toBe('spam.example')
  expect(await nearest('example')).toBeUndefined()
  expect(await nearest('')).toBeUndefined()
})

test('a block holds at once for who was asked about before, and so does its end', async () => {
  expect(await nearest('a.spam.example')).toBeUndefined()
  await store.commit([block('spam.example')])
  expect(await nearest('a.spam.example')).toBe('spam.example')
  await store.commit([block('spam.example', 'silence')])
  expect((await store.findDomainBlock('a.spam.example'))?.severity).toBe('silence')
  await store.commit([unblock('spam.example')])
  expect(await nearest('a.spam.example')).toBeUndefined()
})

test('a block that could not be written holds for nobody', async () => {
  const fail = (): void => {
    store.applyChanges([block('spam.example')])
    throw new Error('no room on the disk')
  }
  expect(() => database.transaction(fail)).toThrow('no room')
  expect(await nearest('spam.example')).toBeUndefined()
})

test('any number of hosts may be asked about', async () => {
  await store.commit([block('spam.example')])
  for (let n = 0; n < 5_000; n++) await store.findDomainBlock(`h${n}.example`)
  expect(await nearest('h1.example')).toBeUndefined()
  expect(await nearest(`${'a'.repeat(300)}.spam.example`)).toBe('spam.example')
})

test('an admin who is forgotten is no more known as whose block it is', async () => {
  const admin = asUserId('@admin:us.test')
  await store.commit([block('spam.example')])
  expect((await store.findDomainBlock('a.spam.example'))?.by).toBe(admin)
  await store.wipeRelations({ actorId: asActorId('https://us.test/actors/1'), userId: admin })
  expect((await store.findDomainBlock('a.spam.example'))?.by).toBe('')
})
