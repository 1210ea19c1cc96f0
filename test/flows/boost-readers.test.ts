import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carl: Account
let home: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carl = flow.account('carl', 'other.example')
  home = await flow.followHome(alice, bob)
})
afterEach(() => flow.close())

test('a boost is not shown to whom the author of the post has blocked', async () => {
  const portal = await flow.follow(flow.user('ann'), bob)
  await flow.tell(carl.block(await flow.actorOf(alice)))
  await flow.tell(bob.boost(carl.post({ content: 'Tea' }).object))
  expect(flow.bodies(home)).toEqual([])
  expect(flow.bodies(portal).join()).toContain('Tea')
})

test('a boost is shown where the server of the post is away for two days', async () => {
  const { object } = carl.post({ content: 'Tea' })
  const server = flow.fediverse.server(carl.host)
  server.isAway = true
  await flow.tell(bob.boost(object))
  await flow.hours(48)
  expect(flow.bodies(home)).toEqual([])
  server.isAway = false
  await flow.hours(2)
  expect(flow.bodies(home).join()).toContain('Tea')
})

test('the same boost under another id is shown once', async () => {
  const { object } = carl.post({ content: 'Tea' })
  const boosts = [bob.boost(object), bob.boost(object)]
  expect(new Set(boosts.map(({ id }) => id)).size).toBe(2)
  for (const boost of boosts) await flow.tell(boost)
  expect(flow.bodies(home)).toHaveLength(1)
})

test('the line of a boost goes with an edit that is for fewer people', async () => {
  await flow.command(alice, `follow ${carl.handle} --home`)
  const dora = flow.account('dora', 'third.example')
  await flow.command(alice, `follow ${dora.handle} --home`)
  const { object } = carl.post({ content: 'Tea' })
  await flow.tell(bob.boost(object))
  await flow.tell(dora.boost(object))
  const lines = () =>
    flow
      .messages(home)
      .filter(({ sender, content }) => sender === flow.ghostOf(dora) && 'body' in content)
  expect(lines()).toHaveLength(1)
  await flow.tell(carl.amend(object, { to: [`${carl.id}/followers`], cc: [] }))
  expect(lines()).toEqual([])
})

test('a reaction to a post of who has blocked its sender is not sent, and told', async () => {
  await flow.tell(bob.post({ content: 'Tea' }))
  const event = flow.eventOf(home, 'Tea')
  await flow.tell(bob.block(await flow.actorOf(alice)))
  alice.react(home, event, '👍')
  await flow.quiet()
  expect(flow.received(bob, 'Like')).toEqual([])
  expect(flow.bodies(home).at(-1)).toBe(`Not sent: ${bob.handle} has blocked you.`)
})
