import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import type { PortalSeed } from '../../src/model/portal.ts'
import type { SqliteStore } from '../../src/store/store.ts'
import { block, kept, portals, reaction } from './kept.ts'
import {
  activityId,
  actorId,
  eventId,
  follow,
  fullObject,
  ghost,
  held,
  localActor,
  localId,
  mapping,
  object,
  objectId,
  published,
  remoteActor,
  roomId,
  userId,
} from './sample.ts'

export type StoreUnderTest = { readonly store: SqliteStore; close(): void }

/** What every implementation of the store promises. */
export function testStore(make: () => Promise<StoreUnderTest>): void {
  let it: StoreUnderTest
  let s: SqliteStore
  beforeEach(async () => {
    it = await make()
    s = it.store
  })
  afterEach(() => it.close())

  describe('is kept as it was', () => {
    test.each(kept)('%s', async (...[, change, find, expected]) => {
      expect((await find(s)) ?? []).toEqual([])
      await s.commit([change])
      await s.commit([change, change])
      expect(await find(s)).toEqual(expected)
    })
  })

  test('a commit that fails in the middle changes nothing', async () => {
    const bad = { change: 'mark', key: 'x', value: undefined, at: 1 } as never
    await expect(s.commit([{ change: 'mark', key: 'k', value: 'v', at: 1 }, bad])).rejects.toThrow()
    expect(await s.findMark('k')).toBeUndefined()
  })

  describe('objects', () => {
    const remove: Change = {
      change: 'delete-object',
      id: objectId('1'),
      author: actorId('bob'),
      at: 9,
    }

    test('deleted, one keeps its audience and the first time, but no document', async () => {
      await s.commit([{ change: 'put-object', object: object('1', { document: '{}' }) }, remove])
      await s.commit([{ ...remove, at: 10 }])
      expect(await s.findObject(objectId('1'))).toEqual(object('1', { deletedAt: 9 }))
    })

    test('a delete that comes before its create is remembered', async () => {
      await s.commit([remove, { change: 'put-object', object: object('1') }])
      expect(await s.findObject(objectId('1'))).toMatchObject({
        ...{ author: actorId('bob'), deletedAt: 9, visibility: 'direct', to: [], isLocal: false },
      })
    })

    test('an edit replaces everything, and drops what is gone', async () => {
      await s.commit([
        { change: 'put-object', object: fullObject },
        { change: 'put-object', object: object('full', { updated: 3000 }) },
      ])
      expect(await s.findObject(fullObject.id)).toEqual(object('full', { updated: 3000 }))
    })

    test('the newest direct message of a room is neither deleted nor public', async () => {
      const direct = { visibility: 'direct' } as const
      await s.commit([
        ...['0', '2', '1'].flatMap((name): Change[] => [
          { change: 'add-mapping', mapping: mapping(name) },
          { change: 'put-object', object: object(name, direct) },
        ]),
        { change: 'add-mapping', mapping: mapping('p') },
        { change: 'put-object', object: object('p') },
        remove,
      ])
      expect((await s.findNewestDirect(mapping('0').roomId))?.id).toBe(objectId('2'))
      expect(
        await s.findNewestDirect(mapping('0', { roomId: roomId('other') }).roomId),
      ).toBeUndefined()
    })

    test('what a deleted object was published with is public no more', async () => {
      await s.commit([...published('1'), remove])
      await s.commit([...published('1', 'Update'), ...published('1', 'Delete')])
      const isPublic = async (type: string) =>
        (await s.findActivity(activityId(`${type}-1`)))?.isPublic
      expect([
        await isPublic('Create'),
        await isPublic('Update'),
        await isPublic('Delete'),
      ]).toEqual([false, false, true])
    })
  })

  describe('mappings', () => {
    const add = (...mappings: ReturnType<typeof mapping>[]) =>
      s.commit(mappings.map((m) => ({ change: 'add-mapping', mapping: m }) as const))

    test('one object stands in several rooms, in several parts', async () => {
      const there = mapping('1', { roomId: roomId('a'), part: 1, eventId: eventId('1b') })
      const here = mapping('1', { roomId: roomId('b') })
      await add(here, there, mapping('1', { roomId: roomId('a') }))
      expect(await s.mappingsOf(objectId('1'))).toEqual([
        mapping('1', { roomId: roomId('a') }),
        there,
        here,
      ])
    })

    test('the newest in a thread, also after an older one was put again', async () => {
      const threadRoot = eventId('root')
      await add(mapping('1', { threadRoot }), mapping('2', { threadRoot }), mapping('3'))
      await add(mapping('1', { threadRoot }))
      expect(await s.findNewestInThread(roomId('room'), threadRoot)).toEqual(
        mapping('2', { threadRoot }),
      )
      expect(await s.findNewestInThread(roomId('other'), threadRoot)).toBeUndefined()
    })

    test('an event stands for one thing, and a thing in a room is one event: the newest wins', async () => {
      await add(mapping('1'), mapping('1', { eventId: eventId('new') }))
      await add(mapping('2', { eventId: eventId('new') }))
      expect([await s.mappingsOf(objectId('1')), await s.mappingsOf(objectId('2'))]).toEqual([
        [],
        [mapping('2', { eventId: eventId('new') })],
      ])
    })

    test('those of a sender, oldest first, some at a time; removed they are gone', async () => {
      await add(mapping('1'), mapping('2'), mapping('3'))
      await s.commit([{ change: 'remove-mapping', roomId: roomId('room'), eventId: eventId('1') }])
      expect(await s.mappingsBySender(mapping('1').sender, 1)).toEqual([mapping('2')])
    })
  })

  describe('people', () => {
    test('a deleted remote actor takes follows, blocks and keys along; its ghost stays', async () => {
      const own = follow('x', { follower: localId('alice'), followed: actorId('bob') })
      await s.commit([
        { change: 'put-remote-actor', actor: remoteActor('bob') },
        { change: 'put-follow', follow: follow('bob') },
        { change: 'put-follow', follow: own },
        { change: 'put-follow', follow: follow('carol') },
        { change: 'put-block', block },
        { change: 'put-ghost', ghost: ghost('bob') },
        { change: 'add-mapping', mapping: mapping('1') },
        { change: 'delete-remote-actor', id: actorId('bob') },
      ])
      expect([
        await s.findRemoteActor(actorId('bob')),
        await s.findRemoteActorByKey(`${actorId('bob')}#main-key`),
        await s.findBlock(block.blocker, block.blocked),
        await s.followersOf(localId('alice')),
        await s.followsOf(localId('alice')),
        await s.findGhost(actorId('bob')),
        await s.mappingsOf(objectId('1')),
      ]).toEqual([
        undefined,
        undefined,
        undefined,
        [follow('carol')],
        [],
        ghost('bob'),
        [mapping('1')],
      ])
    })

    test('a handle is found in any case, and belongs to whom was fetched last', async () => {
      const moved = remoteActor('bob', { id: actorId('bob2'), username: 'Bob', fetchedAt: 20 })
      await s.commit([
        { change: 'put-remote-actor', actor: moved },
        { change: 'put-remote-actor', actor: remoteActor('bob') },
      ])
      const handle = { username: 'BOB', host: 'remote.example' }
      expect(await s.findRemoteActorByHandle(handle)).toEqual(moved)
      expect(await s.findRemoteActorByHandle({ ...handle, host: 'x' })).toBeUndefined()
    })

    test('new keys replace the old ones', async () => {
      const key = { id: 'https://remote.example/key', owner: actorId('bob'), pem: 'NEW' }
      const rotated = remoteActor('bob', { publicKeys: [key] })
      await s.commit([
        { change: 'put-remote-actor', actor: remoteActor('bob') },
        { change: 'put-remote-actor', actor: rotated },
      ])
      expect(await s.findRemoteActorByKey(key.id)).toEqual(rotated)
      expect(await s.findRemoteActorByKey(`${actorId('bob')}#main-key`)).toBeUndefined()
    })

    test.each<[string, Change]>([
      ['a username', { change: 'put-local-actor', actor: localActor('x', { username: 'Alice' }) }],
      [
        'a user',
        { change: 'put-local-actor', actor: localActor('x', { userId: userId('alice') }) },
      ],
      ['a ghost', { change: 'put-ghost', ghost: ghost('x', { userId: ghost('bob').userId }) }],
    ])('%s belongs to one actor for ever', async (_, taken) => {
      await s.commit([
        { change: 'put-local-actor', actor: localActor('alice') },
        { change: 'put-ghost', ghost: ghost('bob') },
      ])
      await expect(s.commit([taken])).rejects.toThrow('UNIQUE')
    })

    test('of one kind of reaction by an actor the newest activity counts', async () => {
      const again = { ...reaction, activityId: activityId('l2') }
      const other = { ...reaction, actor: actorId('carol'), activityId: activityId('l3') }
      const { actor, object, type } = reaction
      const party = { actor, object, type, key: '🎉', activityId: activityId('l4') }
      await s.commit(
        [reaction, other, again, party].map(
          (each) => ({ change: 'put-reaction', reaction: each }) as const,
        ),
      )
      expect(await s.reactionsBy(other.actor, reaction.object)).toEqual([other])
      expect(await s.reactionsBy(reaction.actor, reaction.object)).toEqual([again, party])
      await s.commit([{ change: 'remove-reaction', activityId: again.activityId }])
      expect(await s.reactionsBy(reaction.actor, reaction.object)).toEqual([party])
    })

    test('relations can be taken back', async () => {
      await s.commit([
        { change: 'put-follow', follow: follow('bob') },
        { change: 'put-block', block },
        { change: 'remove-follow', follower: actorId('bob'), followed: localId('alice') },
        { change: 'remove-block', blocker: block.blocker, blocked: block.blocked },
      ])
      expect(await s.findFollow(actorId('bob'), localId('alice'))).toBeUndefined()
      expect(await s.findBlock(block.blocker, block.blocked)).toBeUndefined()
    })
  })

  describe('rooms', () => {
    test('of two rooms for one portal the newest wins', async () => {
      const seed: PortalSeed = { kind: 'actor', actorId: actorId('bob') }
      await s.commit([
        { change: 'put-portal', portal: { ...seed, roomId: roomId('old') } },
        { change: 'put-portal', portal: { ...seed, roomId: roomId('new') } },
      ])
      expect(await s.findPortal(seed)).toEqual({ ...seed, roomId: roomId('new') })
      expect(await s.findPortalByRoom(roomId('old'))).toBeUndefined()
    })

    test('a name is shared only with another account that has a room', async () => {
      const room = (name: string): Change => ({
        change: 'put-portal',
        portal: { kind: 'actor', actorId: actorId(name), roomId: roomId(name) },
      })
      const named = (name: string, displayName: string): Change => ({
        change: 'put-ghost',
        ghost: ghost(name, { displayName }),
      })
      await s.commit([named('bob', 'Bob'), room('bob'), named('other', 'Bob'), named('c', 'Carl')])
      expect(await s.hasNamesake('Bob', actorId('bob'))).toBe(false)
      await s.commit([room('other'), room('c')])
      expect(await s.hasNamesake('Bob', actorId('bob'))).toBe(true)
      expect(await s.hasNamesake('bob', actorId('bob'))).toBe(false)
      expect(await s.hasNamesake('Carl', actorId('c'))).toBe(false)
    })

    test('a direct portal is found whatever the order of its participants', async () => {
      const direct = portals.find((p) => p.kind === 'direct')
      if (!direct) throw new Error('there is one')
      await s.commit([{ change: 'put-portal', portal: direct }])
      const participants = [...direct.participants].reverse()
      expect(await s.findPortal({ kind: 'direct', participants })).toEqual(direct)
      await s.commit([{ change: 'remove-portal', roomId: direct.roomId }])
      expect(await s.findPortal(direct)).toBeUndefined()
    })

    test('members and rooms by membership', async () => {
      const member = (room: string, user: string, membership: 'join' | 'invite' | 'leave') =>
        ({
          change: 'put-membership',
          roomId: roomId(room),
          userId: userId(user),
          membership,
        }) as const
      await s.commit([
        member('a', 'alice', 'invite'),
        member('a', 'alice', 'join'),
        member('a', 'bob', 'invite'),
        member('a', 'carol', 'leave'),
        member('b', 'alice', 'join'),
      ])
      expect(await s.membersOf(roomId('a'), ['join', 'invite'])).toEqual([
        userId('alice'),
        userId('bob'),
      ])
      expect(await s.roomsOf(userId('alice'), 'join')).toEqual([roomId('a'), roomId('b')])
    })

    test('what is unmarked or no longer held is gone', async () => {
      await s.commit([
        { change: 'mark', key: 'k', value: 'v', at: 1 },
        { change: 'hold', held },
        { change: 'unmark', key: 'k' },
        { change: 'unhold', eventId: held.eventId },
      ])
      expect([await s.findMark('k'), await s.findHeld(held.roomId, held.eventId)]).toEqual([
        undefined,
        undefined,
      ])
    })
  })

  describe('collections', () => {
    test('the outbox shows public creates that still stand, newest first, in pages', async () => {
      await s.commit([
        ...['1', '2', '3', '4'].flatMap((name) => published(name)),
        ...published('5', 'Create', false),
        ...published('6', 'Update'),
        { change: 'delete-object', id: objectId('2'), author: localId('alice'), at: 9 },
      ])
      const names = (documents: readonly string[]) =>
        documents.map((text) => (JSON.parse(text) as { name: string }).name)
      const first = await s.outboxPage(localId('alice'), { limit: 2 })
      expect(names(first.items)).toEqual(['4', '3'])
      const rest = await s.outboxPage(localId('alice'), { limit: 2, before: first.next ?? 0 })
      expect([names(rest.items), rest.next]).toEqual([['1'], undefined])
      expect(await s.outboxCount(localId('alice'))).toBe(3)
    })

    test('replies are public and stand', async () => {
      const inReplyTo = objectId('root')
      const reply = (name: string, visibility: 'public' | 'unlisted' | 'direct' | 'followers') =>
        ({ change: 'put-object', object: object(name, { inReplyTo, visibility }) }) as const
      await s.commit([
        reply('1', 'public'),
        reply('2', 'direct'),
        reply('3', 'unlisted'),
        reply('4', 'followers'),
        reply('5', 'public'),
        { change: 'delete-object', id: objectId('5'), author: actorId('bob'), at: 9 },
      ])
      expect(await s.repliesPage(inReplyTo, { limit: 9 })).toEqual({
        items: [objectId('3'), objectId('1')],
      })
      expect(await s.repliesCount(inReplyTo)).toBe(2)
    })

    test('followers and following count when they are accepted', async () => {
      const alice = localId('alice')
      await s.commit([
        { change: 'put-follow', follow: follow('a') },
        { change: 'put-follow', follow: follow('b', { state: 'requested' }) },
        { change: 'put-follow', follow: follow('c') },
        {
          change: 'put-follow',
          follow: follow('d', { follower: alice, followed: actorId('d') }),
        },
      ])
      const first = await s.followersPage(alice, { limit: 1 })
      expect(first.items).toEqual([actorId('c')])
      expect(await s.followersPage(alice, { limit: 1, before: first.next ?? 0 })).toEqual({
        items: [actorId('a')],
      })
      expect(await s.followingPage(alice, { limit: 9 })).toEqual({ items: [actorId('d')] })
      expect([await s.followersCount(alice), await s.followingCount(alice)]).toEqual([2, 1])
    })

    test('statistics leave the deleted out', async () => {
      await s.commit([
        ...published('1'),
        ...published('2'),
        { change: 'put-object', object: object('remote') },
        { change: 'delete-object', id: objectId('2'), author: localId('alice'), at: 9 },
        { change: 'put-local-actor', actor: localActor('alice') },
        { change: 'put-local-actor', actor: localActor('old', { deletedAt: 5 }) },
      ])
      expect(await s.stats(0)).toMatchObject({ localActors: 1, localPosts: 1 })
      expect(await s.countRows()).toMatchObject({ object: 3, local_actor: 2, job: 0 })
    })
  })
}
