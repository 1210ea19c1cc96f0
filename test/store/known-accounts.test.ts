import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openDatabase, type Database } from '../../src/store/database.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { createManualClock } from '../support/clock.ts'
import { actorId, remoteActor } from './sample.ts'

let database: Database
let store: SqliteStore
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:')
  store = createStore({ database, clock: createManualClock() })
})
afterEach(() => database.close())

const id = actorId('bob')
const bob = remoteActor('bob')
const asked = async () => [await store.findActorHost(id), (await store.findKeysOf(id))?.publicKeys]

test('what each request asks of an account is what was written last', async () => {
  expect(await asked()).toEqual([undefined, undefined])
  await store.commit([{ change: 'put-remote-actor', actor: bob }])
  expect(await asked()).toEqual([bob.host, bob.publicKeys])
  const key = { id: 'https://remote.example/key', owner: id, pem: 'NEW' }
  const moved = remoteActor('bob', { host: 'other.example', publicKeys: [key] })
  await store.commit([{ change: 'put-remote-actor', actor: moved }])
  expect(await asked()).toEqual(['other.example', [key]])
  await store.commit([{ change: 'delete-remote-actor', id }])
  expect(await asked()).toEqual([undefined, undefined])
})

test('what could not be written is not remembered', async () => {
  await store.commit([{ change: 'put-remote-actor', actor: bob }])
  await asked()
  const fails = () => {
    store.applyChanges([{ change: 'put-remote-actor', actor: { ...bob, publicKeys: [] } }])
    throw new Error('full')
  }
  expect(() => database.transaction(fails)).toThrow('full')
  expect(await asked()).toEqual([bob.host, bob.publicKeys])
})
