import { describe, expect, test } from '@jest/globals'
import { RejectedError } from '../../src/model/errors.ts'
import { asMxc, asRoomAlias, asRoomId, type RoomId } from '../../src/model/ids.ts'
import { parseEvent } from '../../src/matrix/parse.ts'
import type { NewJob } from '../../src/model/job.ts'
import { bob, bot, eve, isOurs, roomRequest, setUp, type Setup } from './setup.ts'

const alias = asRoomAlias('#_ap_bob_fedi.test:hs.test')
const say = (txnId: string, body: string) => ({
  type: 'm.room.message',
  txnId,
  content: { msgtype: 'm.text', body },
})

async function rejection(call: Promise<unknown>): Promise<RejectedError> {
  const outcome: unknown = await call.catch((error: unknown) => error)
  if (outcome instanceof RejectedError) return outcome
  throw new Error(`not rejected: ${String(outcome)}`)
}

/** A room of the bot with bob's ghost in it. */
async function roomWithBob({ client }: Setup): Promise<RoomId> {
  await client.register(bob)
  const roomId = await client.createRoom(bot, roomRequest([bob]))
  await client.join(bob, roomId)
  return roomId
}

const bodies = (events: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] =>
  events
    .filter((event) => event['type'] === 'm.room.message')
    .map((event) => (event['content'] as { readonly body?: string }).body)

describe('users', () => {
  test('a ghost must be registered before it speaks', async () => {
    const { client } = setUp()
    const error = await rejection(client.setDisplayName(bob, 'Bob'))
    expect([error.status, error.code]).toEqual([403, 'M_FORBIDDEN'])
  })

  test('registering twice is fine', async () => {
    const { hs, client } = setUp()
    await client.register(bob)
    await client.register(bob)
    expect(hs.isRegistered(bob)).toBe(true)
  })

  test('a user outside the namespace cannot be registered', async () => {
    const { client } = setUp()
    const other = (await rejection(client.register('@carol:hs.test' as typeof bob))).code
    expect(other).toBe('M_EXCLUSIVE')
  })

  test('name and avatar can be set and read', async () => {
    const { client } = setUp()
    await client.register(bob)
    await client.setDisplayName(bob, 'Bob ❤')
    await client.setAvatar(bob, asMxc('mxc://hs.test/cat'))
    expect(await client.profile(bob)).toEqual({ displayName: 'Bob ❤', avatar: 'mxc://hs.test/cat' })
  })

  test('an unknown user has an empty profile', async () => {
    expect(await setUp().client.profile(eve)).toEqual({})
  })
})

describe('rooms', () => {
  test('an alias is taken once and leads to its room', async () => {
    const { client } = setUp()
    const roomId = await client.createRoom(bot, roomRequest([], { alias }))
    const second = await rejection(client.createRoom(bot, roomRequest([], { alias })))
    expect([second.code, await client.resolveAlias(alias)]).toEqual(['M_ROOM_IN_USE', roomId])
  })

  test('an unknown alias resolves to nothing', async () => {
    expect(await setUp().client.resolveAlias(alias)).toBeUndefined()
  })

  test('joining, leaving, inviting, kicking and banning twice is once', async () => {
    const setup = setUp()
    const { hs, client } = setup
    const roomId = await roomWithBob(setup)
    await client.join(bob, roomId)
    await client.invite(bot, roomId, bob)
    await client.invite(bot, roomId, eve)
    await client.invite(bot, roomId, eve)
    expect([hs.members(roomId, 'join'), hs.members(roomId, 'invite')]).toEqual([[bot, bob], [eve]])
    await client.kick(bot, roomId, eve, 'no longer a follower')
    await client.kick(bot, roomId, eve, 'no longer a follower')
    await client.leave(bob, roomId)
    await client.leave(bob, roomId)
    await client.ban(bot, roomId, eve, 'blocked')
    await client.ban(bot, roomId, eve, 'blocked')
    await client.kick(bot, roomId, eve, 'already banned')
    expect([hs.members(roomId, 'leave'), hs.members(roomId, 'ban')]).toEqual([[bob], [eve]])
  })

  test('an invitation without the power for it is refused', async () => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    expect((await rejection(setup.client.invite(bob, roomId, eve))).code).toBe('M_FORBIDDEN')
  })

  test('members are listed with their membership', async () => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    await setup.client.invite(bot, roomId, eve)
    expect(await setup.client.members(bot, roomId)).toEqual([
      { userId: bot, membership: 'join', cameAt: expect.any(Number) },
      { userId: bob, membership: 'join', cameAt: expect.any(Number) },
      { userId: eve, membership: 'invite' },
    ])
  })

  test('state is set and found; what was never set is nothing', async () => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    const topic = { type: 'm.room.topic', stateKey: '' }
    expect(await setup.client.findState(bot, roomId, topic)).toBeUndefined()
    await setup.client.setState(bot, roomId, { ...topic, content: { topic: 'cats / dogs' } })
    expect(await setup.client.findState(bob, roomId, topic)).toEqual({ topic: 'cats / dogs' })
  })

  test('state of a room that the ghost is not in is refused, not empty', async () => {
    const setup = setUp()
    await setup.client.register(eve)
    const roomId = await roomWithBob(setup)
    const topic = { type: 'm.room.topic', stateKey: '' }
    expect((await rejection(setup.client.findState(eve, roomId, topic))).code).toBe('M_FORBIDDEN')
  })

  test('a dot segment never reaches the wire', async () => {
    const { hs, client } = setUp()
    const error = await rejection(client.join(bot, asRoomId('..')))
    expect([error.code, hs.calls]).toEqual(['M_INVALID_PARAM', []])
  })
})

describe('sending', () => {
  test('a message carries its transaction id and date', async () => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    const eventId = await setup.client.send(bob, roomId, { ...say('t/1?', 'hello'), ts: 1234 })
    expect(setup.hs.timeline(roomId).at(-1)).toEqual({
      event_id: eventId,
      room_id: roomId,
      sender: bob,
      type: 'm.room.message',
      origin_server_ts: 1234,
      content: { msgtype: 'm.text', body: 'hello', 'org.footbridge.txn': 't/1?' },
      unsigned: { age: setup.clock.now() - 1234 },
    })
  })

  test('the same transaction id is the same event until the homeserver restarts', async () => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    const first = await setup.client.send(bob, roomId, say('t1', 'hello'))
    expect(await setup.client.send(bob, roomId, say('t1', 'hello'))).toBe(first)
    setup.hs.restart()
    expect(await setup.client.findSent(bob, roomId, 't1')).toBe(first)
    expect(await setup.client.send(bob, roomId, say('t1', 'hello'))).not.toBe(first)
  })

  test('a send whose answer was lost is found again', async () => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    setup.hs.injectFaults(({ url }) => (url.includes('/send/') ? 'cut-answer' : undefined))
    await expect(setup.client.send(bob, roomId, say('t1', 'hello'))).rejects.toMatchObject({
      name: 'TransientError',
      of: 'homeserver',
    })
    setup.hs.restart()
    const found = await setup.client.findSent(bob, roomId, 't1')
    expect(found).toBe(setup.hs.timeline(roomId).at(-1)?.['event_id'])
    expect(bodies(setup.hs.timeline(roomId))).toEqual(['hello'])
  })

  test('a sent event is found behind 250 others, not behind 300, and not by another sender', async () => {
    const setup = setUp()
    const { client } = setup
    const roomId = await roomWithBob(setup)
    const eventId = await client.send(bob, roomId, say('wanted', 'hello'))
    await client.send(bot, roomId, say('of the bot', 'hi'))
    for (let n = 0; n < 250; n += 1) await client.send(bob, roomId, say(`t${n}`, String(n)))
    expect(await client.findSent(bob, roomId, 'wanted')).toBe(eventId)
    expect(await client.findSent(bob, roomId, 'of the bot')).toBeUndefined()
    for (let n = 250; n < 300; n += 1) await client.send(bob, roomId, say(`t${n}`, String(n)))
    expect(await client.findSent(bob, roomId, 'wanted')).toBeUndefined()
  })

  test('a redaction empties its target', async () => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    const eventId = await setup.client.send(bob, roomId, say('t1', 'oops'))
    await setup.client.redact(bob, roomId, { eventId, txnId: 't2', reason: 'deleted' })
    const [target, redaction] = setup.hs.timeline(roomId).slice(-2)
    expect(target?.['content']).toEqual({})
    expect(redaction).toMatchObject({ redacts: eventId, content: { reason: 'deleted' } })
  })

  test("somebody else's message cannot be redacted without power", async () => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    const eventId = await setup.client.send(bot, roomId, say('t1', 'mine'))
    const error = await rejection(setup.client.redact(bob, roomId, { eventId, txnId: 't2' }))
    expect(error.code).toBe('M_FORBIDDEN')
  })
})

describe('what happened before a ghost had joined', () => {
  const payloadsOf = (jobs: readonly NewJob[]) =>
    jobs.map(({ payload }) => parseEvent(JSON.parse(payload)))

  test('is read back to the invite, oldest first, as the jobs of a push', async () => {
    const { hs, client } = setUp()
    const alice = hs.addUser('@alice:hs.test')
    await client.register(bob)
    const roomId = alice.createRoom({ preset: 'private_chat' })
    alice.say(roomId, 'before the invite')
    alice.invite(roomId, bob)
    const first = alice.say(roomId, 'waiting 0')
    for (let n = 1; n < 120; n += 1) alice.say(roomId, `waiting ${n}`)
    await client.join(bob, roomId)
    const { jobs, isCut } = await client.jobsSinceInvite(bob, roomId, { isOurs })
    expect(isCut).toBe(false)
    expect(jobs[0]).toMatchObject({ kind: 'event', key: first, lane: `event:${roomId}` })
    expect(payloadsOf(jobs).map((event) => ('text' in event ? event.text.body : event))).toEqual([
      ...Array.from({ length: 120 }, (_, n) => `waiting ${n}`),
      expect.objectContaining({ type: 'member', user: bob, membership: 'join' }),
    ])
  })

  test.each([
    // Besides what alice said there are her invite and two joins.
    ['is at most 500 events, and says that there were more', 510, { length: 500, isCut: true }],
    ['is whole where there were as many', 497, { length: 500, isCut: false }],
    ['is cut where there was one more', 498, { length: 500, isCut: true }],
  ])('%s', async (_, said, { length, isCut }) => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    const alice = setup.hs.addUser('@alice:hs.test')
    await setup.client.invite(bot, roomId, alice.userId)
    alice.join(roomId)
    for (let n = 0; n < said; n += 1) alice.say(roomId, String(n))
    const missed = await setup.client.jobsSinceInvite(bob, roomId, { isOurs })
    expect({ length: missed.jobs.length, isCut: missed.isCut }).toEqual({ length, isCut })
    expect(payloadsOf(missed.jobs).at(-1)).toMatchObject({ text: { body: String(said - 1) } })
  })

  test('is nothing that we said ourselves', async () => {
    const setup = setUp()
    const roomId = await roomWithBob(setup)
    await setup.client.send(bot, roomId, say('t1', 'welcome'))
    const { jobs } = await setup.client.jobsSinceInvite(bob, roomId, { isOurs })
    expect(payloadsOf(jobs)).toEqual([expect.objectContaining({ type: 'member', user: bob })])
  })
})

describe('one event', () => {
  test('is read by who is in the room, and is nothing to anybody else', async () => {
    const setup = setUp()
    const { client } = setup
    const roomId = await roomWithBob(setup)
    const eventId = await client.send(bob, roomId, say('t1', 'Hello'))
    expect(await client.findEvent(bot, roomId, eventId)).toMatchObject({
      type: 'message',
      eventId,
      text: { body: 'Hello' },
    })
    await client.register(eve)
    expect(await client.findEvent(eve, roomId, eventId)).toBeUndefined()
    const other = eventId.replace(/.$/, 'x') as typeof eventId
    expect(await client.findEvent(bot, roomId, other)).toBeUndefined()
  })
})
