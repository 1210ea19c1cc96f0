import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let chat: RoomId
let notice: EventId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  expect(await flow.command(alice, 'settings set locked on')).toEqual([
    expect.stringContaining('`locked` is now `on`.'),
  ])
  chat = await flow.chat(alice)
  await flow.gain(alice, bob)
  const [asked] = flow.bodies(chat).filter((body) => body.includes('asks to follow you'))
  notice = flow.eventOf(chat, asked ?? '')
})
afterEach(() => flow.close())

test.each([
  ['✅', 'Accept', '@bob@remote.example follows you now.'],
  ['❌', 'Reject', '@bob@remote.example does not follow you.'],
])('%s on the request is the answer %s, once', async (key, type, said) => {
  alice.react(chat, notice, key)
  await flow.quiet()
  expect(flow.received(bob, type)).toHaveLength(1)
  expect(flow.bodies(chat).at(-1)).toBe(said)
  alice.react(chat, notice, key === '✅' ? '❌' : '✅')
  await flow.quiet()
  expect([...flow.received(bob, 'Accept'), ...flow.received(bob, 'Reject')]).toHaveLength(1)
})

test('nobody is let in by a reaction to a post that has the id of their request, and none is shown in its notice', async () => {
  const carl = flow.account('carl', 'other.example')
  const portal = await flow.follow(alice, carl)
  const sent = carl.post({ content: 'good news' })
  await flow.tell(sent)
  const me = await flow.actorOf(alice)
  const id = sent.object
  await flow.tell(carl.sign({ id, type: 'Follow', actor: carl.id, object: me }))
  expect(flow.bodies(chat).join()).toContain('@carl@other.example asks to follow you')
  alice.react(portal, flow.eventOf(portal, 'good news'), '✅')
  await flow.tell(carl.edit(sent.object, 'rewritten'))
  await flow.minutes(1)
  expect(flow.received(carl, 'Accept')).toEqual([])
  expect(flow.bodies(portal).join()).toContain('rewritten')
  expect(flow.bodies(chat).join()).not.toContain('rewritten')
  expect(flow.homeserver.members(chat, 'join')).not.toContain(flow.ghostOf(carl))
})

test('who may not use the bridge any more lets nobody in', async () => {
  flow.permissions.set(alice.userId, 'none')
  alice.react(chat, notice, '✅')
  await flow.minutes(2)
  expect(flow.received(bob)).toEqual([])
})

test('another reaction is none, nor is that of somebody else', async () => {
  alice.react(chat, notice, '🎉')
  const dora = flow.user('dora')
  await flow.command(dora, 'register')
  alice.invite(chat, dora.userId)
  dora.join(chat)
  dora.react(chat, notice, '✅')
  await flow.minutes(2)
  expect(flow.received(bob)).toEqual([])
})

test('settings shows what of the profile others are told', async () => {
  const [all] = await flow.command(alice, 'settings show')
  expect(all).toContain('`locked` is `on`')
  expect(all).toContain('`discoverable` is `off`')
  await flow.command(alice, 'settings set discoverable on')
  await flow.command(alice, 'settings indexable on')
  expect(await flow.command(alice, 'profile')).toEqual([
    expect.stringContaining('`locked` on · `discoverable` on · `indexable` on'),
  ])
})
