import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { asActorId, type RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carol: Account
let dave: Account
let profile: RoomId
let id: string

/** A life on the fediverse, with a trace in every table that keeps any. */
async function live(): Promise<void> {
  profile = await flow.publish(alice)
  id = await flow.actorOf(alice)
  await flow.gain(alice, bob)
  await flow.follow(alice, carol)
  await flow.followHome(alice, dave)
  alice.say(profile, 'hello world')
  await flow.quiet()
  const event = flow.eventOf(profile, 'hello world')
  const [create] = flow.received(bob, 'Create')
  const { id: note } = create?.['object'] as { readonly id: string }
  await flow.tell(bob.like(note))
  await flow.tell(bob.post({ content: 'nice', inReplyTo: note }))
  alice.react(profile, flow.messages(profile).at(-1)?.eventId ?? event, '❤️')
  await flow.quiet()
  await flow.command(alice, 'settings dms followed')
  await flow.command(alice, 'profile bio I like cats.')
  await flow.command(alice, `block @troll@troll.example`)
  await flow.command(alice, `dm ${carol.handle}`)
  for (const room of alice.rooms('invite')) alice.join(room)
  await flow.quiet()
  for (const room of alice.rooms('join')) if (room !== profile) alice.say(room, `a word in ${room}`)
  await flow.quiet()
}

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carol = flow.account('carol', 'other.example')
  dave = flow.account('dave', 'third.example')
  flow.account('troll', 'troll.example')
  await live()
})
afterEach(() => flow.close())

const deletes = (account: Account) =>
  flow.received(account, 'Delete').filter(({ object }) => object === id)

/** Every row that names somebody, by table. */
const rowsNaming = (...names: readonly string[]): readonly string[] =>
  Object.entries(flow.rows()).flatMap(([table, rows]) =>
    rows.filter((row) => names.some((name) => row.includes(name))).map((row) => `${table}: ${row}`),
  )

function leavesOnlyTheTombstone(): void {
  expect(rowsNaming(alice.userId, 'hello world', 'I like cats')).toEqual([])
  const left = rowsNaming(id)
  expect(
    left.filter((row) => !/^(local_actor: |mark: .*told forgotten|object: )/.test(row)),
  ).toEqual([])
  for (const table of ['actor_key', 'told'])
    expect(flow.rows()[table]?.filter((row) => row.includes(id))).toEqual([])
}

describe('forget-me', () => {
  test('asks once more, and does nothing before', async () => {
    const [answer] = await flow.command(alice, 'forget-me')
    expect(answer).toContain('`forget-me confirm` does it.')
    await flow.minutes(5)
    expect(deletes(bob)).toEqual([])
    expect(await flow.store.findLocalActorByUser(alice.userId)).toBeDefined()
  })

  test('reaches every server that ever got something, once', async () => {
    await flow.command(alice, `unfollow ${carol.handle}`)
    await flow.command(alice, 'forget-me confirm')
    await flow.minutes(2)
    const troll = flow.fediverse.deliveries.filter(({ inbox }) => inbox.includes('troll.example'))
    expect(troll.filter(({ activity }) => activity['type'] === 'Delete')).toHaveLength(1)
    for (const account of [bob, carol, dave]) expect(deletes(account)).toHaveLength(1)
  })

  test('leaves no row that names them but the tombstone, and no key', async () => {
    await flow.command(alice, 'forget-me confirm')
    await flow.minutes(5)
    leavesOnlyTheTombstone()
  })

  test('tells what came of it, and leaves every room', async () => {
    const chat = await flow.chat(alice)
    await flow.command(alice, 'forget-me confirm')
    await flow.minutes(5)
    expect(flow.bodies(chat).at(-1)).toContain('You are forgotten. 4 servers took it')
    const ours = (room: RoomId) =>
      flow.homeserver
        .members(room, 'join')
        .filter((member) => member === bot || /^@_ap_/.test(member))
    const rooms = alice.rooms('join').filter((room) => ours(room).length > 0)
    expect(rooms).toEqual([])
    expect(flow.homeserver.members(flow.portalOf(carol), 'join')).not.toContain(alice.userId)
  })
})

describe('who was forgotten', () => {
  test('is gone for everybody who asks, for ever, by id and by name', async () => {
    const days = 24 * 10
    await flow.command(alice, 'forget-me confirm')
    for (const hours of [0, days]) {
      await flow.hours(hours)
      expect(await flow.store.findLocalActor(asActorId(id))).toMatchObject({ username: 'alice' })
      const named = await flow.store.findLocalActorByUsername('Alice')
      expect(named?.deletedAt).toBeDefined()
      await flow.tell(bob.post({ content: 'where are you', mentions: [{ id, name: '@alice' }] }))
      expect(alice.rooms('invite')).toEqual([])
    }
  })

  test('publishes nothing more in the rooms of before', async () => {
    await flow.command(alice, 'forget-me confirm')
    await flow.minutes(5)
    const before = flow.fediverse.deliveries.length
    for (const room of alice.rooms('join')) alice.say(room, 'is anybody there')
    await flow.minutes(5)
    expect(flow.fediverse.deliveries).toHaveLength(before)
  })

  test('is somebody else when they begin again', async () => {
    await flow.command(alice, 'forget-me confirm')
    await flow.minutes(5)
    const chat = alice.createDm(bot)
    await flow.quiet()
    alice.say(chat, 'register')
    await flow.quiet()
    expect(flow.bodies(chat).at(-1)).toContain('@alice_2@bridge.example')
    expect(await flow.actorOf(alice)).not.toBe(id)
    const [room] = alice.rooms('invite')
    alice.say(chat, 'publish')
    await flow.quiet()
    expect(alice.rooms('invite').filter((one) => one !== room)).toHaveLength(1)
  })

  test('cannot begin again while rows of theirs are still here', async () => {
    const chat = await flow.chat(alice)
    alice.say(chat, 'forget-me confirm')
    alice.say(chat, 'register')
    await flow.minutes(5)
    expect(flow.bodies(chat).join()).toContain('still under way')
    expect(await flow.store.findLocalActorByUser(alice.userId)).toBeUndefined()
  })

  test('who began again meanwhile keeps the chat and what is new', async () => {
    flow.fediverse.server(carol.host).isAway = true
    const chat = await flow.chat(alice)
    await flow.command(alice, 'forget-me confirm')
    await flow.minutes(2)
    await flow.command(alice, 'register')
    await flow.command(alice, 'settings dms nobody')
    await flow.hours(24 * 8)
    expect(flow.bodies(chat).join()).toContain('You are forgotten.')
    expect(flow.bodies(chat).join()).not.toContain('I leave this chat')
    expect(await flow.command(alice, 'settings dms')).toEqual([
      expect.stringContaining('`dms` is `nobody`'),
    ])
  })
})

describe('a server that is away', () => {
  test('is waited for as long as any delivery is, and the keys with it', async () => {
    flow.fediverse.server(carol.host).isAway = true
    await flow.command(alice, 'forget-me confirm')
    await flow.hours(20)
    expect(flow.rows()['actor_key']?.filter((row) => row.includes(id))).toHaveLength(2)
    flow.fediverse.server(carol.host).isAway = false
    await flow.hours(10)
    expect(deletes(carol)).toHaveLength(1)
    expect(flow.rows()['actor_key']?.filter((row) => row.includes(id))).toEqual([])
  })

  test('for longer than that is named in the end, and the keys go', async () => {
    flow.fediverse.server(carol.host).isAway = true
    const chat = await flow.chat(alice)
    await flow.command(alice, 'forget-me confirm')
    await flow.hours(24 * 8)
    expect(flow.bodies(chat).at(-1)).toContain(`may still show what they had: ${carol.host}.`)
    leavesOnlyTheTombstone()
    expect(await flow.failures()).toEqual([])
  })

  test('for longer than seven days is not waited for, whatever became of what goes there', async () => {
    flow.fediverse.server(carol.host).isAway = true
    const chat = await flow.chat(alice)
    await flow.command(alice, 'forget-me confirm')
    // Of this one nothing will ever say that it has heard, or that it was given up.
    const lost = { actor: asActorId(id), inboxes: ['https://lost.example/inbox'] }
    await flow.store.commit([{ change: 'add-told', ...lost }])
    flow.fediverse.server(carol.host).isAway = false
    await flow.hours(24 * 7 - 1)
    expect(deletes(carol)).toHaveLength(1)
    expect(flow.rows()['actor_key']?.filter((row) => row.includes(id))).toHaveLength(2)
    expect(flow.bodies(chat).join()).not.toContain('You are forgotten')
    await flow.hours(2)
    expect(flow.bodies(chat).at(-1)).toContain('may still show what they had: lost.example.')
    leavesOnlyTheTombstone()
  })
})

describe('a chat with others of Matrix', () => {
  test('goes on without whoever is forgotten', async () => {
    const erin = flow.user('erin')
    await flow.command(erin, 'register')
    const room = erin.createDm(flow.ghostOf(carol))
    await flow.quiet()
    erin.invite(room, alice.userId)
    alice.join(room)
    await flow.quiet()
    await flow.command(alice, 'forget-me confirm')
    await flow.minutes(5)
    const before = flow.received(carol, 'Create').length
    erin.say(room, 'still here')
    await flow.quiet()
    expect(flow.received(carol, 'Create')).toHaveLength(before + 1)
    const told = JSON.stringify(flow.received(carol, 'Create').at(-1))
    expect(told).not.toContain(id)
  })
})
