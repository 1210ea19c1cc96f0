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

const failures = async (): Promise<readonly string[]> =>
  (await flow.queue.listFailed({ limit: 10 })).map(({ key, error }) => `${key}: ${error}`)

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
    expect(await failures()).toEqual([])
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
