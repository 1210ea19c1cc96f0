import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carl: Account
let chat: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carl = flow.account('carl', 'other.example')
  await flow.command(alice, 'register')
  chat = await flow.chat(alice)
})
afterEach(() => flow.close())

const toAlice = async (from: Account, content: string) =>
  from.post({
    content,
    visibility: 'direct',
    mentions: [{ id: await flow.actorOf(alice), name: '@alice@bridge.example' }],
  })

/** A room of alice's own making with the ghosts of these accounts, where she alone has power. */
async function chatWith(...accounts: readonly Account[]): Promise<RoomId> {
  const invite = accounts.map(flow.ghostOf)
  const room = alice.createRoom({ preset: 'private_chat', is_direct: true, invite })
  await flow.quiet()
  return room
}

describe('somebody mentioned whose account is deleted', () => {
  test('keeps nobody from an edit or from the delete', async () => {
    const room = await flow.publish(alice)
    await flow.gain(alice, bob)
    const event = alice.say(room, `hello ${carl.handle}`)
    await flow.quiet()
    await flow.tell(carl.deleteActor())
    alice.edit(room, event, `good day ${carl.handle}`)
    await flow.quiet()
    expect(flow.received(bob, 'Update')).toHaveLength(1)
    alice.redact(room, event)
    await flow.quiet()
    expect(flow.received(bob, 'Delete')).toHaveLength(1)
    expect(await flow.failures()).toEqual([])
  })
})

describe('somebody who blocked the author', () => {
  test('reads no later version of a private message', async () => {
    const room = await chatWith(bob, carl)
    const event = alice.say(room, 'between us')
    await flow.quiet()
    await flow.tell(carl.block(await flow.actorOf(alice)))
    alice.edit(room, event, 'between the two of us')
    await flow.quiet()
    expect(flow.received(bob, 'Update')).toHaveLength(1)
    expect(flow.received(carl, 'Update')).toEqual([])
  })
})

describe('a chat that the bot was put out of', () => {
  test('is no place for what must be told', async () => {
    const room = alice.createRoom({ preset: 'private_chat', is_direct: true, invite: [bot] })
    await flow.quiet()
    const portal = await flow.follow(flow.user('dora'), bob)
    alice.kick(room, bot)
    alice.knock(portal)
    await flow.quiet()
    const told = flow.newRoom(alice, [chat, room, portal])
    expect(flow.bodies(told)).toEqual([expect.stringContaining('Following @bob@remote.example')])
  })
})

describe('what another bot says in a chat', () => {
  test('makes nobody of it', async () => {
    const robot = flow.user('robot')
    const room = robot.createDm(flow.ghostOf(bob))
    await flow.quiet()
    robot.send(room, { msgtype: 'm.notice', body: 'beep' })
    robot.say(room, '!other command')
    await flow.quiet()
    expect(await flow.store.findLocalActorByUser(robot.userId)).toBeUndefined()
  })
})

describe('a ghost that was put out of a chat', () => {
  test('writes into a new one, and loses nothing', async () => {
    const room = await chatWith(bob)
    alice.kick(room, flow.ghostOf(bob))
    await flow.quiet()
    await flow.tell(await toAlice(bob, 'are you there?'))
    const fresh = flow.newRoom(alice, [chat, room])
    expect(flow.bodies(fresh)).toEqual(['are you there?'])
    expect(await flow.failures()).toEqual([])
  })

  test('still edits and deletes what stands in other rooms', async () => {
    const portal = await flow.follow(alice, bob)
    const post = bob.post({ content: 'for everybody' })
    await flow.tell(post)
    const room = await chatWith(bob)
    const words = await toAlice(bob, 'for you')
    await flow.tell(words)
    expect(flow.bodies(room)).toContain('for you')
    alice.ban(room, flow.ghostOf(bob))
    await flow.quiet()
    await flow.tell(bob.edit(words.object, 'for you alone'))
    await flow.tell(bob.delete(words.object))
    await flow.tell(bob.deleteActor())
    expect(flow.bodies(portal)).not.toContain('for everybody')
    expect(await flow.failures()).toEqual([])
  })
})

describe('a room where the bot may not speak', () => {
  test('is where commands are done all the same', async () => {
    const room = alice.createRoom({
      preset: 'private_chat',
      invite: [bot, flow.user('dora').userId],
      power_level_content_override: { events_default: 50 },
    })
    await flow.quiet()
    alice.say(room, `!ap follow ${bob.handle}`)
    await flow.quiet()
    expect(flow.received(bob, 'Follow')).toHaveLength(1)
    expect(await flow.failures()).toEqual([])
  })
})

describe('a chat that somebody joins who has another one with the same people', () => {
  test('gets nothing any more that is not for all of them', async () => {
    const dora = flow.user('dora')
    await flow.command(dora, 'register')
    const both = alice.createDm(flow.ghostOf(bob), dora.userId)
    dora.join(both)
    await flow.quiet()
    const first = await chatWith(bob)
    alice.invite(first, dora.userId)
    dora.join(first)
    await flow.quiet()
    await flow.tell(await toAlice(bob, 'for your eyes only'))
    expect(flow.bodies(first)).not.toContain('for your eyes only')
    expect(flow.bodies(flow.newRoom(alice, [chat, both, first]))).toEqual(['for your eyes only'])
  })
})

describe('a room of many people', () => {
  test('is no private chat: its ghost leaves, and nobody is published by surprise', async () => {
    const room = alice.createRoom({ preset: 'public_chat' })
    const others = Array.from({ length: 12 }, (_, i) => flow.user(`reader${i}`))
    for (const other of others) other.join(room)
    alice.invite(room, flow.ghostOf(bob))
    await flow.quiet()
    const [dora] = others
    dora?.say(room, 'just among us')
    await flow.quiet()
    expect(flow.received(bob)).toEqual([])
    expect(flow.homeserver.members(room, 'join')).not.toContain(flow.ghostOf(bob))
    expect(flow.bodies(chat).at(-1)).toContain('at most 11 people')
    expect(await flow.failures()).toEqual([])
  })
})
