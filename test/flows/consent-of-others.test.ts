import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
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

/** All that left this server with those words in it. */
const left = (words: string): number =>
  flow.fediverse.deliveries.filter(({ activity }) => JSON.stringify(activity).includes(words))
    .length

/** A private chat is none of these: to write there is to write to its people, which everybody reads who comes in. */
const rooms: readonly (readonly [name: string, open: () => Promise<RoomId>])[] = [
  [
    'the public room of somebody else',
    async () => {
      const room = await flow.publish(alice)
      await flow.gain(alice, bob)
      return room
    },
  ],
  ['the room of an account', () => flow.follow(alice, bob)],
  [
    'any room that has the bot in it, whatever power its moderator has',
    async () => {
      const room = alice.createRoom({ preset: 'public_chat', invite: [bot] })
      await flow.quiet()
      alice.say(room, '!ap publish')
      await flow.quiet()
      return room
    },
  ],
]

describe.each(rooms)('who never said that they want to be on the fediverse, in %s', (_, open) => {
  test('is not published there, whatever they write, react or upload', async () => {
    const room = await open()
    if (dora.rooms('join').includes(room)) throw new Error('she is there already')
    // As an owner of the room would bring them in who may invite; the bridge itself lets nobody in.
    try {
      alice.invite(room, dora.userId)
      dora.join(room)
    } catch {
      // Then nobody can be there, which is as good.
      return
    }
    await flow.quiet()
    const event = dora.say(room, 'words of dora')
    dora.reply(room, event, 'more words of dora')
    dora.react(room, event, '❤️')
    const url = 'mxc://hs.test/dora'
    flow.homeserver.addMedia(url, Buffer.from('file of dora'))
    dora.send(room, { msgtype: 'm.image', body: 'picture of dora', filename: 'dora.png', url })
    // Nor does somebody else publish them.
    alice.react(room, event, '✅')
    alice.reply(room, event, '!ap post')
    alice.reply(room, event, '!ap boost')
    await flow.minutes(2)
    expect(left('of dora')).toBe(0)
    expect(left(dora.userId)).toBe(0)
    expect(await flow.store.findLocalActorByUser(dora.userId)).toBeUndefined()
  })
})

test('who has an account publishes nothing in the room of somebody else without a ✅ of their own', async () => {
  const room = await flow.publish(alice)
  await flow.gain(alice, bob)
  await flow.command(dora, 'register')
  alice.invite(room, dora.userId)
  dora.join(room)
  await flow.quiet()
  const event = dora.say(room, 'words of dora')
  await flow.quiet()
  alice.react(room, event, '✅')
  await flow.minutes(1)
  expect(left('words of dora')).toBe(0)
})
