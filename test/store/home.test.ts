import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Database } from '../../src/store/database.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { actorId, follow, localId, object, objectId } from './sample.ts'

let database: Database
let s: SqliteStore

beforeEach(async () => {
  database = await openDatabase('sqlite::memory:')
  s = createStore({ database, clock: { now: () => 0, sleep: async () => undefined } })
})
afterEach(() => database.close())

const own = follow('own', { follower: localId('alice'), followed: actorId('bob') })
const move = { change: 'read-in', follower: own.follower, followed: own.followed } as const

test('where an account is read changes nothing else of its follow', async () => {
  await s.commit([{ change: 'put-follow', follow: { ...own, state: 'requested' } }])
  await s.commit([{ change: 'accept-follow', activityId: own.activityId }])
  await s.commit([{ ...move, shownIn: 'home' }])
  const accepted = { ...own, state: 'accepted' }
  expect(await s.findFollow(own.follower, own.followed)).toEqual({ ...accepted, shownIn: 'home' })
  await s.commit([{ ...move, shownIn: 'room' }])
  expect(await s.findFollow(own.follower, own.followed)).toEqual({ ...accepted, shownIn: 'room' })
})

test('what is read of an account changes nothing else of its follow', async () => {
  await s.commit([{ change: 'put-follow', follow: { ...own, state: 'accepted' } }])
  for (const wishes of [
    { withReplies: true, withBoosts: false },
    { withReplies: false, withBoosts: true },
  ]) {
    await s.commit([{ ...move, change: 'read-of', ...wishes }])
    const expected = { ...own, state: 'accepted', ...wishes }
    expect(await s.findFollow(own.follower, own.followed)).toEqual(expected)
  }
})

test('and neither makes a follow where there is none', async () => {
  await s.commit([
    { ...move, shownIn: 'home' },
    { ...move, change: 'read-of', withReplies: true, withBoosts: true },
  ])
  expect(await s.findFollow(own.follower, own.followed)).toBeUndefined()
})

test('a post that was heard never becomes one that only came along', async () => {
  const heard = object('1')
  const along = { ...heard, cameAlong: true } as const
  await s.commit([{ change: 'put-object', object: along }])
  expect(await s.findObject(objectId('1'))).toEqual(along)
  for (const next of [heard, along]) {
    await s.commit([{ change: 'put-object', object: next }])
    expect(await s.findObject(objectId('1'))).toEqual(heard)
  }
})

test('a home room is found by whose it is', async () => {
  const portal = { kind: 'home', userId: '@alice:hs.test', roomId: '!home' } as never
  await s.commit([{ change: 'put-portal', portal }])
  expect(await s.findPortal({ kind: 'home', userId: '@alice:hs.test' as never })).toEqual(portal)
})
