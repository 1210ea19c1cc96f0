import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, PostOptions, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

/** Somebody is meant, too, whose server does not answer just then. */

let flow: Flow
let alice: FakeUser
let bob: Account
let carl: Account
let known: RoomId[]

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carl = flow.account('carl', 'other.example')
  await flow.command(alice, 'register')
  known = [await flow.chat(alice)]
})
afterEach(() => flow.close())

const setAway = (isAway: boolean): void => {
  flow.fediverse.server('other.example').isAway = isAway
}

async function toAlice(content: string, more: PostOptions & { also?: Account } = {}) {
  const { also, ...options } = more
  const mentions = [
    { id: await flow.actorOf(alice), name: '@alice@bridge.example' },
    ...(also === undefined ? [] : [{ id: also.id, name: also.handle }]),
  ]
  return bob.post({ content, visibility: 'direct', mentions, ...options })
}

const membersOf = (roomId: RoomId): string[] =>
  (['join', 'invite'] as const).flatMap((m) => flow.homeserver.members(roomId, m)).sort()

const said = (roomId: RoomId, text: string): boolean =>
  flow.bodies(roomId).some((body) => body.includes(text))

/** Of the messages that reached the account. */
const heard = (account: Account): unknown[] =>
  flow.received(account, 'Create').map(({ to, object }) => {
    const { content } = object as { content: string }
    return { to, content: content.replace(/<[^>]*>/g, '') }
  })

describe('a private message to somebody else as well, whose server is away', () => {
  let room: RoomId
  let sent: Sent

  beforeEach(async () => {
    setAway(true)
    sent = await toAlice('for both', { also: carl })
    await flow.tell(sent)
    room = flow.newRoom(alice, known)
    alice.join(room)
    await flow.quiet()
  })

  test('is read at once, and they come when it answers', async () => {
    expect(flow.bodies(room)).toEqual(['for both'])
    expect(membersOf(room)).not.toContain(flow.ghostOf(carl))
    setAway(false)
    await flow.hours(1)
    expect(membersOf(room)).toEqual(
      [alice.userId, bot, flow.ghostOf(bob), flow.ghostOf(carl)].sort(),
    )
    alice.say(room, 'hello both')
    await flow.quiet()
    const message = { to: [bob.id, carl.id], content: 'hello both' }
    expect([...heard(bob), ...heard(carl)]).toEqual([message, message])
    expect(said(room, 'cannot be found')).toBe(false)
  })

  test('is another chat than one with fewer people, from the first moment', async () => {
    await flow.tell(await toAlice('between us'))
    const other = flow.newRoom(alice, [...known, room])
    expect(flow.bodies(room)).toEqual(['for both'])
    expect(flow.bodies(other)).toEqual(['between us'])
    await flow.tell(await toAlice('for both again', { also: carl }))
    expect(flow.bodies(room)).toEqual(['for both', 'for both again'])
  })

  test('is answered to the others, and it is told once whom that does not reach', async () => {
    alice.say(room, 'one')
    await flow.hours(1)
    alice.say(room, 'two')
    await flow.quiet()
    expect(heard(bob)).toEqual(['one', 'two'].map((content) => ({ to: [bob.id], content })))
    const notices = flow.bodies(room).filter((body) => body.startsWith(carl.id))
    expect(notices).toEqual([
      `${carl.id} is addressed here, too, but cannot be found just now: what you write here reaches the others alone.`,
    ])
  })

  test('waits a moment for whoever is back soon', async () => {
    alice.say(room, 'one')
    await flow.minutes(1)
    setAway(false)
    await flow.minutes(15)
    const message = { to: [bob.id, carl.id], content: 'one' }
    expect([...heard(bob), ...heard(carl)]).toEqual([message, message])
  })

  test('tells after a day that nobody looks for them any more, until the next message', async () => {
    await flow.hours(40)
    expect(said(room, 'cannot be found just now')).toBe(true)
    setAway(false)
    await flow.tell(await toAlice('once more', { also: carl }))
    expect(membersOf(room)).toContain(flow.ghostOf(carl))
    expect(alice.rooms('invite')).toEqual([])
  })

  test('stays the chat of all of them when somebody leaves and comes back', async () => {
    alice.leave(room)
    await flow.quiet()
    await flow.tell(await toAlice('still for both', { also: carl }))
    expect(flow.bodies(room)).toEqual(['for both', 'still for both'])
    expect(alice.rooms('invite')).toEqual([room])
  })
})

test('of an account that does not exist nobody comes, and the others talk', async () => {
  const gone = flow.account('gone', 'other.example')
  flow.fediverse.server('other.example').accounts.delete('gone')
  await flow.tell(await toAlice('hello all', { also: gone }))
  const room = flow.newRoom(alice, known)
  alice.join(room)
  alice.say(room, 'hello')
  await flow.quiet()
  expect(heard(bob)).toEqual([{ to: [bob.id], content: 'hello' }])
  expect(flow.bodies(room).filter((body) => body.startsWith(gone.id))).toHaveLength(1)
})

describe('a chat with a ghost that cannot be looked up yet', () => {
  let room: RoomId

  beforeEach(async () => {
    setAway(true)
    const invite = [flow.ghostOf(bob), flow.ghostOf(carl)]
    room = alice.createRoom({ preset: 'private_chat', is_direct: true, invite })
    await flow.quiet()
  })

  test('is not the one of those who are there: private words to fewer stand elsewhere', async () => {
    await flow.tell(await toAlice('between us'))
    expect(said(room, 'between us')).toBe(false)
    const other = flow.newRoom(alice, [...known, room])
    expect(membersOf(other)).not.toContain(flow.ghostOf(carl))
    expect(flow.bodies(other)).toEqual(['between us'])
  })

  test('is the one of all of them once it was', async () => {
    setAway(false)
    await flow.minutes(5)
    await flow.tell(await toAlice('for both', { also: carl }))
    expect(said(room, 'for both')).toBe(true)
    expect(alice.rooms('invite')).toEqual([])
  })

  test('says at once to whom it goes', () => {
    expect(said(room, 'goes to @bob@remote.example, @carl@other.example')).toBe(true)
  })
})

test('a chat that went on twice is still where the first room leads', async () => {
  const rooms = [1, 2, 3].map(() => alice.createDm(flow.ghostOf(bob)))
  await flow.quiet()
  for (const room of rooms) alice.say(room, `in ${rooms.indexOf(room)}`)
  await flow.quiet()
  expect(
    heard(bob)
      .map((one) => (one as { content: string }).content)
      .sort(),
  ).toEqual(['in 0', 'in 1', 'in 2'])
  for (const room of rooms) expect(said(room, 'Not sent')).toBe(false)
})

test('a message to many is a chat of all of them, whoever of them can be found', async () => {
  const others = Array.from({ length: 14 }, (_, n) => flow.account(`o${n}`, `host${n % 3}.example`))
  flow.fediverse.server('host1.example').isAway = true
  const mentions = [{ id: await flow.actorOf(alice), name: '@alice@bridge.example' }]
  const to = [...mentions, ...others.map(({ id, handle }) => ({ id, name: handle }))]
  await flow.tell(bob.post({ content: 'for many', visibility: 'direct', mentions: to }))
  const room = flow.newRoom(alice, known)
  alice.join(room)
  await flow.quiet()
  flow.fediverse.server('host1.example').isAway = false
  await flow.hours(1)
  expect(membersOf(room)).toHaveLength(17)
  alice.say(room, 'hello all')
  await flow.quiet()
  for (const account of [bob, ...others])
    expect(heard(account)).toMatchObject([{ content: 'hello all' }])
})
