import { describe, expect, test } from '@jest/globals'
import { createStore } from '../../src/store/store.ts'
import { createVirtualClock } from '../queue/virtual-clock.ts'
import { openDatabase } from '../../src/store/database.ts'
import type { Store } from '../../src/bridge/store-port.ts'
import { testStore } from './contract.ts'

const make = async () => {
  const database = await openDatabase('sqlite::memory:')
  return { store: createStore({ database, clock: createVirtualClock() }), close: database.close }
}

describe('the store on SQLite', () => testStore(make))

test('is what the bridge asks for', async () => {
  const { store, close } = await make()
  const port: Store = store
  expect(await port.findMark('nothing')).toBeUndefined()
  close()
})

test('tells of commits that hold work, after they are made', async () => {
  const database = await openDatabase('sqlite::memory:')
  const seen: unknown[] = []
  const store = createStore({
    database,
    clock: createVirtualClock(),
    onCommit: () => seen.push(database.prepare('select key from job').all()),
  })
  await store.commit([{ change: 'mark', key: 'k', value: 'v', at: 1 }])
  await store.commit([
    { change: 'enqueue', job: { kind: 'event', key: '1', lane: 'a', payload: '{}' } },
  ])
  expect(seen).toEqual([[{ key: '1' }]])
  database.close()
})
