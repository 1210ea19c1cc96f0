import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { asActorId, asObjectId, type RoomId } from '../../src/model/ids.ts'
import { createGroupStage, type GroupStage } from './group-stage.ts'
import { bot, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let dora: FakeUser
let bob: Account
let room: RoomId
let say: GroupStage['say']
let groupHere: GroupStage['groupHere']
let idOf: GroupStage['idOf']
let hasAgreed: GroupStage['hasAgreed']

beforeEach(async () => {
  ;({ flow, alice, dora, bob, room, say, groupHere, idOf, hasAgreed } = await createGroupStage())
})
afterEach(() => flow.close())

describe('the end of a group', () => {
  let id: string

  beforeEach(async () => {
    await say(alice, 'group open garden')
    await say(dora, 'group in')
    id = await idOf()
    await flow.tell(bob.follow(id))
  })

  const deletes = () => flow.received(bob, 'Delete').filter(({ object }) => object === id)

  /** Its servers know, nobody's consent is left, and of it only that its name is taken. */
  async function expectEnded(): Promise<void> {
    await flow.minutes(5)
    expect(deletes()).toHaveLength(1)
    expect(await groupHere()).toBeUndefined()
    expect(await flow.store.consentsIn(room)).toEqual([])
    expect(await flow.store.findLocalActor(asActorId(id))).toMatchObject({
      ...{ username: 'garden', userId: id, deletedAt: expect.any(Number) },
    })
    expect(await flow.store.followersOf(asActorId(id))).toEqual([])
    expect(flow.rows()['actor_key']?.filter((row) => row.includes(id))).toEqual([])
    expect(await flow.failures()).toEqual([])
  }

  test('comes by command; the bot stays, and the name is taken for ever', async () => {
    expect(await say(alice, 'group close')).toMatch(/for ever: .*`!ap group close confirm`/)
    expect(await flow.store.findGroupByRoom(room)).toBeDefined()
    expect(await say(alice, 'group close confirm')).toContain(
      '@garden@bridge.example is deleted there',
    )
    await expectEnded()
    expect(flow.homeserver.members(room, 'join')).toContain(bot)
    expect(await say(alice, 'group open garden')).toContain('That name is taken.')
    expect(await say(alice, 'group open garden2')).toContain('@garden2@')
    expect(await idOf()).not.toBe(id)
    expect(await hasAgreed(dora)).toBe(false)
  })

  test('leaves with its author what was posted, to be deleted there as before', async () => {
    dora.say(room, 'peas are up')
    await flow.quiet()
    const event = flow.eventOf(room, 'peas are up')
    const [mapping] = await flow.store.mappingsBySender(dora.userId, 9)
    const note = asObjectId(mapping?.remoteId ?? '')
    expect(flow.received(bob, 'Announce')).toMatchObject([{ object: note }])
    await say(alice, 'group close confirm')
    await expectEnded()
    expect((await flow.store.findObject(note))?.deletedAt).toBeUndefined()
    dora.say(room, 'for this room alone')
    dora.redact(room, event)
    await flow.quiet()
    expect((await flow.store.findObject(note))?.deletedAt).toBeDefined()
    expect(flow.received(bob, 'Delete').map(({ object }) => JSON.stringify(object))).toContainEqual(
      expect.stringContaining(note),
    )
    expect(JSON.stringify(flow.fediverse.deliveries)).not.toContain('for this room alone')
  })

  test('comes an hour after the bot was put out; it may be opened anew', async () => {
    alice.kick(room, bot)
    await flow.minutes(55)
    expect(deletes()).toEqual([])
    await flow.minutes(10)
    await expectEnded()
    alice.invite(room, bot)
    await flow.quiet()
    expect(await say(alice, 'group open again')).toContain('@again@')
  })

  test('comes as late with the bot banned', async () => {
    alice.ban(room, bot)
    await flow.minutes(65)
    await expectEnded()
  })

  test('does not come where the bot is let in again; meanwhile nothing goes out', async () => {
    const erin = flow.user('erin')
    alice.invite(room, erin.userId)
    erin.join(room)
    await say(erin, 'group in')
    // Somebody of the fediverse is there, so the room is still heard.
    await flow.tell(bob.post({ content: 'hello', mentions: [{ id, name: '@garden' }] }))
    await flow.minutes(1)
    alice.kick(room, bot)
    await flow.quiet()
    dora.say(room, 'said behind your back')
    erin.leave(room)
    await flow.minutes(30)
    alice.invite(room, bot)
    await flow.quiet()
    dora.say(room, 'said before you')
    await flow.hours(2)
    expect(deletes()).toEqual([])
    expect(await idOf()).toBe(id)
    const agreed = [await hasAgreed(dora), await hasAgreed(erin)]
    expect(agreed).toEqual([true, false])
    const rows = JSON.stringify(flow.rows()['object'])
    expect(rows).toContain('said before you')
    expect(rows).not.toContain('said behind your back')
    expect(await flow.failures()).toEqual([])
  })

  test('may still come where the bot cannot follow an invite: nothing goes out until it is in', async () => {
    await flow.tell(bob.post({ content: 'hello', mentions: [{ id, name: '@garden' }] }))
    await flow.minutes(1)
    alice.kick(room, bot)
    await flow.quiet()
    flow.homeserver.injectFaults(({ method, url }) =>
      method === 'POST' && url.endsWith('/join') ? 'forbid' : undefined,
    )
    alice.invite(room, bot)
    await flow.quiet()
    expect(flow.homeserver.members(room, 'invite')).toEqual([bot])
    dora.say(room, 'said behind your back')
    await flow.quiet()
    expect(JSON.stringify(flow.rows()['object'])).not.toContain('said behind your back')
    await flow.tell(bob.post({ content: 'too early', mentions: [{ id, name: '@garden' }] }))
    await flow.minutes(1)
    expect(JSON.stringify(flow.messages(room))).not.toContain('too early')
  })

  test('has not come where the bot is let in again; who left and came back meanwhile agrees anew', async () => {
    const [erin, finn] = [flow.user('erin'), flow.user('finn')]
    for (const user of [erin, finn]) {
      alice.invite(room, user.userId)
      user.join(room)
      await say(user, 'group in')
    }
    alice.kick(room, bot)
    await flow.minutes(1)
    // Nobody of ours is there to see it.
    erin.leave(room)
    alice.invite(room, erin.userId)
    erin.join(room)
    finn.setNick(room, 'Finnegan')
    await flow.minutes(1)
    alice.invite(room, bot)
    await flow.quiet()
    for (const user of [dora, erin, finn]) user.say(room, `said by ${user.userId}`)
    await flow.quiet()
    expect(await flow.store.consentsIn(room)).toEqual([dora.userId, finn.userId])
    const rows = JSON.stringify(flow.rows()['object'])
    expect([dora, erin, finn].map(({ userId }) => rows.includes(`said by ${userId}`))).toEqual([
      ...[true, false, true],
    ])
  })

  test('does not come where an admin of the homeserver brings the bot back; who left agrees anew', async () => {
    const erin = flow.user('erin')
    alice.setState(room, 'm.room.join_rules', { join_rule: 'public' })
    erin.join(room)
    await say(erin, 'group in')
    alice.kick(room, bot)
    await flow.quiet()
    erin.leave(room)
    erin.join(room)
    flow.homeserver.addUser(bot).join(room)
    await flow.quiet()
    for (const user of [dora, erin]) user.say(room, `said by ${user.userId}`)
    await flow.quiet()
    expect(await flow.store.consentsIn(room)).toEqual([dora.userId])
    const rows = JSON.stringify(flow.rows()['object'])
    expect([dora, erin].map(({ userId }) => rows.includes(`said by ${userId}`))).toEqual([
      ...[true, false],
    ])
    await flow.minutes(65)
    expect(deletes()).toEqual([])
  })

  test('comes an hour after the bot was put out the last time', async () => {
    alice.kick(room, bot)
    await flow.minutes(2)
    alice.invite(room, bot)
    await flow.minutes(20)
    alice.kick(room, bot)
    await flow.minutes(55)
    expect(deletes()).toEqual([])
    await flow.minutes(10)
    await expectEnded()
  })

  test('of an older one in the same room hastens nothing', async () => {
    const [older, admin] = [id, flow.user('admin')]
    flow.permissions.set(admin.userId, 'admin')
    alice.kick(room, bot)
    await flow.minutes(30)
    await flow.command(admin, `unbridge ${room}`)
    alice.invite(room, bot)
    await flow.quiet()
    flow.permissions.set(alice.userId, 'admin')
    await say(alice, 'group open again')
    id = await idOf()
    expect(id).not.toBe(older)
    await flow.tell(bob.follow(id))
    alice.kick(room, bot)
    await flow.minutes(55)
    expect(deletes()).toEqual([])
    expect(await idOf()).toBe(id)
  })

  test('comes by an admin, and then the bot leaves, too', async () => {
    const admin = flow.user('admin')
    flow.permissions.set(admin.userId, 'admin')
    await flow.tell(bob.post({ content: 'hello', mentions: [{ id, name: '@garden' }] }))
    expect((await flow.command(admin, `unbridge ${room}`)).join()).toContain('The group @garden@')
    await expectEnded()
    expect(flow.homeserver.members(room, 'join')).not.toContain(bot)
    const told = flow.homeserver
      .timeline(room)
      .map(({ content }) => (content as { readonly reason?: string }).reason)
      .filter((reason) => reason !== undefined)
    expect(told).toEqual(Array(2).fill('The admin of this server has ended this room.'))
    // And nobody but an admin undoes that.
    alice.invite(room, bot)
    await flow.quiet()
    expect(await say(alice, 'group open again')).toContain('has ended this room.')
    expect(await groupHere()).toBeUndefined()
    flow.permissions.set(alice.userId, 'admin')
    expect(await say(alice, 'group open again')).toContain('@again@')
    flow.permissions.delete(alice.userId)
    await say(alice, 'group close confirm')
    expect(await say(alice, 'group open anew')).toContain('@anew@')
  })
})

describe('a room that goes on in another one', () => {
  const upgrade = (content: Readonly<Record<string, unknown>> = {}): RoomId => {
    const to = alice.createRoom({
      name: 'The Next Garden',
      creation_content: { predecessor: { room_id: room } },
      ...content,
    })
    alice.invite(to, bot)
    alice.setState(room, 'm.room.tombstone', { body: 'replaced', replacement_room: to })
    return to
  }

  beforeEach(async () => {
    await say(alice, 'group open garden')
    await say(dora, 'group in')
    await flow.tell(bob.follow(await idOf()))
  })

  test('takes the group along, with who agreed, whoever may join it', async () => {
    const id = await idOf()
    const to = upgrade({ preset: 'public_chat' })
    await flow.minutes(1)
    expect(await groupHere()).toBeUndefined()
    expect(await groupHere(to)).toMatchObject({ id, displayName: 'The Next Garden' })
    expect([await hasAgreed(dora), await hasAgreed(dora, to)]).toEqual([false, true])
    expect(flow.received(bob, 'Update').at(-1)?.['object']).toMatchObject({
      name: 'The Next Garden',
    })
    expect(flow.received(bob, 'Delete')).toEqual([])
    expect(await flow.failures()).toEqual([])
  })

  test('stays where it is when I cannot read the next one', async () => {
    const type = 'm.room.encryption'
    const content = { algorithm: 'm.megolm.v1.aes-sha2' }
    upgrade({ initial_state: [{ type, state_key: '', content }] })
    await flow.minutes(1)
    expect(await groupHere()).toMatchObject({ username: 'garden' })
    expect(flow.bodies(room).at(-1)).toContain('I do not follow: I cannot read it.')
    expect(await hasAgreed(dora)).toBe(true)
  })
})
