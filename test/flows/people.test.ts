import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let actor: string

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.command(alice, 'register')
  actor = await flow.actorOf(alice)
})
afterEach(() => flow.close())

const mention = () => [{ id: actor, name: '@alice@bridge.example' }]

describe('the notifications room', () => {
  test('shows a mention by a stranger, and an answer there works', async () => {
    const known = [await flow.chat(alice)]
    const sent = bob.post({ content: 'who is this?', mentions: mention() })
    await flow.tell(sent)
    const room = flow.newRoom(alice, known)
    alice.join(room)
    expect(flow.messages(room).at(-1)?.content).toMatchObject({
      body: expect.stringContaining('who is this?'),
      'm.mentions': { user_ids: [alice.userId] },
    })
    const event = flow.messages(room).at(-1)?.eventId
    if (event === undefined) throw new Error('nothing there')
    alice.reply(room, event, 'it is me')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toMatchObject([{ object: { inReplyTo: sent.object } }])
  })

  test('is not used for a mention in a portal that the user reads', async () => {
    const portal = await flow.follow(alice, bob)
    const rooms = alice.rooms('invite')
    await flow.tell(bob.post({ content: 'hey', mentions: mention() }))
    expect(flow.bodies(portal)).toHaveLength(1)
    expect(alice.rooms('invite')).toEqual(rooms)
  })
})

describe('names', () => {
  test('of an account are followed by its ghost and its portal', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.updateProfile({ name: 'Bobby', summary: '<p>Wasps</p>' }))
    expect(flow.homeserver.profile(flow.ghostOf(bob))?.displayname).toBe('Bobby')
    expect(flow.homeserver.state(portal, 'm.room.name')).toEqual({ name: 'Bobby' })
    expect(flow.homeserver.state(portal, 'm.room.topic')?.['topic']).toContain('Wasps')
  })

  test('of a Matrix user go to the followers, with the key', async () => {
    await flow.publish(alice)
    await flow.gain(alice, bob)
    alice.setDisplayName('Alice A.')
    await flow.quiet()
    const updates = flow.received(bob, 'Update')
    expect(updates).toHaveLength(1)
    expect(updates[0]?.['object']).toMatchObject({
      id: actor,
      type: 'Person',
      name: 'Alice A.',
      publicKey: { id: `${actor}#main-key`, owner: actor },
    })
  })

  test('of one room only stay there', async () => {
    const profile = await flow.publish(alice)
    await flow.gain(alice, bob)
    alice.setNick(profile, 'Boss')
    await flow.quiet()
    expect(flow.received(bob, 'Update')).toEqual([])
    alice.setDisplayName('Alice A.')
    await flow.quiet()
    expect(flow.received(bob, 'Update')).toMatchObject([{ object: { name: 'Alice A.' } }])
  })
})

describe('a block', () => {
  let portal: RoomId
  let profile: RoomId

  beforeEach(async () => {
    portal = await flow.follow(alice, bob)
    profile = await flow.publish(alice)
    await flow.gain(alice, bob)
    await flow.tell(bob.block(actor))
  })

  test('takes the blocked user out of the portal', () => {
    expect(flow.homeserver.members(portal, 'join')).not.toContain(alice.userId)
  })

  test('stops what the blocked user publishes and writes', async () => {
    alice.say(profile, 'to nobody')
    const room = alice.createDm(flow.ghostOf(bob))
    alice.say(room, 'to you')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toEqual([])
    expect(flow.bodies(room).at(-1)).toMatch(/^Not sent/)
  })

  test('refuses what the blocker asks for, until it is taken back', async () => {
    await flow.tell(bob.follow(actor))
    expect(flow.received(bob).at(-1)?.['type']).toBe('Reject')
  })
})

describe('an account that is deleted', () => {
  test('leaves nothing of what it wrote, and its portal says so', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'one' }), bob.post({ content: 'two' }))
    await flow.tell(bob.deleteActor())
    expect(flow.bodies(portal).filter((body) => body !== '')).toEqual([
      'This account was deleted by its owner or its server.',
    ])
    expect(flow.homeserver.members(portal, 'join')).not.toContain(flow.ghostOf(bob))
  })
})

describe('a message that cannot arrive', () => {
  test('is told below it, with the server and the reason', async () => {
    const room = alice.createDm(flow.ghostOf(bob))
    await flow.quiet()
    bob.isDeleted = true
    const event = alice.say(room, 'too late')
    await flow.quiet()
    const notice = flow.messages(room).at(-1)
    expect(notice?.content).toMatchObject({
      msgtype: 'm.notice',
      body: expect.stringMatching(/^Not delivered to remote\.example/),
      'm.relates_to': { 'm.in_reply_to': { event_id: event } },
    })
  })

  test('is told for each server of a private chat', async () => {
    const carl = flow.account('carl', 'other.example')
    const room = alice.createDm(flow.ghostOf(bob), flow.ghostOf(carl))
    await flow.quiet()
    bob.isDeleted = true
    carl.isDeleted = true
    alice.say(room, 'too late')
    await flow.quiet()
    expect(flow.bodies(room).slice(-2).sort()).toEqual([
      expect.stringMatching(/^Not delivered to other\.example/),
      expect.stringMatching(/^Not delivered to remote\.example/),
    ])
  })

  test('waits for a server that is away for days, and arrives once, in order of its edits', async () => {
    const room = alice.createDm(flow.ghostOf(bob))
    await flow.quiet()
    flow.fediverse.server('remote.example').isAway = true
    const event = alice.say(room, 'hello')
    await flow.hours(3)
    alice.edit(room, event, 'hello again')
    await flow.hours(30)
    flow.fediverse.server('remote.example').isAway = false
    await flow.hours(20)
    expect(flow.received(bob).map(({ type }) => type)).toEqual(['Create', 'Update'])
  })
})
