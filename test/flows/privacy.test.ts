import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let dora: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  dora = flow.user('dora')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

const noticesIn = (roomId: RoomId) =>
  flow
    .messages(roomId)
    .filter(({ content }) => content['msgtype'] === 'm.notice')
    .map(({ content }) => String(content['body']))

describe('what the bot tells one user is read by nobody else', () => {
  test('a room of three is no chat with the bot, whatever the invite says', async () => {
    const room = alice.createDm(dora.userId, bot)
    dora.join(room)
    await flow.quiet()
    dora.say(room, 'what a lovely day')
    await flow.quiet()
    expect(noticesIn(room)).toEqual([])
    alice.say(room, '!ap whoami')
    await flow.quiet()
    expect(noticesIn(room)).toHaveLength(1)
  })

  test('once somebody else is in the chat with the bot, it goes among the notifications', async () => {
    const chat = await flow.chat(alice)
    alice.invite(chat, dora.userId)
    dora.join(chat)
    await flow.quiet()
    await flow.command(alice, `follow ${bob.handle}`)
    await flow.quiet()
    const told = `Following @bob@remote.example. Its newest posts are in its own room; I have invited you.`
    expect(noticesIn(chat)).not.toContain(told)
    const others = alice.rooms('invite').filter((room) => room !== flow.portalOf(bob))
    expect(others.flatMap(noticesIn)).toEqual([told])
  })
})

describe('who comes into a chat with a ghost', () => {
  test('reads there what becomes of their words, once', async () => {
    const room = alice.createDm(flow.ghostOf(bob))
    await flow.quiet()
    expect(noticesIn(room)).toHaveLength(1)
    for (const again of [1, 2]) {
      alice.invite(room, dora.userId)
      dora.join(room)
      await flow.quiet()
      expect(noticesIn(room)).toHaveLength(2)
      expect(flow.messages(room).at(-1)?.content['m.mentions']).toEqual(
        again === 1 ? { user_ids: [dora.userId] } : expect.anything(),
      )
      dora.leave(room)
      await flow.quiet()
    }
    expect(noticesIn(room)[1]).toContain('What you write here goes to @bob@remote.example')
  })

  test('as one of too many ends it, and nobody is published by surprise', async () => {
    const room = alice.createDm(flow.ghostOf(bob))
    await flow.quiet()
    for (let n = 0; n < 10; n++) {
      const reader = flow.user(`reader${n}`)
      alice.invite(room, reader.userId)
      reader.join(room)
      await flow.quiet()
    }
    const before = flow.received(bob, 'Create').length
    dora = flow.user('reader3')
    dora.say(room, 'just among us')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(before)
    expect(noticesIn(room).at(-1)).toContain('at most 11 people')
  })
})

describe('the public room of somebody who is locked', () => {
  test('is not opened by a follow of somebody here: its owner is asked', async () => {
    const room = await flow.publish(alice)
    await flow.command(alice, 'profile locked on')
    const [answer] = await flow.command(dora, `follow ${alice.userId}`)
    expect(answer).toContain('asked')
    expect(dora.rooms('invite')).toEqual([])
    expect(noticesIn(await flow.chat(alice)).at(-1)).toContain(dora.userId)
    alice.invite(room, dora.userId)
    expect(dora.rooms('invite')).toEqual([room])
    dora.join(room)
    await flow.quiet()
    expect(await flow.command(dora, `follow ${alice.userId}`)).not.toContain(answer)
    expect(flow.fediverse.deliveries).toEqual([])
  })
})
