import { beforeEach, describe, expect, test } from '@jest/globals'
import type { SqliteStore } from '../../src/store/store.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { createManualClock } from '../support/clock.ts'
import { stamp } from './kept.ts'
import { actorId, localId, object, objectId } from './sample.ts'

let store: SqliteStore
beforeEach(async () => {
  const database = await openDatabase('sqlite::memory:')
  store = createStore({ database, clock: createManualClock() })
})

const quoting = (name: string, quoted: string) =>
  ({
    change: 'put-quotation',
    quotation: { quoting: objectId(name), quoted: objectId(quoted) },
  }) as const

describe('quotations', () => {
  test('of one post come in pages', async () => {
    await store.commit(['a', 'b', 'c'].map((name) => quoting(name, '1')))
    const first = await store.quotationsOf(objectId('1'), { limit: 2 })
    expect(first.map((one) => one.quoting)).toEqual([objectId('a'), objectId('b')])
    const rest = await store.quotationsOf(objectId('1'), { after: objectId('b'), limit: 2 })
    expect(rest.map((one) => one.quoting)).toEqual([objectId('c')])
  })

  test('go with the post that quotes', async () => {
    await store.commit([
      quoting('a', '1'),
      { change: 'delete-object', id: objectId('a'), author: actorId('bob'), at: 3 },
    ])
    expect(await store.findQuotation(objectId('a'))).toBeUndefined()
  })
})

describe('a permission', () => {
  test('that is revoked is known, and known for its pair, but stands nowhere', async () => {
    await store.commit([
      { change: 'put-stamp', stamp },
      { change: 'revoke-stamp', id: stamp.id, at: 8 },
      { change: 'revoke-stamp', id: stamp.id, at: 9 },
    ])
    expect(await store.findStamp(stamp.id)).toEqual({ ...stamp, revokedAt: 8 })
    expect(await store.stampsBy(stamp.attributedTo)).toEqual([])
    expect(await store.countStamps(stamp.interactionTarget)).toBe(0)
    const pair = [objectId('quoted'), objectId('quoting')] as const
    expect(await store.findStampFor(...pair)).toMatchObject({ revokedAt: 8 })
  })

  test.each(['quoting', 'quoted'])('ends with the post that is %s', async (name) => {
    await store.commit([{ change: 'put-stamp', stamp }])
    expect(await store.countStamps(stamp.interactionTarget)).toBe(1)
    await store.commit([
      { change: 'delete-object', id: objectId(name), author: actorId('bob'), at: 8 },
    ])
    expect(await store.findStamp(stamp.id)).toMatchObject({ revokedAt: 8 })
  })
})

describe('what somebody pinned', () => {
  const alice = localId('alice')
  const pin = (...names: string[]) =>
    ({ change: 'put-featured', actor: alice, objects: names.map(objectId) }) as const

  test('is what they pinned last, in that order, as far as everybody may see it', async () => {
    await store.commit([
      ...['1', '2', '3'].map((name) => ({ change: 'put-object', object: object(name) }) as const),
      { change: 'put-object', object: object('4', { visibility: 'followers' }) },
      pin('1', '2'),
      pin('3', '1', '4', '2'),
    ])
    expect(await store.featuredBy(alice)).toEqual(['3', '1', '2'].map(objectId))
    await store.commit([
      { change: 'delete-object', id: objectId('1'), author: actorId('bob'), at: 8 },
    ])
    expect(await store.featuredBy(alice)).toEqual(['3', '2'].map(objectId))
  })
})

test('posts are found by the page that they state', async () => {
  const url = 'https://remote.example/@bob/1'
  await store.commit([{ change: 'put-object', object: object('1', { url }) }])
  expect(await store.objectsAt(url)).toEqual([object('1', { url })])
  expect(await store.objectsAt('https://remote.example/@bob/2')).toEqual([])
})
