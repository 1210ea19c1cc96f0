import { beforeEach, expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import type { ObjectRecord } from '../../src/model/note.ts'
import { asActorId } from '../../src/model/ids.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { createVirtualClock } from '../queue/virtual-clock.ts'
import {
  activityId,
  actorId,
  follow,
  localActor,
  localId,
  object,
  objectId,
  published,
} from './sample.ts'

let s: SqliteStore
beforeEach(async () => {
  s = createStore({ database: await openDatabase('sqlite::memory:'), clock: createVirtualClock() })
})

const put = (name: string, more: Partial<ObjectRecord> = {}): Change => ({
  change: 'put-object',
  object: object(name, more),
})

test('a conversation holds what everybody may see of it, and nothing that only claims to be in it', async () => {
  const context = 'https://fedi.example.org/contexts/c'
  const ours = { context, isLocal: true, author: localId('alice') } as const
  const answer = { context, inReplyTo: objectId('root') } as const
  await s.commit([
    put('root', ours),
    put('answer', answer),
    put('unlisted', { ...answer, visibility: 'unlisted' }),
    put('followers', { ...ours, visibility: 'followers' }),
    put('direct', { ...answer, visibility: 'direct' }),
    put('claims', { context }),
    put('deleted', answer),
    { change: 'delete-object', id: objectId('deleted'), author: actorId('bob'), at: 9 },
    put('elsewhere', { context: 'https://other.example/c' }),
  ])
  expect(await s.contextPage(context, { limit: 9 })).toEqual({
    items: ['unlisted', 'answer', 'root'].map(objectId),
  })
  expect([await s.contextCount(context), await s.contextOwner(context)]).toEqual([
    3,
    localId('alice'),
  ])
})

test('a conversation of private messages is nobody’s', async () => {
  const context = 'https://fedi.example.org/contexts/c'
  await s.commit([put('a', { context, isLocal: true, visibility: 'direct' })])
  expect(await s.contextOwner(context)).toBeUndefined()
})

test('likes and boosts count accounts', async () => {
  const react = (name: string, type: 'Like' | 'EmojiReact' | 'Dislike' | 'Announce', key: string) =>
    ({
      change: 'put-reaction',
      reaction: {
        activityId: activityId(`${name} ${type} ${key}`),
        actor: actorId(name),
        object: objectId('o'),
        type,
        key,
      },
    }) as const
  await s.commit([
    react('bob', 'Like', '❤️'),
    react('bob', 'EmojiReact', '😀'),
    react('bob', 'EmojiReact', '😺'),
    react('carol', 'EmojiReact', '😀'),
    react('dave', 'Dislike', '👎'),
    react('erin', 'Announce', '🔁'),
  ])
  expect([await s.likesCount(objectId('o')), await s.sharesCount(objectId('o'))]).toEqual([2, 1])
  expect(await s.likesCount(objectId('other'))).toBe(0)
})

test('followers of one server are those whose ids begin with its address', async () => {
  const alice = localId('alice')
  const ids = [
    'https://a.example/users/1',
    'https://a.example/users/2',
    'https://a.example:8443/users/3',
    'https://a.example.evil.example/users/4',
    'http://a.example/users/5',
    'https://a.exampl/users/6',
    'https://b.example/users/7',
  ].map(asActorId)
  await s.commit([
    ...ids.map((follower): Change => ({
      change: 'put-follow',
      follow: { ...follow('x'), follower },
    })),
    {
      change: 'put-follow',
      follow: {
        ...follow('x', { state: 'requested' }),
        follower: asActorId('https://a.example/users/9'),
      },
    },
  ])
  expect(await s.followersOn(alice, 'https://a.example/', 9)).toEqual(ids.slice(0, 2))
  expect(await s.followersOn(alice, 'https://a.example/', 1)).toEqual(ids.slice(0, 1))
  expect(await s.followersOn(alice, 'https://a.example:8443/', 9)).toEqual(ids.slice(2, 3))
  expect(await s.followersOn(localId('bob'), 'https://a.example/', 9)).toEqual([])
})

test('reading on by the cursor misses nothing and repeats nothing, whatever comes meanwhile', async () => {
  const alice = localId('alice')
  const names = Array.from({ length: 120 }, (_, index) => `f${index}`)
  await s.commit(names.map((name) => ({ change: 'put-follow', follow: follow(name) })))
  const seen: string[] = []
  let page = await s.followersPage(alice, { limit: 50 })
  for (;;) {
    seen.push(...page.items)
    // A new one, one who is gone, and one who asks again.
    const fresh = `new${seen.length}`
    await s.commit([
      { change: 'put-follow', follow: follow(fresh) },
      { change: 'remove-follow', follower: actorId('f119'), followed: alice },
      { change: 'put-follow', follow: follow('f60', { requestedAt: 99 }) },
    ])
    if (page.next === undefined) break
    page = await s.followersPage(alice, { limit: 50, before: page.next })
  }
  expect(seen).toEqual([...names].reverse().map(actorId))
})

const day = 86_400_000

test('NodeInfo counts who did something, and what they wrote', async () => {
  const now = 1_000 * day
  const did = (name: string, type: string, daysAgo: number): Change => ({
    change: 'put-activity',
    id: activityId(`${name} ${type}`),
    actor: localId(name),
    document: JSON.stringify({ type }),
    isPublic: false,
    at: now - daysAgo * day,
  })
  const people = ['alice', 'ben', 'cleo', 'dora', 'emil', 'gone']
  const ours = { isLocal: true, author: localId('alice') } as const
  await s.commit([
    ...people.map((name): Change => {
      const actor = localActor(name, name === 'gone' ? { deletedAt: 1 } : {})
      return { change: 'put-local-actor', actor }
    }),
    did('alice', 'Create', 1),
    did('ben', 'Like', 100),
    did('cleo', 'Follow', 181),
    // An answer to somebody else is no doing of its user.
    did('dora', 'Accept', 1),
    did('gone', 'Create', 1),
    put('post', ours),
    put('for followers', { ...ours, visibility: 'followers' }),
    put('comment', { ...ours, inReplyTo: objectId('x') }),
    put('private', { ...ours, visibility: 'direct' }),
    put('deleted', ours),
    { change: 'delete-object', id: objectId('deleted'), author: localId('alice'), at: 9 },
    put('of others'),
  ])
  expect(await s.stats(now)).toEqual({
    localActors: 5,
    activeMonth: 1,
    activeHalfyear: 2,
    localPosts: 2,
    localComments: 1,
  })
  expect(await s.outboxCount(localId('alice'))).toBe(0)
  await s.commit(published('p'))
  expect(await s.outboxCount(localId('alice'))).toBe(1)
})
