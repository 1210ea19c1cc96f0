import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { ShutDown } from '../fakes/homeserver-shutdown.ts'
import { asActorId, type RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let carol: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  carol = flow.user('carol')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

/** Where the account is read now, whatever its alias. */
async function roomOf(account: Account): Promise<RoomId | undefined> {
  const actorId = asActorId(account.id)
  return (await flow.store.findPortal({ kind: 'actor', actorId }))?.roomId
}

const undone = (): number => flow.received(bob, 'Undo').length

const told = async (user: FakeUser, text: string): Promise<readonly string[]> =>
  flow.bodies(await flow.chat(user)).filter((body) => body.includes(text))

const toAlice = async (content: string) =>
  bob.post({
    content,
    visibility: 'direct',
    mentions: [{ id: await flow.actorOf(alice), name: '@alice@bridge.example' }],
  })

type Case = readonly [string, (readers: readonly FakeUser[]) => ShutDown]

const ways: readonly Case[] = [
  ['purged', () => ({ purge: true })],
  ['purged before anybody heard of it', () => ({ purge: true, isUnheard: true })],
  ['purged, its readers first', (all) => ({ purge: true, first: all.map((one) => one.userId) })],
  ['shut down', () => ({ purge: false })],
  ['shut down for a room of the admin’s', () => ({ purge: false, by: flow.user('admin').userId })],
]

describe.each(ways)('the room of an account that was %s', (_, how) => {
  let first: RoomId

  beforeEach(async () => {
    first = await flow.follow(alice, bob)
    await flow.follow(carol, bob)
    await flow.tell(bob.post({ content: 'the first' }))
    flow.homeserver.shutDown(first, how([alice, carol]))
    await flow.minutes(1)
  })

  test('is left for another one by the next post, with those who read it', async () => {
    await flow.tell(bob.post({ content: 'the next' }))
    await flow.minutes(1)
    const next = await roomOf(bob)
    if (next === undefined) throw new Error('there is no other room')
    expect(next).not.toBe(first)
    expect(flow.bodies(next)).toEqual(['the next'])
    for (const user of [alice, carol]) {
      expect(flow.invitesOf(user)).toContain(next)
      user.join(next)
      expect(await told(user, 'was closed on this server')).toHaveLength(1)
    }
    await flow.tell(bob.post({ content: 'one more' }))
    expect(flow.bodies(next)).toEqual(['the next', 'one more'])
    expect(undone()).toBe(0)
    expect(await flow.failures()).toEqual([])
  })

  test('is left for another one as often as that happens', async () => {
    for (const content of ['second', 'third']) {
      await flow.tell(bob.post({ content }))
      await flow.minutes(1)
      const room = await roomOf(bob)
      if (room === undefined) throw new Error('there is no other room')
      expect(flow.bodies(room)).toEqual([content])
      for (const user of [alice, carol]) user.join(room)
      await flow.quiet()
      flow.homeserver.shutDown(room, how([alice, carol]))
      await flow.minutes(1)
    }
    expect(undone()).toBe(0)
    expect(await flow.failures()).toEqual([])
  })

  test('is left for another one by whoever follows again, or anew', async () => {
    await flow.command(alice, `follow ${bob.handle}`)
    await flow.minutes(1)
    const next = await roomOf(bob)
    if (next === undefined) throw new Error('there is no other room')
    expect(next).not.toBe(first)
    for (const user of [alice, carol]) expect(flow.invitesOf(user)).toContain(next)
    const dora = flow.user('dora')
    await flow.command(dora, `follow ${bob.handle}`)
    expect(flow.invitesOf(dora)).toEqual([next])
    expect(await flow.failures()).toEqual([])
  })
})

describe('of the readers of a room that is closed', () => {
  test('those who followed no more, or were removed before, are not asked again', async () => {
    const portal = await flow.follow(alice, bob)
    for (const user of [carol, flow.user('dora')]) await flow.follow(user, bob)
    const dora = flow.user('dora')
    flow.homeserver.addUser(bot).kick(portal, carol.userId)
    dora.leave(portal)
    await flow.minutes(1)
    expect(undone()).toBe(1)
    flow.homeserver.shutDown(portal, { purge: true })
    await flow.minutes(1)
    await flow.tell(bob.post({ content: 'next' }))
    await flow.minutes(1)
    const room = await roomOf(bob)
    expect(flow.invitesOf(alice)).toEqual([room])
    expect([...flow.invitesOf(carol), ...flow.invitesOf(dora)]).toEqual([])
  })

  test('those who end the follow meanwhile keep it closed', async () => {
    const portal = await flow.follow(alice, bob)
    flow.homeserver.shutDown(portal, { purge: true })
    await flow.minutes(1)
    await flow.command(alice, `unfollow ${bob.handle}`)
    await flow.tell(bob.post({ content: 'next' }))
    await flow.minutes(1)
    expect(await roomOf(bob)).toBeUndefined()
    expect(undone()).toBe(1)
  })

  test('those who are still being shown out when others have long left follow on', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.follow(carol, bob)
    alice.leave(portal)
    await flow.time.pass(9_000)
    carol.leave(portal)
    await flow.time.pass(9_000)
    flow.homeserver.shutDown(portal, { purge: true })
    await flow.minutes(1)
    expect(undone()).toBe(0)
    await flow.tell(bob.post({ content: 'next' }))
    await flow.minutes(1)
    for (const user of [alice, carol]) expect(flow.invitesOf(user)).toEqual([await roomOf(bob)])
  })
})

describe('a reader who leaves of themselves', () => {
  test('follows on where they come back at once', async () => {
    const portal = await flow.follow(alice, bob)
    alice.leave(portal)
    await flow.command(alice, `follow ${bob.handle}`)
    await flow.minutes(1)
    expect(undone()).toBe(0)
    expect(flow.invitesOf(alice)).toEqual([portal])
  })
})

describe('an alias whose room is gone', () => {
  test('leads to the next one', async () => {
    const portal = await flow.follow(alice, bob)
    flow.homeserver.shutDown(portal, { purge: false })
    await flow.minutes(1)
    await flow.tell(bob.post({ content: 'next' }))
    flow.homeserver.shutDown(portal, { purge: true })
    const found = flow.homeserver.resolveAlias('#_ap_bob_remote.example:hs.test' as never)
    await flow.quiet()
    expect(await found).toBe(await roomOf(bob))
  })
})

describe('other rooms that are closed', () => {
  test('a public room: its owner is told, and opens another one', async () => {
    const room = await flow.publish(alice)
    await flow.gain(alice, bob)
    flow.homeserver.shutDown(room, { purge: true })
    await flow.minutes(1)
    expect(await told(alice, 'Your public room was closed')).toHaveLength(1)
    const next = await flow.publish(alice)
    alice.say(next, 'here I am')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
    expect(await flow.failures()).toEqual([])
  })

  test.each([true, false])(
    'a chat: the next message opens another one (purged: %s)',
    async (purge) => {
      await flow.command(alice, 'register')
      const known = [await flow.chat(alice)]
      await flow.tell(await toAlice('one'))
      const room = flow.newRoom(alice, known)
      alice.join(room)
      await flow.quiet()
      flow.homeserver.shutDown(room, { purge, isUnheard: purge })
      await flow.minutes(1)
      await flow.tell(await toAlice('two'))
      const next = flow.newRoom(alice, [...known, room])
      expect(flow.bodies(next)).toEqual(['two'])
      alice.join(next)
      alice.say(next, 'hello again')
      await flow.quiet()
      expect(flow.received(bob, 'Create')).toHaveLength(1)
      expect(await flow.failures()).toEqual([])
    },
  )

  test('a chat: the command that opens one opens another one', async () => {
    const known = [await flow.chat(alice)]
    await flow.command(alice, `dm ${bob.handle}`)
    const room = flow.newRoom(alice, known)
    flow.homeserver.shutDown(room, { purge: true, isUnheard: true })
    const answers = await flow.command(alice, `dm ${bob.handle}`)
    const next = flow.newRoom(alice, [...known, room])
    expect(answers.at(-1)).toContain(encodeURIComponent(next))
    expect(await flow.failures()).toEqual([])
  })

  test('that of the notifications: the next one opens another one', async () => {
    await flow.command(alice, 'register')
    const known = [await flow.chat(alice)]
    await flow.gain(alice, bob)
    await flow.minutes(1)
    const room = flow.newRoom(alice, known)
    alice.join(room)
    await flow.quiet()
    flow.homeserver.shutDown(room, { purge: true, isUnheard: true })
    await flow.gain(alice, flow.account('carl', 'other.example'))
    await flow.minutes(2)
    const next = flow.newRoom(alice, [...known, room])
    expect(flow.bodies(next)).toEqual(['@carl@other.example follows you now.'])
    expect(await flow.failures()).toEqual([])
  })
})
