import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import type { Database } from '../../src/store/database.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { asRoomAlias, asUserId } from '../../src/model/ids.ts'
import {
  activityId,
  actorId,
  follow,
  localActor,
  localId,
  object,
  objectId,
  remoteActor,
  roomId,
  userId,
} from './sample.ts'

let database: Database
let s: SqliteStore

beforeEach(async () => {
  database = await openDatabase('sqlite::memory:')
  s = createStore({ database, clock: { now: () => 0, sleep: async () => undefined } })
})
afterEach(() => database.close())

const id = localId('garden')
const group = localActor('garden', {
  userId: asUserId(id),
  group: { alias: asRoomAlias('#garden:example.org') },
})
const room = roomId('garden')
const consent = (user: string, at = 1) =>
  ({ change: 'put-consent', roomId: room, userId: userId(user), at }) as const

test('the actor of a room is found by the room, until it is deleted or the room is none', async () => {
  await s.commit([
    { change: 'put-local-actor', actor: group },
    { change: 'put-portal', portal: { kind: 'group', actorId: id, roomId: room } },
  ])
  expect(await s.findGroupByRoom(room)).toEqual(group)
  expect(await s.findPortal({ kind: 'group', actorId: id })).toEqual({
    ...{ kind: 'group', actorId: id, roomId: room },
  })
  expect(await s.findGroupByRoom(roomId('other'))).toBeUndefined()
  await s.commit([{ change: 'remove-portal', roomId: room }])
  expect(await s.findGroupByRoom(room)).toBeUndefined()
  await s.commit([
    { change: 'put-portal', portal: { kind: 'group', actorId: id, roomId: room } },
    { change: 'put-local-actor', actor: { ...group, deletedAt: 3 } },
  ])
  expect(await s.findGroupByRoom(room)).toBeUndefined()
})

test('a group without an address is still one, and counts among no people', async () => {
  const bare = { ...group, group: {} }
  await s.commit([{ change: 'put-local-actor', actor: bare }])
  expect(await s.findLocalActor(id)).toEqual(bare)
  expect((await s.stats(0)).localActors).toBe(0)
  expect(await s.actorsNowhere('', 10)).toEqual([])
  expect(await s.peopleAfter('', 10)).toEqual([])
})

test('who agreed is kept by room and by person, and goes on with the room', async () => {
  await s.commit([consent('bob'), consent('alice'), consent('alice', 2)])
  expect(await s.consentsIn(room)).toEqual([userId('alice'), userId('bob')])
  expect(await s.consentsOf(userId('bob'))).toEqual([room])
  expect(await s.hasConsent(room, userId('bob'))).toBe(true)
  expect(await s.hasConsent(room, userId('carol'))).toBe(false)
  expect(await s.consentAt(room, userId('carol'))).toBeUndefined()

  await s.commit([{ change: 'remove-consent', roomId: room, userId: userId('bob') }])
  expect(await s.consentsIn(room)).toEqual([userId('alice')])

  const next = roomId('next')
  const move = { change: 'move-consents', from: room, to: next } as const
  await s.commit([move, move])
  expect(await s.consentsIn(room)).toEqual([])
  expect(await s.consentsIn(next)).toEqual([userId('alice')])

  await s.commit([{ change: 'remove-consents', roomId: next }])
  expect(await s.consentsOf(userId('alice'))).toEqual([])
})

test('who is forgotten has agreed to nothing any more', async () => {
  await s.commit([consent('alice'), consent('bob')])
  await s.wipeRelations({ actorId: localId('alice'), userId: userId('alice') })
  expect(await s.consentsIn(room)).toEqual([userId('bob')])
})

/** What it told of such a post. */
const told = (
  name: string,
  visibility: 'public' | 'followers' = 'public',
  isPublic = true,
): readonly Change[] => {
  const announce = activityId(name)
  const reaction = { activityId: announce, actor: id, object: objectId(name), key: '' } as const
  return [
    { change: 'put-object', object: object(name, { visibility }) },
    {
      ...{ change: 'put-activity', id: announce, actor: id, isPublic, at: 1 },
      document: JSON.stringify({ type: 'Announce', object: objectId(name) }),
    },
    { change: 'put-reaction', reaction: { ...reaction, type: 'Announce' } },
  ]
}

test('its outbox holds what it told of and still stands, newest first', async () => {
  await s.commit([
    { change: 'put-local-actor', actor: group },
    ...told('first'),
    ...told('deleted'),
    ...told('second'),
    ...told('taken back'),
    ...told('narrowed', 'followers'),
    ...told('within', 'public', false),
    { change: 'delete-object', id: objectId('deleted'), author: actorId('bob'), at: 9 },
    { change: 'remove-reaction', activityId: activityId('taken back') },
  ])
  const objects = (items: readonly string[]) =>
    items.map((text) => (JSON.parse(text) as { readonly object: string }).object)
  const page = await s.outboxPage(id, { limit: 1 })
  expect(objects(page.items)).toEqual([objectId('second')])
  const rest = await s.outboxPage(id, { limit: 9, before: page.next ?? 0 })
  expect(objects(rest.items)).toEqual([objectId('first')])
  expect(await s.outboxCount(id)).toBe(2)
})

test('what a person boosted stands in no outbox of theirs', async () => {
  await s.commit([{ change: 'put-local-actor', actor: localActor('garden') }, ...told('first')])
  expect((await s.outboxPage(id, { limit: 9 })).items).toEqual([])
})

test('followers who may read whole activities are found by the hosts of their inboxes', async () => {
  const follower = (name: string, inboxes: { inbox: string; sharedInbox?: string }) => {
    const actor = remoteActor(name, inboxes)
    return [
      { change: 'put-remote-actor', actor },
      {
        change: 'put-follow',
        follow: follow(name, { follower: actor.id, followed: id, state: 'accepted' }),
      },
    ] as const
  }
  const server = (host: string, software: string) =>
    ({ change: 'put-server', server: { host, software, fetchedAt: 1 } }) as const
  await s.commit([
    server('lem.example:8443', 'lemmy'),
    server('fed.example', 'piefed'),
    server('mas.example', 'mastodon'),
    ...follower('own', { inbox: 'https://lem.example:8443/u/own/inbox' }),
    ...follower('shared', {
      inbox: 'https://elsewhere.example/u/shared/inbox',
      sharedInbox: 'https://fed.example/inbox',
    }),
    ...follower('notes', { inbox: 'https://mas.example/inbox' }),
    ...follower('unknown', { inbox: 'https://lem.example/inbox' }),
  ])
  expect(await s.wholeReadersOf(id)).toEqual([actorId('own'), actorId('shared')])
})
