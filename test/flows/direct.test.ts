import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account, PostOptions, Sent } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { roomsBefore } from '../../src/bridge/moved.ts'
import type { WorldOptions } from '../simulation/world.ts'
import { bot, createFlow, publicUrl, type Flow } from './setup.ts'

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

/** A direct message to alice, and to whom else is named. */
async function toAlice(
  from: Account,
  content: string,
  more: PostOptions & { readonly others?: readonly Account[] } = {},
): Promise<Sent> {
  const { others = [], ...options } = more
  const mentions = [
    { id: await flow.actorOf(alice), name: '@alice@bridge.example' },
    ...others.map(({ id, handle }) => ({ id, name: handle })),
  ]
  return from.post({ content, visibility: 'direct', mentions, ...options })
}

const membersOf = (roomId: RoomId): string[] =>
  (['join', 'invite'] as const).flatMap((m) => flow.homeserver.members(roomId, m)).sort()

const newest = (account: Account) => {
  const object = flow.received(account, 'Create').at(-1)?.['object']
  return object as Readonly<Record<string, unknown>>
}

describe('a chat that somebody starts with a ghost', () => {
  test('tells once what is bridged and brings what was written before the ghost joined', async () => {
    const room = alice.createDm(flow.ghostOf(bob))
    alice.say(room, 'hello bob')
    alice.say(room, 'are you there?')
    await flow.quiet()
    const actor = await flow.actorOf(alice)
    const creates = flow.received(bob, 'Create')
    expect(creates).toEqual([
      expect.objectContaining({ actor, to: [bob.id], cc: [] }),
      expect.objectContaining({ actor, to: [bob.id], cc: [] }),
    ])
    const [first, second] = creates.map(({ object }) => object as Record<string, unknown>)
    expect(first).toMatchObject({
      attributedTo: actor,
      content: expect.stringContaining('hello bob'),
      tag: [{ type: 'Mention', href: bob.id, name: bob.handle }],
      context: expect.stringMatching(new RegExp(`^${publicUrl}/contexts/`)),
    })
    expect(second).toMatchObject({
      content: expect.stringContaining('are you there?'),
      inReplyTo: first?.['id'],
      context: first?.['context'],
      conversation: first?.['conversation'],
    })
    const notices = flow.bodies(room).filter((body) => body.includes('goes to'))
    expect(notices).toHaveLength(1)
  })

  test('is where the answer arrives', async () => {
    const room = alice.createDm(flow.ghostOf(bob))
    alice.say(room, 'hello bob')
    await flow.quiet()
    const inReplyTo = String(newest(bob)['id'])
    await flow.tell(await toAlice(bob, '@alice hello yourself', { inReplyTo }))
    expect(flow.bodies(room).at(-1)).toContain('hello yourself')
    expect(alice.rooms('invite')).toEqual([])
  })

  test('makes an actor of who was nobody, and says so', async () => {
    const eve = flow.user('eve')
    const room = eve.createDm(flow.ghostOf(bob))
    eve.say(room, 'hello')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
    expect(flow.bodies(room).join('\n')).toContain('@eve@bridge.example')
  })

  test('with several reaches exactly them', async () => {
    const room = alice.createDm(flow.ghostOf(bob), flow.ghostOf(carl))
    alice.say(room, 'hello both, and @dora@third.example')
    await flow.quiet()
    for (const account of [bob, carl])
      expect(flow.received(account, 'Create')).toMatchObject([{ to: [bob.id, carl.id], cc: [] }])
    expect(newest(bob)['tag']).toHaveLength(2)
  })
})

describe('a direct message from the fediverse', () => {
  test('opens a room for exactly its people, where the answer reaches exactly them', async () => {
    await flow.tell(await toAlice(bob, 'hi'))
    const room = flow.newRoom(alice, known)
    expect(membersOf(room)).toEqual([flow.ghostOf(bob), alice.userId, bot].sort())
    expect(flow.homeserver.state(room, 'm.room.history_visibility')).toEqual({
      history_visibility: 'invited',
    })
    const invite = flow.homeserver.state(room, 'm.room.member', alice.userId)
    expect(invite).toMatchObject({ membership: 'invite', is_direct: true })
    alice.join(room)
    expect(
      alice.timeline(room).map(({ content }) => (content as { body?: string }).body),
    ).toContain('hi')
    alice.say(room, 'hi bob')
    await flow.quiet()
    const posted = [...bob.notes.keys()][0]
    expect(newest(bob)).toMatchObject({ to: [bob.id], cc: [], inReplyTo: posted })
  })

  test('invites in the name of who wrote it, by which clients name and file the chat', async () => {
    const inviterOf = (room: RoomId) =>
      flow.homeserver.timeline(room).findLast(({ state_key }) => state_key === alice.userId)
    await flow.tell(await toAlice(bob, 'hi', { others: [carl] }))
    const room = flow.newRoom(alice, known)
    const invite = { sender: flow.ghostOf(bob), content: { membership: 'invite', is_direct: true } }
    expect(inviterOf(room)).toMatchObject(invite)
    alice.join(room)
    alice.leave(room)
    await flow.quiet()
    await flow.tell(await toAlice(bob, 'come back', { others: [carl] }))
    expect(inviterOf(room)).toMatchObject(invite)
    alice.join(room)
    const dora = flow.user('dora')
    expect(() => alice.invite(room, dora.userId)).toThrow()
  })

  test('rings for whom it is addressed to, whether or not it names them', async () => {
    const actor = await flow.actorOf(alice)
    await flow.tell(bob.post({ visibility: 'direct', extra: { to: [actor], tag: [] } }))
    const room = flow.newRoom(alice, known)
    expect(flow.messages(room).at(-1)?.content).toMatchObject({
      'm.mentions': { user_ids: [alice.userId] },
    })
  })

  test('and a second one at the same moment make one room', async () => {
    const both = [await toAlice(bob, 'one'), await toAlice(bob, 'two')]
    await flow.tell(...both)
    const room = flow.newRoom(alice, known)
    expect(flow.bodies(room)).toEqual(['one', 'two'])
  })

  test('to other people has a room of its own', async () => {
    await flow.tell(await toAlice(bob, 'between us'))
    const first = flow.newRoom(alice, known)
    await flow.tell(await toAlice(bob, 'with carl', { others: [carl] }))
    const second = flow.newRoom(alice, [...known, first])
    expect(flow.bodies(first)).toContain('between us')
    expect(flow.bodies(first)).not.toContain('with carl')
    expect(membersOf(second)).toContain(flow.ghostOf(carl))
    alice.join(second)
    alice.say(second, 'to both')
    await flow.quiet()
    expect(flow.received(carl, 'Create')).toMatchObject([{ to: [bob.id, carl.id], cc: [] }])
  })

  test('is one room also when the other side writes first at the same moment', async () => {
    const room = alice.createDm(flow.ghostOf(bob))
    alice.say(room, 'from alice')
    await flow.tell(await toAlice(bob, 'from bob'))
    const rooms = [...alice.rooms('join'), ...alice.rooms('invite')].filter(
      (roomId) => !known.includes(roomId),
    )
    const said = rooms.flatMap((roomId) => flow.bodies(roomId)).filter((b) => b === 'from bob')
    expect(said).toHaveLength(1)
    expect(flow.received(bob, 'Create')).toHaveLength(1)
  })

  test('brings back who left', async () => {
    await flow.tell(await toAlice(bob, 'one'))
    const room = flow.newRoom(alice, known)
    alice.join(room)
    alice.leave(room)
    await flow.quiet()
    await flow.tell(await toAlice(bob, 'two'))
    expect(alice.rooms('invite')).toEqual([room])
    alice.join(room)
    alice.say(room, 'back again')
    await flow.quiet()
    expect(newest(bob)).toMatchObject({ content: expect.stringContaining('back again') })
  })
})

test('what was said in a chat that went on in another room stays there, also when it is changed', async () => {
  const sent = await toAlice(bob, 'helo')
  await flow.tell(sent)
  const first = flow.newRoom(alice, known)
  alice.join(first)
  const second = alice.createDm(flow.ghostOf(bob))
  await flow.quiet()
  expect(flow.bodies(first).at(-1)).toContain(encodeURIComponent(second))
  await flow.tell(bob.edit(sent.object, 'hello'))
  expect(flow.bodies(first)).toContain('helo')
  expect(flow.messages(first).at(-1)?.content['m.new_content']).toMatchObject({ body: 'hello' })
})

test('what was said in a chat as it went on elsewhere is not said again there, when we died meanwhile', async () => {
  flow.close()
  let second: RoomId | undefined
  const sabotage: WorldOptions['sabotage'] = ({ deps: { homeserver, clock } }) => {
    const { send } = homeserver
    Object.assign(homeserver, {
      send: async (...asked: Parameters<typeof send>) => {
        const eventId = await send(...asked)
        if (second !== undefined || asked[0] !== flow.ghostOf(bob)) return eventId
        second = alice.createDm(flow.ghostOf(bob))
        await clock.sleep(1_000)
        flow.crash()
        return new Promise(() => undefined)
      },
    })
  }
  flow = await createFlow({}, { sabotage })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.command(alice, 'register')
  const sent = await toAlice(bob, 'helo')
  await flow.tell(sent)
  await flow.minutes(1)
  if (second === undefined) throw new Error('alice made no room')
  const first = flow.newRoom(alice, [await flow.chat(alice), second])
  const said = (): string[] => [first, second ?? first].flatMap((room) => [...flow.bodies(room)])
  expect(said().filter((body) => body === 'helo')).toHaveLength(1)
  await flow.tell(bob.edit(sent.object, 'hello'), await toAlice(bob, 'and more'))
  expect(flow.messages(first).at(-1)?.content['m.new_content']).toMatchObject({ body: 'hello' })
  expect(flow.bodies(second).at(-1)).toBe('and more')
})

test('what the same people write in the room they made first still arrives', async () => {
  const first = alice.createDm(flow.ghostOf(bob))
  await flow.quiet()
  alice.createDm(flow.ghostOf(bob))
  await flow.quiet()
  alice.say(first, 'in the old room')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toMatchObject([{ to: [bob.id], cc: [] }])
  expect(flow.bodies(first).filter((body) => body.startsWith('Not sent'))).toEqual([])
})

/** Three chats with bob, of which the second is the one that counts in the end. */
async function backInSecond(): Promise<readonly [first: RoomId, second: RoomId, third: RoomId]> {
  const rooms: RoomId[] = []
  for (let count = 0; count < 3; count++) {
    const invite = [flow.ghostOf(bob)]
    rooms.push(alice.createRoom({ preset: 'private_chat', is_direct: true, invite }))
    await flow.quiet()
  }
  const [first, second, third] = rooms
  if (first === undefined || second === undefined || third === undefined) throw new Error('no room')
  alice.kick(second, flow.ghostOf(bob))
  await flow.quiet()
  alice.invite(second, flow.ghostOf(bob))
  await flow.quiet()
  return [first, second, third]
}

test('a chat that comes back into a room is found from all rooms where it was', async () => {
  const [first, second, third] = await backInSecond()
  for (const room of [first, third, second]) {
    alice.say(room, `written in ${room}`)
    await flow.quiet()
  }
  expect(flow.received(bob, 'Create')).toHaveLength(3)
  expect(await roomsBefore(second, flow)).toEqual([third, first])
  await flow.tell(await toAlice(bob, 'an answer'))
  expect(flow.bodies(second).at(-1)).toBe('an answer')
})

test('who writes into a room whose chat went on with fewer people is told', async () => {
  const first = alice.createDm(flow.ghostOf(bob))
  await flow.quiet()
  const second = alice.createDm(flow.ghostOf(bob))
  await flow.quiet()
  alice.invite(first, flow.user('dora').userId)
  alice.say(first, 'dora reads this')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toEqual([])
  const said = flow.messages(first).at(-1)?.content
  expect(said).toMatchObject({ msgtype: 'm.notice' })
  expect(said?.['body']).toMatch(/^Not sent: this room goes on in another one: /)
  expect(said?.['body']).toContain(encodeURIComponent(second))
})

test('an invited account that cannot be looked up holds nobody up, and the user is told', async () => {
  flow.fediverse.server('other.example').isAway = true
  const invite = [flow.ghostOf(bob), flow.ghostOf(carl)]
  const room = alice.createRoom({ preset: 'private_chat', is_direct: true, invite })
  alice.say(room, 'hello both')
  await flow.hours(1)
  expect(flow.received(bob, 'Create')).toMatchObject([{ to: [bob.id], cc: [] }])
  expect(flow.bodies(await flow.chat(alice)).at(-1)).toContain(flow.ghostOf(carl))
})

test('a room waits ten minutes for whoever cannot be looked up, and no moment longer', async () => {
  flow.fediverse.server('other.example').isAway = true
  const invite = [flow.ghostOf(bob), flow.ghostOf(carl)]
  const room = alice.createRoom({ preset: 'private_chat', is_direct: true, invite })
  await flow.minutes(30)
  alice.say(room, 'hello both')
  await flow.minutes(9)
  expect(flow.received(bob, 'Create')).toEqual([])
  await flow.minutes(2)
  expect(flow.received(bob, 'Create')).toMatchObject([{ to: [bob.id], cc: [] }])
})

test('the dm command opens the chat and invites', async () => {
  await flow.command(alice, 'dm @bob@remote.example')
  const room = flow.newRoom(alice, known)
  alice.join(room)
  alice.say(room, 'hello')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toMatchObject([{ to: [bob.id], cc: [] }])
})

test('whoever was removed from a chat hears nothing more', async () => {
  const invite = [flow.ghostOf(bob), flow.ghostOf(carl)]
  const room = alice.createRoom({ preset: 'private_chat', is_direct: true, invite })
  await flow.quiet()
  alice.kick(room, flow.ghostOf(carl))
  alice.say(room, 'only bob')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toMatchObject([{ to: [bob.id], cc: [] }])
  expect(flow.received(carl)).toEqual([])
})

test('an encrypted chat gets one notice with a link to a plain one', async () => {
  const room = alice.createRoom({
    preset: 'trusted_private_chat',
    is_direct: true,
    invite: [flow.ghostOf(bob)],
    initial_state: [
      {
        type: 'm.room.encryption',
        state_key: '',
        content: { algorithm: 'm.megolm.v1.aes-sha2' },
      },
    ],
  })
  alice.send(room, { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x' }, 'm.room.encrypted')
  await flow.quiet()
  const plain = flow.newRoom(alice, [...known, room])
  const notices = flow.messages(room).filter(({ type }) => type === 'm.room.message')
  expect(notices).toHaveLength(1)
  expect(notices[0]?.content['body']).toContain(encodeURIComponent(plain))
  expect(flow.received(bob)).toEqual([])
  alice.join(plain)
  alice.say(plain, 'in plain words')
  await flow.quiet()
  expect(newest(bob)).toMatchObject({ content: expect.stringContaining('in plain words') })
})

test('a command that was typed before the bot had joined is answered', async () => {
  const eve = flow.user('eve')
  const room = eve.createDm(bot)
  eve.say(room, 'register')
  await flow.quiet()
  expect(flow.bodies(room).join('\n')).toContain('@eve@bridge.example')
  expect(await flow.actorOf(eve)).toContain(publicUrl)
})
