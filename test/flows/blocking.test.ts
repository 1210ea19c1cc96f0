import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let me: string

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.publish(alice)
  await flow.gain(alice, bob)
  me = await flow.actorOf(alice)
})
afterEach(() => flow.close())

const bobsEnds = () => ['Block', 'Reject', 'Undo'].map((type) => flow.received(bob, type).length)

test('a block ends the follows of both directions, and their server is told', async () => {
  const portal = await flow.follow(alice, bob)
  expect(await flow.command(alice, `block ${bob.handle}`)).toEqual([
    'You have blocked @bob@remote.example. `unblock @bob@remote.example` takes it back.',
  ])
  expect(flow.received(bob, 'Block')).toMatchObject([{ actor: me, object: bob.id, to: [bob.id] }])
  expect(bobsEnds()).toEqual([1, 1, 1])
  expect(alice.rooms('join')).not.toContain(portal)
  expect(await flow.command(alice, 'block')).toEqual(['Blocked (1):\n@bob@remote.example'])
})

test('a list of blocks makes nobody an account, nor does a block of nobody', async () => {
  const carol = flow.user('carol')
  expect(await flow.command(carol, 'block')).toEqual(['You have blocked nobody.'])
  await flow.command(carol, 'block @nobody@remote.example')
  await flow.command(carol, 'alias')
  expect(await flow.store.findLocalActorByUser(carol.userId)).toBeUndefined()
})

test('whom somebody has blocked comes in pages', async () => {
  for (let n = 10; n <= 30; n++)
    await flow.command(alice, `block ${flow.account(`bob${n}`, 'remote.example').handle}`)
  const [first, second] = [
    await flow.command(alice, 'block'),
    await flow.command(alice, 'block 2'),
  ].map((bodies) => bodies.join().split('\n'))
  expect([first?.[0], first?.length, first?.at(-1)]).toEqual([
    'Blocked (21):',
    22,
    'Page 1 of 2. `block 2` shows more.',
  ])
  expect(second).toEqual(['Blocked (21):', '@bob30@remote.example', 'Page 2 of 2.'])
})

test('nothing passes between the two', async () => {
  await flow.command(alice, `block ${bob.handle}`)
  const rooms = [...alice.rooms('join'), ...alice.rooms('invite')]
  const mentions = [{ id: me, name: '@alice@bridge.example' }]
  await flow.tell(bob.post({ mentions }), bob.post({ mentions, visibility: 'direct' }))
  await flow.tell(bob.follow(me))
  await flow.command(alice, 'post to all')
  expect([...alice.rooms('join'), ...alice.rooms('invite')]).toEqual(rooms)
  expect(flow.received(bob, 'Create')).toEqual([])
  expect(flow.received(bob, 'Reject')).toHaveLength(2)
  expect(await flow.command(alice, `follow ${bob.handle}`)).toEqual([
    'You have blocked @bob@remote.example. `unblock @bob@remote.example` comes first.',
  ])
})

test('a block that is taken back is gone for both', async () => {
  await flow.command(alice, `block ${bob.handle}`)
  await flow.command(alice, `unblock ${bob.handle}`)
  const [block] = flow.received(bob, 'Block')
  expect(flow.received(bob, 'Undo')).toMatchObject([
    { actor: me, object: { id: block?.['id'], type: 'Block', actor: me, object: bob.id } },
  ])
  await flow.tell(bob.follow(me))
  await flow.command(alice, 'post again')
  expect(flow.received(bob, 'Create')).toHaveLength(1)
  expect(await flow.command(alice, 'block')).toEqual(['You have blocked nobody.'])
  expect(await flow.command(alice, `unblock ${bob.handle}`)).toEqual([
    'You have not blocked `@bob@remote.example`. `block` shows whom you have.',
  ])
})

test('who is blocked cannot take the block back', async () => {
  await flow.command(alice, `block ${bob.handle}`)
  const block = flow.received(bob, 'Block')[0]
  const undo = { id: `${bob.id}#undos/1`, type: 'Undo', actor: bob.id, object: block?.['id'] }
  await flow.tell(bob.sign(undo))
  expect(await flow.command(alice, 'block')).toEqual(['Blocked (1):\n@bob@remote.example'])
})

test('who writes to somebody whom they have blocked reads why it does not go', async () => {
  const room = alice.createDm(flow.ghostOf(bob))
  alice.say(room, 'hello')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toHaveLength(1)
  await flow.command(alice, `block ${bob.handle}`)
  alice.say(room, 'and goodbye')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toHaveLength(1)
  expect(flow.bodies(room).at(-1)).toBe(
    'Not sent: you have blocked @bob@remote.example. `unblock @bob@remote.example` takes it back.',
  )
})
