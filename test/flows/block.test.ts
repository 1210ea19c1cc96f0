import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let me: string
let room: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.command(alice, 'register')
  me = await flow.actorOf(alice)
  room = alice.createDm(flow.ghostOf(bob))
  alice.say(room, 'hello')
  await flow.quiet()
})
afterEach(() => flow.close())

const texts = (type: string): readonly unknown[] =>
  flow.received(bob, type).map(({ object }) => (object as { content?: unknown }).content)

/** Whatever is sent to bob's server waits. */
async function whileAway(happens: () => void, then: readonly Sent[]): Promise<void> {
  flow.fediverse.server(bob.host).isAway = true
  happens()
  await flow.quiet()
  await flow.tell(...then)
  flow.fediverse.server(bob.host).isAway = false
  await flow.hours(2)
}

describe('a private message that waits while its reader blocks its author', () => {
  test('is not delivered any more, and its author reads why', async () => {
    await whileAway(() => alice.say(room, 'on its way'), [bob.block(me)])
    expect(texts('Create')).toEqual(['<p>hello</p>'])
    const notice = flow.messages(room).at(-1)
    expect(notice?.content).toMatchObject({
      body: 'Not delivered to remote.example: @bob@remote.example has blocked you.',
      'm.relates_to': { 'm.in_reply_to': { event_id: flow.eventOf(room, 'on its way') } },
    })
    expect(await flow.failures()).toEqual([])
  })

  test('is delivered when the block is gone before it is tried again', async () => {
    const block = bob.block(me)
    await whileAway(() => alice.say(room, 'on its way'), [block, bob.undo(block)])
    expect(texts('Create')).toEqual(['<p>hello</p>', '<p>on its way</p>'])
  })

  test('can still be deleted', async () => {
    const event = flow.eventOf(room, 'hello')
    await whileAway(() => alice.redact(room, event), [bob.block(me)])
    expect(flow.received(bob, 'Delete')).toHaveLength(1)
  })
})

test('a public post that waits for somebody who blocks its author is dropped without a word', async () => {
  const profile = await flow.publish(alice)
  flow.fediverse.server('alone.example', { hasSharedInbox: false })
  const carl = flow.account('carl', 'alone.example')
  await flow.gain(alice, carl)
  flow.fediverse.server('alone.example').isAway = true
  alice.say(profile, 'to all')
  await flow.quiet()
  await flow.tell(carl.block(me))
  flow.fediverse.server('alone.example').isAway = false
  await flow.hours(2)
  expect(flow.received(carl, 'Create')).toEqual([])
  expect(flow.bodies(profile)).toEqual(['to all'])
})

describe('who is blocked in a chat', () => {
  test('reads it below each message, until it is taken back', async () => {
    const block = bob.block(me)
    await flow.tell(block)
    alice.say(room, 'one')
    alice.say(room, 'two')
    await flow.quiet()
    const notice =
      'Not sent: @bob@remote.example has blocked you. You can write again once they take that back.'
    expect(flow.bodies(room).filter((body) => body === notice)).toHaveLength(2)
    await flow.tell(bob.undo(block))
    alice.say(room, 'three')
    await flow.quiet()
    expect(texts('Create')).toEqual(['<p>hello</p>', '<p>three</p>'])
  })

  test('by one of several goes on with the others, and is told once for each block', async () => {
    const carl = flow.account('carl', 'other.example')
    const all = alice.createDm(flow.ghostOf(bob), flow.ghostOf(carl))
    await flow.quiet()
    const told = () => flow.bodies(all).filter((body) => body.includes('has blocked you'))
    const block = carl.block(me)
    await flow.tell(block)
    alice.say(all, 'one')
    alice.say(all, 'two')
    await flow.quiet()
    expect(texts('Create')).toEqual(['<p>hello</p>', '<p>one</p>', '<p>two</p>'])
    expect(flow.received(carl, 'Create')).toEqual([])
    expect(told()).toHaveLength(1)
    await flow.tell(carl.undo(block), carl.block(me))
    alice.say(all, 'three')
    await flow.quiet()
    expect(told()).toHaveLength(2)
  })
})
