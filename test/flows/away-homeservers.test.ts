import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

const far = 'far.test'

let flow: Flow
let alice: FakeUser
/** On another homeserver. */
let carol: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carol = flow.homeserver.addUser(`@carol:${far}`)
  flow.permissions.set(carol.userId, 'user')
  for (const user of [alice, carol]) await flow.command(user, 'register')
})
afterEach(() => flow.close())

/** A direct message of bob's to all of them. */
async function toAll(content: string, ...users: readonly FakeUser[]): Promise<void> {
  const actors = await Promise.all(users.map((user) => flow.actorOf(user)))
  const mentions = actors.map((id) => ({ id, name: '@somebody@bridge.example' }))
  await flow.tell(bob.post({ content, visibility: 'direct', mentions }))
}

const roomsOf = (user: FakeUser): readonly RoomId[] => [
  ...user.rooms('join'),
  ...user.rooms('invite'),
]

/** Texts that the user's client could show of that room, once they have joined. */
const readBy = (user: FakeUser, roomId: RoomId): readonly unknown[] => {
  user.join(roomId)
  return user
    .timeline(roomId)
    .map(({ content }) => (content as { body?: unknown }).body)
    .filter((body) => body !== undefined)
}

const visibility = (roomId: RoomId) =>
  flow.homeserver.state(roomId, 'm.room.history_visibility')?.['history_visibility']

describe('somebody whose homeserver is away', () => {
  test('keeps nobody else from a private message, and reads it later', async () => {
    const known = [await flow.chat(alice), await flow.chat(carol)]
    flow.homeserver.setAway(far, true)
    await toAll('for both', alice, carol)
    const room = flow.newRoom(alice, known)
    expect(readBy(alice, room)).toEqual(['for both'])
    expect(roomsOf(carol)).toEqual([known[1]])
    flow.homeserver.setAway(far, false)
    await flow.hours(1)
    expect(flow.newRoom(carol, known)).toBe(room)
    await toAll('and this', alice, carol)
    expect(readBy(carol, room)).toEqual(['for both', 'and this'])
    expect(visibility(room)).toBe('invited')
    expect(await flow.failures()).toEqual([])
  })

  test('reads a private message that was for them alone', async () => {
    const known = [await flow.chat(carol)]
    flow.homeserver.setAway(far, true)
    await toAll('for you', carol)
    await toAll('are you there?', carol)
    await flow.hours(3)
    flow.homeserver.setAway(far, false)
    await flow.hours(5)
    expect(readBy(carol, flow.newRoom(carol, known))).toEqual(['for you', 'are you there?'])
    expect(await flow.failures()).toEqual([])
  })

  test('reads what was told them meanwhile', async () => {
    const known = [await flow.chat(carol)]
    flow.homeserver.setAway(far, true)
    await flow.gain(carol, bob)
    await flow.minutes(1)
    flow.homeserver.setAway(far, false)
    await flow.hours(1)
    const room = flow.newRoom(carol, known)
    expect(readBy(carol, room)).toEqual(['@bob@remote.example follows you now.'])
  })

  test('keeps no account from its other readers', async () => {
    const portal = await flow.follow(alice, bob)
    const known = [await flow.chat(carol)]
    flow.manners.set(bob.id, 'ignore')
    await flow.command(carol, `follow ${bob.handle}`)
    flow.homeserver.setAway(far, true)
    const follow = flow.received(bob, 'Follow').at(-1) ?? {}
    await flow.tell(bob.accept(follow), bob.post({ content: 'next' }))
    expect(flow.bodies(portal)).toEqual(['next'])
    flow.homeserver.setAway(far, false)
    await flow.hours(1)
    expect(flow.newRoom(carol, known)).toBe(portal)
  })

  test('is told when nobody tries any more, and the next message tries again', async () => {
    const known = [await flow.chat(carol)]
    flow.homeserver.setAway(far, true)
    await toAll('for you', carol)
    await flow.hours(30)
    flow.homeserver.setAway(far, false)
    await flow.hours(30)
    expect(roomsOf(carol)).toEqual(known)
    const told = flow.bodies(await flow.chat(carol)).filter((body) => body.includes('invite'))
    expect(told).toEqual([
      'I could not invite you into a private chat with @bob@remote.example: your server did not answer for a day. The next message there brings a new invite.',
    ])
    await toAll('still there?', carol)
    expect(readBy(carol, flow.newRoom(carol, known))).toEqual(['for you', 'still there?'])
  })
})

describe('an invite into a chat', () => {
  test('says that it is one, and comes before the first message', async () => {
    const known = [await flow.chat(alice)]
    await toAll('hello', alice)
    const room = flow.newRoom(alice, known)
    const events = flow.homeserver.timeline(room)
    const invite = events.findIndex((event) => event['state_key'] === alice.userId)
    expect(events[invite]?.['content']).toMatchObject({ membership: 'invite', is_direct: true })
    expect(invite).toBeLessThan(events.findIndex((event) => event['type'] === 'm.room.message'))
    expect(visibility(room)).toBe('invited')
  })

  test('that the user does not want keeps nobody else from the message', async () => {
    const dora = flow.user('dora')
    await flow.command(dora, 'register')
    const known = [await flow.chat(alice), await flow.chat(dora)]
    flow.homeserver.setRefusing(alice.userId, true)
    await toAll('hello', alice, dora)
    expect(readBy(dora, flow.newRoom(dora, known))).toEqual(['hello'])
    expect(flow.bodies(await flow.chat(alice)).at(-1)).toContain('I could not invite you into')
    expect(await flow.failures()).toEqual([])
  })
})
