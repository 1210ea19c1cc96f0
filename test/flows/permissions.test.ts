import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let reader: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  reader = flow.user('reader')
  flow.permissions.set(reader.userId, 'follow')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

const notSent =
  "Not sent: this server's admin lets you follow and read here, and not publish or write."

test('who may only follow reads, and publishes nothing: no reply, no reaction, no chat', async () => {
  const portal = await flow.follow(reader, bob)
  await flow.tell(bob.post({ content: 'hello' }))
  const event = flow.eventOf(portal, 'hello')
  const before = flow.received(bob).length
  reader.reply(portal, event, 'hi bob')
  await flow.quiet()
  expect(flow.bodies(portal).at(-1)).toBe(notSent)
  reader.react(portal, event, '❤️')
  const chat = reader.createDm(flow.ghostOf(bob))
  reader.say(chat, 'psst')
  await flow.minutes(1)
  expect(flow.received(bob)).toHaveLength(before)
  expect((await flow.command(reader, 'publish')).join()).toContain('I do not know')
  expect((await flow.command(reader, `dm ${bob.handle} hi`)).join()).toContain('I do not know')
  expect((await flow.command(reader, 'help')).join()).not.toContain('`publish')
})

test('who may only follow finds accounts, and is shown no command that is not theirs', async () => {
  for (const line of [`resolve ${bob.handle}`, `search ${bob.handle}`]) {
    const answer = (await flow.command(reader, line)).join()
    expect(answer).toContain(`\`follow ${bob.handle}\` brings its posts.`)
    expect(answer).not.toContain('`dm')
  }
  expect((await flow.command(reader, 'search nobody')).join()).toContain('I know nobody')
  expect((await flow.command(reader, 'help')).join()).toContain('`search')
  const became = (await flow.command(reader, 'register')).join()
  expect(became).toContain('On the fediverse you are now')
  expect(became).not.toContain('`publish')
})

test('the ghost leaves the chat of who may not write, and says why', async () => {
  await flow.follow(reader, bob)
  await flow.tell(bob.post({ content: 'hello' }))
  const chat = reader.createDm(flow.ghostOf(bob))
  await flow.quiet()
  expect(flow.homeserver.state(chat, 'm.room.member', flow.ghostOf(bob))).toMatchObject({
    membership: 'leave',
    reason: notSent,
  })
})

test('what they are let to do more counts at once', async () => {
  const portal = await flow.follow(reader, bob)
  await flow.tell(bob.post({ content: 'hello' }))
  flow.permissions.set(reader.userId, 'user')
  reader.reply(portal, flow.eventOf(portal, 'hello'), 'hi bob')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toHaveLength(1)
})
