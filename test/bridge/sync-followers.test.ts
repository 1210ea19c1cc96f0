import { beforeEach, expect, test } from '@jest/globals'
import type { RemoteActor } from '../../src/model/actor.ts'
import type { Follow } from '../../src/model/relation.ts'
import { asActivityId, asActorId } from '../../src/model/ids.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

const digest = 'ab'.repeat(32)
const hour = 3_600_000

let bridge: Bridge
let bob: RemoteActor
let chat: Awaited<ReturnType<Bridge['meet']>>['chat']
let alice: ReturnType<typeof asActorId>
beforeEach(async () => {
  bridge = await createBridge()
  const followers = 'https://remote.test/users/bob/followers'
  bob = bridge.fediverse.addAccount('bob@remote.test', { followers })
  await bridge.store.commit([{ change: 'put-remote-actor', actor: bob }])
  const met = await bridge.meet('@alice:hs.test')
  chat = met.chat
  // Makes her somebody on the fediverse, and asks to follow.
  met.user.say(chat, 'follow bob@remote.test')
  await bridge.settle()
  const actor = await bridge.store.findLocalActorByUser(met.user.userId)
  if (actor === undefined) throw new Error('alice is nobody')
  alice = actor.id
})

const follow = () => bridge.store.findFollow(alice, bob.id)
const answer = async (type: 'Accept' | 'Reject') => {
  const { activityId } = (await follow()) as Follow
  const object = { type: 'Follow', id: activityId, actor: alice, object: bob.id }
  await bridge.receive({ id: `${bob.id}#${type}`, type, actor: bob.id, object })
  await bridge.settle()
}
/** Bob's server lists these, and a post of his said by that digest that it differs from ours. */
const compare = async (list: readonly string[] | undefined, collectionId = bob.followers) => {
  if (list === undefined) bridge.fediverse.followerLists.delete(bob.id)
  else bridge.fediverse.followerLists.set(bob.id, list.map(asActorId))
  const sync = { collectionId, url: `${bob.id}/sync`, digest }
  const payload = JSON.stringify({ type: 'sync-followers', actorId: bob.id, sync })
  const key = `sync ${bridge.clock.now()}`
  const job = { kind: 'upkeep', key, lane: 'upkeep:sync', payload } as const
  await bridge.store.commit([{ change: 'enqueue', job }])
  await bridge.settle()
}
const told = () => bridge.notices(chat).at(-1)
const undone = () => bridge.delivered.filter(({ activity }) => activity.type === 'undo')

test('a follow that the other side does not have ends here, and its user is told', async () => {
  await answer('Accept')
  await bridge.clock.advance(hour)
  await compare([])
  expect(await follow()).toBeUndefined()
  expect(told()).toBe(
    '@bob@remote.test has removed you from its followers. You no longer see its posts.',
  )
  expect(undone()).toEqual([])
})

test('a follow that both have stays, and nothing is said', async () => {
  await answer('Accept')
  await bridge.clock.advance(hour)
  const before = told()
  await compare([alice])
  expect([(await follow())?.state, told()]).toEqual(['accepted', before])
})

test('a follow that was asked for a moment ago is left alone, whatever the list says', async () => {
  await compare([])
  expect((await follow())?.state).toBe('requested')
  await answer('Accept')
  await bridge.clock.advance(599_000)
  await compare([])
  expect((await follow())?.state).toBe('accepted')
  await bridge.clock.advance(1_000)
  await compare([])
  expect(await follow()).toBeUndefined()
})

test('a follow whose acceptance was lost is accepted', async () => {
  await compare([alice])
  expect((await follow())?.state).toBe('requested')
  await bridge.clock.advance(hour)
  await compare([alice])
  expect((await follow())?.state).toBe('accepted')
  expect(told()).toContain('Following @bob@remote.test.')
})

test('who is taken for a follower and is none says so', async () => {
  await bridge.clock.advance(hour)
  await bridge.store.commit([{ change: 'remove-follow', follower: alice, followed: bob.id }])
  const nobody = 'https://fedi.hs.test/actors/nobody'
  await compare([alice, nobody, 'https://other.test/users/x'])
  expect(undone()).toMatchObject([
    {
      inbox: bob.inbox,
      activity: {
        actor: alice,
        inner: { type: 'Follow', actor: alice, object: bob.id },
        to: [bob.id],
      },
    },
  ])
})

test('a list that has changed since it was spoken of, or is of another collection, changes nothing', async () => {
  await answer('Accept')
  await bridge.clock.advance(hour)
  await compare(undefined)
  await compare([], 'https://remote.test/users/eve/followers')
  expect((await follow())?.state).toBe('accepted')
})

test('a follow that was asked for anew while the list was read is not the one that is missing', async () => {
  await answer('Accept')
  await bridge.clock.advance(hour)
  const old = (await follow()) as Follow
  const { fetchFollowers } = bridge.deps.fediverse
  const fresh = asActivityId('https://fedi.hs.test/activities/fresh')
  Object.assign(bridge.deps.fediverse, {
    async fetchFollowers(...args: Parameters<typeof fetchFollowers>) {
      const follow = { ...old, activityId: fresh, requestedAt: bridge.clock.now() }
      await bridge.store.commit([{ change: 'put-follow', follow }])
      return fetchFollowers(...args)
    },
  })
  await compare([])
  expect(await follow()).toMatchObject({ activityId: fresh, state: 'accepted' })
})
