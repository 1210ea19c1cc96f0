import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { type RoomId } from '../../src/model/ids.ts'
import { createGroupStage, type GroupStage } from './group-stage.ts'
import { type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let dora: FakeUser
let bob: Account
let room: RoomId
let say: GroupStage['say']
let groupHere: GroupStage['groupHere']
let idOf: GroupStage['idOf']
let hasAgreed: GroupStage['hasAgreed']
let makeRoom: GroupStage['makeRoom']

beforeEach(async () => {
  ;({ flow, alice, dora, bob, room, say, groupHere, idOf, hasAgreed, makeRoom } =
    await createGroupStage())
})
afterEach(() => flow.close())

describe('opening a room', () => {
  test('makes it an actor by its name, and says so to everybody', async () => {
    const answer = await say(alice, 'group open')
    expect(answer).toContain('This room is @the_garden@bridge.example on the fediverse.')
    expect(answer).toContain('`!ap group in`')
    expect(await groupHere()).toMatchObject({
      username: 'the_garden',
      displayName: 'The Garden',
      group: {},
    })
    expect(await groupHere()).not.toHaveProperty('onMatrix')
    expect(await say(dora, 'group')).toContain(
      '0 of 2 members have agreed: nothing goes out. What you write stays here.',
    )
    expect(await flow.failures()).toEqual([])
  })

  test('says what of it is public: its topic and address only where everybody may join', async () => {
    const alias = { alias: '#secret-plans:bridge.example' }
    alice.setState(room, 'm.room.canonical_alias', alias)
    const closed = await say(alice, 'group open')
    expect(closed).toContain('Its name and picture are public now. Its topic and address are not')
    expect(closed).toContain('@the_garden@')
    expect(JSON.stringify(await groupHere())).not.toMatch(/Peas|secret/)
    const other = await makeRoom()
    alice.setState(other, 'm.room.join_rules', { join_rule: 'public' })
    const open = await say(alice, 'group open', other)
    expect(open).toContain('Its name, picture, topic and address are public now.')
    expect(await groupHere(other)).toMatchObject({
      onMatrix: { bio: { source: 'Peas and *beans*' } },
    })
  })

  test('takes the name that was given, else that of its address', async () => {
    alice.setState(room, 'm.room.canonical_alias', { alias: '#veg.patch:bridge.example' })
    alice.setState(room, 'm.room.join_rules', { join_rule: 'public' })
    expect(await say(alice, 'group open')).toContain('@veg_patch@bridge.example')
    const other = await makeRoom()
    expect(await say(alice, 'group open Beans', other)).toContain('@beans@bridge.example')
  })

  test('twice is once', async () => {
    await say(alice, 'group open one')
    const id = await idOf()
    expect(await say(alice, 'group open two')).toContain('@one@bridge.example')
    expect(await idOf()).toBe(id)
  })

  test.each([
    ['footbridge', 'taken'],
    ['erin', 'taken'],
    ['taken', 'taken'],
    ['a b', 'It is written like this'],
    ['Größe', 'cannot be a name'],
    ['-x-', 'cannot be a name'],
    ['bob.matrix.org', 'cannot be a name'],
    ['x'.repeat(65), 'cannot be a name'],
  ])('as %s is refused: %s', async (name, why) => {
    flow.user('erin')
    const other = await makeRoom()
    await say(alice, 'group open taken', other)
    expect(await say(alice, `group open ${name}`)).toContain(why)
    expect(await groupHere()).toBeUndefined()
  })

  test('is for those who may change its name', async () => {
    expect(await say(dora, 'group open')).toContain('Only those who may change the name')
    expect(await groupHere()).toBeUndefined()
    await say(alice, 'group open')
    expect(await say(dora, 'group close')).toContain('Only those who may change the name')
    expect(await groupHere()).toBeDefined()
  })

  test('is refused where I cannot read, and where a room stands for something else', async () => {
    const chat = await flow.chat(alice)
    expect(await flow.command(alice, 'group open')).toEqual([
      expect.stringContaining('This is the chat with me.'),
    ])
    expect(await say(alice, 'group open', await flow.publish(alice))).toMatch(
      /one of mine.* Invite me into a room of yours/,
    )
    alice.setState(room, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' })
    expect(await say(alice, 'group open')).toContain('I cannot read encrypted rooms')
    for (const one of [chat, room]) expect(await groupHere(one)).toBeUndefined()
  })

  test('is done five times a day at most: each name is taken for ever', async () => {
    for (let count = 1; count <= 5; count++) {
      await say(alice, `group open name${String(count)}`)
      await say(alice, 'group close confirm')
    }
    expect(await say(alice, 'group open name6')).toContain('as many rooms today')
    await flow.hours(24)
    expect(await say(alice, 'group open name6')).toContain('@name6@')
  })

  test('needs the permission to publish', async () => {
    flow.permissions.set(alice.userId, 'follow')
    expect(await say(alice, 'group open')).toContain('I do not know `!ap group`.')
    expect(await groupHere()).toBeUndefined()
  })
})

describe('a group', () => {
  beforeEach(async () => {
    await say(alice, 'group open garden')
  })

  test('lets everybody follow it, and tells nobody', async () => {
    const chat = await flow.chat(alice)
    const before = [flow.bodies(chat).length, flow.bodies(room).length]
    const follow = bob.follow(await idOf())
    await flow.tell(follow)
    await flow.minutes(5)
    expect(flow.received(bob, 'Accept')).toMatchObject([{ actor: await idOf() }])
    expect([flow.bodies(chat).length, flow.bodies(room).length]).toEqual(before)
    expect(alice.rooms('invite')).toEqual([])
    expect(await say(alice, 'group')).toContain('with 1 follower there')
    await flow.tell(bob.undo(follow))
    expect(await say(alice, 'group')).toContain('with 0 followers there')
    expect(await flow.failures()).toEqual([])
  })

  test('has nobody who decides, so who would have to be let in is not', async () => {
    const admin = flow.user('admin')
    flow.permissions.set(admin.userId, 'admin')
    await flow.command(admin, `block-domain ${bob.host} --silence`)
    await flow.tell(bob.follow(await idOf()))
    expect(flow.received(bob, 'Reject')).toHaveLength(1)
    expect(flow.received(bob, 'Accept')).toEqual([])
    expect(await flow.failures()).toEqual([])
  })

  test('that was blocked is followed no more', async () => {
    await flow.tell(bob.follow(await idOf()))
    await flow.tell(bob.block(await idOf()))
    expect(await say(alice, 'group')).toContain('with 0 followers there')
    await flow.tell(bob.follow(await idOf()))
    expect(flow.received(bob, 'Reject')).toHaveLength(1)
    expect(await flow.failures()).toEqual([])
  })

  test('says what its room says, and its topic and address only where anybody may join', async () => {
    await flow.tell(bob.follow(await idOf()))
    alice.setState(room, 'm.room.name', { name: 'The Orchard' })
    alice.setState(room, 'm.room.topic', { topic: 'Apples' })
    alice.setState(room, 'm.room.avatar', { url: 'mxc://bridge.example/apple' })
    alice.setState(room, 'm.room.canonical_alias', { alias: '#orchard:bridge.example' })
    await flow.minutes(11)
    expect(await groupHere()).toMatchObject({ username: 'garden', group: {} })
    const updates = flow.received(bob, 'Update')
    expect(updates.at(-1)?.['object']).toMatchObject({
      ...{ type: 'Group', id: await idOf(), name: 'The Orchard' },
      preferredUsername: 'garden',
    })
    expect(JSON.stringify(updates)).not.toMatch(/#orchard|Apples|Peas/)

    alice.setState(room, 'm.room.join_rules', { join_rule: 'public' })
    await flow.minutes(11)
    expect(await groupHere()).toMatchObject({ group: { alias: '#orchard:bridge.example' } })
    expect(flow.received(bob, 'Update').at(-1)?.['object']).toMatchObject({
      summary: '<p>Apples</p>',
    })
    expect(JSON.stringify(flow.received(bob, 'Update').at(-1))).toContain('#orchard')
    const count = flow.received(bob, 'Update').length
    alice.setState(room, 'm.room.join_rules', { join_rule: 'public' })
    await flow.minutes(11)
    expect(flow.received(bob, 'Update')).toHaveLength(count)
    expect(await flow.failures()).toEqual([])
  })

  test('tells what changes in some minutes twice at most, and in the end as it is', async () => {
    alice.setState(room, 'm.room.join_rules', { join_rule: 'public' })
    await flow.minutes(20)
    await flow.tell(bob.follow(await idOf()))
    alice.setState(room, 'm.room.name', { name: 'The Orchard' })
    alice.setState(room, 'm.room.topic', { topic: 'Apples' })
    await flow.minutes(1)
    expect(flow.received(bob, 'Update')).toHaveLength(1)
    for (let n = 0; n < 40; n++) {
      alice.setState(room, 'm.room.topic', { topic: `Apples ${String(n)}` })
      await flow.quiet()
    }
    await flow.minutes(20)
    const updates = flow.received(bob, 'Update').map(({ object }) => object)
    expect(updates).toHaveLength(2)
    expect(updates).toMatchObject([
      { name: 'The Orchard', summary: '<p>Apples</p>' },
      { name: 'The Orchard', summary: '<p>Apples 39</p>' },
    ])
    expect(await flow.failures()).toEqual([])
  })

  test('is no person of this server', async () => {
    expect(await flow.command(dora, 'follow @garden@bridge.example')).toEqual([
      expect.stringContaining('is a room on Matrix'),
    ])
    expect(await flow.command(dora, 'dm @garden@bridge.example')).toEqual([
      expect.stringContaining('is a room on Matrix'),
    ])
    const admin = flow.user('admin')
    flow.permissions.set(admin.userId, 'admin')
    const [facts = ''] = await flow.command(admin, 'user @garden@bridge.example')
    expect(facts).toContain(`@garden@bridge.example, a room: ${await idOf()}`)
    expect(facts).toContain(`On Matrix: \`${room}\``)
    expect(await flow.command(admin, `room ${room}`)).toEqual([
      expect.stringContaining('The group @garden@bridge.example'),
    ])
    expect((await flow.store.stats(flow.time.now())).localActors).toBe(0)
  })

  test('is in no Space of its members', async () => {
    await flow.follow(dora, bob)
    await flow.command(dora, 'settings space on')
    await flow.minutes(1)
    const spaces = [...dora.rooms('invite'), ...dora.rooms('join')]
    const children = spaces.flatMap((one) =>
      flow.homeserver.timeline(one).filter(({ type }) => type === 'm.space.child'),
    )
    const listed = children.map(({ state_key }) => state_key)
    expect(listed).toContain(flow.portalOf(bob))
    expect(listed).not.toContain(room)
  })
})

describe('consent', () => {
  beforeEach(async () => {
    await say(alice, 'group open garden')
  })

  test('is given and taken back by each member alone', async () => {
    expect(await say(dora, 'group in')).toContain('as @dora@bridge.example')
    expect([await hasAgreed(dora), await hasAgreed(alice)]).toEqual([true, false])
    expect(await say(alice, 'group')).toContain(
      '1 of 2 members has agreed: what they write goes out. What you write stays here.',
    )
    expect(await say(dora, 'group out')).toContain('stays here from now on')
    expect(await hasAgreed(dora)).toBe(false)
    expect(await say(dora, 'group out')).toContain('Nothing that you write in this room leaves it.')
  })

  test('ends with the membership, and does not come back with it', async () => {
    await say(dora, 'group in')
    dora.leave(room)
    await flow.quiet()
    expect(await hasAgreed(dora)).toBe(false)
    alice.invite(room, dora.userId)
    dora.join(room)
    await flow.quiet()
    expect(await hasAgreed(dora)).toBe(false)
    await say(dora, 'group in')
    alice.ban(room, dora.userId)
    await flow.quiet()
    expect(await hasAgreed(dora)).toBe(false)
  })

  test('ends with the account', async () => {
    await say(dora, 'group in')
    await flow.command(dora, 'forget-me confirm')
    await flow.minutes(5)
    expect(await hasAgreed(dora)).toBe(false)
  })

  test('ends where somebody moves away, who cannot give it any more', async () => {
    await say(dora, 'group in')
    await flow.command(dora, `alias add ${bob.handle}`)
    const id = await flow.actorOf(dora)
    await flow.tell(bob.updateProfile({ alsoKnownAs: [id] }))
    await flow.command(dora, `move-to ${bob.handle} confirm`)
    await flow.quiet()
    expect(await hasAgreed(dora)).toBe(false)
    expect(await say(dora, 'group in')).toContain('Your account has moved')
    expect(await hasAgreed(dora)).toBe(false)
  })

  test('is nothing where no group is', async () => {
    const other = await makeRoom()
    for (const line of ['group', 'group in', 'group out', 'group close'])
      expect(await say(dora, line, other)).toContain('This room is not on the fediverse.')
    expect(await flow.store.consentsOf(dora.userId)).toEqual([])
    expect(await say(dora, 'group what')).toContain('It is written like this')
    expect(await say(dora, 'group in now')).toContain('It is written like this')
  })
})
