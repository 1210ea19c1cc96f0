import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import { createQueue } from '../../src/queue/sqlite.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { openDatabase, type Database } from '../../src/store/database.ts'
import { createSeededRandom, createVirtualClock } from '../queue/virtual-clock.ts'
import { job } from '../queue/setup.ts'
import { eventId, mapping, roomId } from './sample.ts'

let database: Database
let store: SqliteStore
const clock = createVirtualClock()
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:')
  store = createStore({ database, clock })
})
afterEach(() => database.close())

const mark = (key: string, at: number): Change => ({ change: 'mark', key, value: 'v', at })
const keys = () =>
  database
    .prepare<[], { key: string }>('select key from mark order by key')
    .all()
    .map((m) => m.key)

test('marks are counted by how they begin', async () => {
  const named = ['a 1', 'a 1 ', 'a 1 x', 'a 1 y', 'a 1 \u{1F6A2}', 'a 10 x', 'a 2 x', 'b']
  await store.commit(named.map((key) => mark(key, 1)))
  expect(await store.countMarks('a 1 ')).toBe(4)
  expect(await store.countMarks('c')).toBe(0)
})

describe('forgetting marks', () => {
  test('goes step by step through those that begin alike, and takes the old ones', async () => {
    await store.commit([
      mark('seem', 1),
      mark('seen ', 1),
      ...[1, 9, 1, 9, 1].map((at, n) => mark(`seen ${n}`, at)),
      mark('seen \u{1F6A2}', 1),
      mark('seer', 1),
    ])
    const step = { beginning: 'seen ', limit: 4, before: 5, isKept: () => false }
    const after = await store.forgetMarks(step)
    expect([after, keys()]).toEqual([
      'seen 3',
      ['seem', 'seen ', 'seen 1', 'seen 3', 'seen 4', 'seen \u{1F6A2}', 'seer'],
    ])
    expect(await store.forgetMarks({ ...step, after: after ?? '' })).toBeUndefined()
    expect(keys()).toEqual(['seem', 'seen ', 'seen 1', 'seen 3', 'seer'])
  })

  test('keeps what is wanted, and what was set anew', async () => {
    await store.commit([mark('told a', 1), mark('told b', 1), mark('told c', 1)])
    await store.commit([mark('told b', 7)])
    const isKept = (key: string) => key === 'told a'
    await store.forgetMarks({ beginning: 'told ', limit: 9, before: 5, isKept })
    expect(keys()).toEqual(['told a', 'told b'])
  })

  test('marks of an event go with its mapping, those of others stay', async () => {
    const room = roomId('room')
    const named = (kind: string, event: string) => mark(`${kind} ${room} ${eventId(event)}`, 1)
    const all = ['hidden', 'summary', 'shown'].flatMap((kind) => [
      named(kind, '1'),
      named(kind, '2'),
    ])
    await store.commit([{ change: 'add-mapping', mapping: mapping('1') }, ...all])
    await store.commit([{ change: 'remove-mapping', roomId: room, eventId: eventId('1') }])
    expect(keys()).toEqual(
      ['hidden', 'shown', 'summary'].flatMap((kind) =>
        [...(kind === 'shown' ? ['1'] : []), '2'].map((e) => `${kind} ${room} ${eventId(e)}`),
      ),
    )
  })
})

describe('the oldest work', () => {
  const queue = () =>
    createQueue({
      database,
      clock,
      random: createSeededRandom(1),
      applyChanges: store.applyChanges,
    })

  test('is the oldest of what waits and of what failed, but no delivery', async () => {
    const q = queue()
    expect(await store.oldestWork()).toBeUndefined()
    await q.add([job('d', 'd', { kind: 'delivery' })])
    await clock.advance(10)
    const failed = clock.now()
    await q.add([job('1', 'a')])
    const [first] = await q.claim('event', 1)
    await clock.advance(10)
    const waiting = clock.now()
    await q.add([job('2', 'b', { kind: 'upkeep', runAt: waiting + 1000 })])
    expect(await store.oldestWork()).toBe(failed)
    if (first) await q.bury(first, 'poison')
    expect(await store.oldestWork()).toBe(failed)
    await q.dropFailed(first?.id ?? 0)
    expect(await store.oldestWork()).toBe(waiting)
  })
})
