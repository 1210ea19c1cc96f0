import { describe, expect, test } from '@jest/globals'
import { asRoomAlias, type RoomId, type UserId } from '../../src/model/ids.ts'
import { MatrixError, type FakeHomeserver } from '../fakes/homeserver.ts'
import { bob, bot, eve, roomRequest, setUp } from './setup.ts'

type Event = Readonly<Record<string, unknown>>

/** An application service that notes what comes and answers what it is told. */
function listen(hs: FakeHomeserver) {
  const transactions: { readonly txnId: string; readonly events: readonly Event[] }[] = []
  const asked: string[] = []
  const answers: number[] = []
  hs.connect({
    transaction: async (txnId, { events }) => {
      transactions.push({ txnId, events })
      return answers.shift() ?? 200
    },
    userExists: async (userId) => asked.push(userId) > 0,
    aliasExists: async (alias) => asked.push(alias) > 0,
  })
  const told = (): readonly unknown[] =>
    transactions.flatMap(({ events }) => events.map(brief)).filter(Boolean)
  return { transactions, asked, answers, told }
}

function brief(event: Event): string {
  const content = event['content'] as Readonly<Record<string, unknown>>
  if (event['type'] === 'm.room.message') return String(content['body'])
  if (event['type'] !== 'm.room.member') return ''
  return `${String(event['state_key'])} ${String(content['membership'])}`
}

const errcode = (run: () => unknown): string => {
  try {
    run()
    return 'allowed'
  } catch (error) {
    if (error instanceof MatrixError) return error.errcode
    throw error
  }
}

describe('what is pushed', () => {
  test('an invite of a ghost comes, what follows only once it has joined', async () => {
    const { hs, client } = setUp()
    const { told } = listen(hs)
    const alice = hs.addUser('@alice:hs.test')
    await client.register(bob)
    const roomId = alice.createRoom()
    alice.say(roomId, 'alone')
    alice.invite(roomId, bob)
    alice.say(roomId, 'not heard')
    await client.join(bob, roomId)
    alice.say(roomId, 'heard')
    await client.leave(bob, roomId)
    alice.say(roomId, 'gone')
    await hs.pushAll()
    expect(told()).toEqual([`${bob} invite`, `${bob} join`, 'heard', `${bob} leave`])
  })

  test('what a ghost says comes back as an echo', async () => {
    const { hs, client } = setUp()
    const { told } = listen(hs)
    const roomId = await client.createRoom(bot, roomRequest())
    const content = { msgtype: 'm.text', body: 'echo' }
    await client.send(bot, roomId, { type: 'm.room.message', txnId: 't', content })
    await hs.pushAll()
    expect(told().at(-1)).toBe('echo')
  })

  test('a room under an alias of ours is pushed without anybody of ours', async () => {
    const { hs, client } = setUp()
    const { told } = listen(hs)
    const alice = hs.addUser('@alice:hs.test')
    const alias = asRoomAlias('#_ap_bob_fedi.test:hs.test')
    const roomId = await client.createRoom(bot, roomRequest([alice.userId], { alias }))
    alice.join(roomId)
    await client.leave(bot, roomId)
    alice.say(roomId, 'still heard')
    await hs.pushAll()
    expect(told().at(-1)).toBe('still heard')
  })

  test('a ghost that nobody registered is asked for before its invite comes', async () => {
    const { hs } = setUp()
    const { asked, told } = listen(hs)
    hs.addUser('@alice:hs.test').createDm(bob)
    await hs.pushAll()
    expect([asked, told()]).toEqual([[bob], [`${bob} invite`]])
  })

  test('at most 100 events come in one transaction', async () => {
    const { hs } = setUp()
    const { transactions } = listen(hs)
    const alice = hs.addUser('@alice:hs.test')
    const roomId = alice.createRoom()
    for (let n = 0; n < 150; n += 1) alice.invite(roomId, `@_ap_${n}_x:hs.test` as UserId)
    await hs.pushAll()
    expect(transactions.map(({ txnId, events }) => [txnId, events.length])).toEqual([
      ['1', 100],
      ['2', 50],
    ])
  })
})

describe('an application service that answers badly', () => {
  const inviteAll = (hs: FakeHomeserver, from: number, to: number): void => {
    const alice = hs.addUser('@alice:hs.test')
    const [roomId = alice.createRoom()] = alice.rooms('join')
    for (let n = from; n < to; n += 1) alice.invite(roomId, `@_ap_${n}_x:hs.test` as UserId)
  }

  test('gets the same transaction again, later ones one by one, all in order', async () => {
    const { hs, clock } = setUp()
    const { transactions, answers } = listen(hs)
    const start = clock.now()
    answers.push(500, 503)
    inviteAll(hs, 0, 2)
    expect(await hs.pushOnce()).toBe('refused')
    inviteAll(hs, 2, 4)
    await hs.pushAll()
    expect(transactions.map(({ txnId, events }) => [txnId, events.map(brief).length])).toEqual([
      ['1', 2],
      ['1', 2],
      ['1', 2],
      ['2', 1],
      ['3', 1],
    ])
    expect([hs.pending(), clock.now() - start]).toEqual([0, 2000])
  })

  test('sees an event that was redacted meanwhile without its content', async () => {
    const { hs, client } = setUp()
    const { transactions, answers } = listen(hs)
    const alice = hs.addUser('@alice:hs.test')
    const roomId = await client.createRoom(bot, roomRequest([alice.userId]))
    alice.join(roomId)
    await hs.pushAll()
    answers.push(500)
    const eventId = alice.say(roomId, 'oops')
    await hs.pushOnce()
    alice.redact(roomId, eventId)
    await hs.pushAll()
    expect(transactions.slice(-3).map(({ events }) => events[0]?.['content'])).toEqual([
      { msgtype: 'm.text', body: 'oops', 'm.mentions': {} },
      {},
      { redacts: eventId },
    ])
  })

  test('sees transaction ids start again after a restart of the homeserver', async () => {
    const { hs } = setUp()
    const { transactions } = listen(hs)
    inviteAll(hs, 0, 1)
    await hs.pushAll()
    hs.restart()
    inviteAll(hs, 1, 2)
    await hs.pushAll()
    expect(transactions.map(({ txnId }) => txnId)).toEqual(['1', '1'])
  })
})

describe('rules', () => {
  test('a transaction id of one ghost swallows the same one of another', async () => {
    const { hs, client } = setUp()
    await client.register(bob)
    const roomId = await client.createRoom(bot, roomRequest([bob]))
    await client.join(bob, roomId)
    const say = (body: string) => ({ type: 'm.room.message', txnId: 't', content: { body } })
    const first = await client.send(bot, roomId, say('one'))
    expect(await client.send(bob, roomId, say('two'))).toBe(first)
    expect(hs.timeline(roomId).at(-1)?.['sender']).toBe(bot)
  })

  test('a portal is entered by knock and invite only', async () => {
    const { hs, client } = setUp()
    const alice = hs.addUser('@alice:hs.test')
    const roomId = await client.createRoom(bot, roomRequest())
    expect(errcode(() => alice.join(roomId))).toBe('M_FORBIDDEN')
    expect(errcode(() => alice.say(roomId, 'hi'))).toBe('M_FORBIDDEN')
    alice.knock(roomId)
    expect(hs.members(roomId, 'knock')).toEqual([alice.userId])
    await client.invite(bot, roomId, alice.userId)
    alice.join(roomId)
    expect(errcode(() => alice.say(roomId, 'hi'))).toBe('allowed')
    await client.ban(bot, roomId, alice.userId, 'blocked')
    expect(errcode(() => alice.knock(roomId))).toBe('M_FORBIDDEN')
  })

  test('in a version 12 room nobody removes the creator, whatever the power', () => {
    const { hs } = setUp()
    const alice = hs.addUser('@alice:hs.test')
    const carol = hs.addUser('@carol:hs.test')
    const roomId = alice.createRoom({ invite: [carol.userId] })
    carol.join(roomId)
    alice.setState(roomId, 'm.room.power_levels', { users: { [carol.userId]: 1000 } })
    expect(errcode(() => carol.kick(roomId, alice.userId))).toBe('M_FORBIDDEN')
    expect(roomId).not.toContain(':')
  })

  test.each<[string, readonly string[]]>([
    ['shared', ['first', 'invited', 'joined']],
    ['invited', ['invited', 'joined']],
    ['joined', ['joined']],
  ])('history visibility %s shows a newcomer %j', (visibility, expected) => {
    const { hs } = setUp()
    const alice = hs.addUser('@alice:hs.test')
    const carol = hs.addUser('@carol:hs.test')
    const rule = { history_visibility: visibility }
    const state = { type: 'm.room.history_visibility', state_key: '', content: rule }
    const roomId = alice.createRoom({ initial_state: [state] })
    alice.say(roomId, 'first')
    alice.invite(roomId, carol.userId)
    alice.say(roomId, 'invited')
    carol.join(roomId)
    alice.say(roomId, 'joined')
    carol.leave(roomId)
    alice.say(roomId, 'gone')
    const seen = carol.timeline(roomId).filter(({ type }) => type === 'm.room.message')
    expect(seen.map(brief)).toEqual(expected)
  })

  test('a knock by alias asks for the room first', async () => {
    const { hs, client } = setUp()
    const alias = asRoomAlias('#_ap_eve_fedi.test:hs.test')
    const made: RoomId[] = []
    hs.connect({
      transaction: async () => 200,
      aliasExists: async () => {
        made.push(await client.createRoom(bot, roomRequest([], { alias })))
        return true
      },
    })
    expect(await hs.resolveAlias(alias)).toBe(made[0])
    expect(await client.resolveAlias(alias)).toBe(made[0])
    expect(made).toHaveLength(1)
  })

  test('a new name is told in every room of the user', async () => {
    const { hs, client } = setUp()
    await client.register(eve)
    const roomId = await client.createRoom(eve, roomRequest())
    await client.setDisplayName(eve, 'Eve')
    expect(hs.timeline(roomId).at(-1)).toMatchObject({
      content: { membership: 'join', displayname: 'Eve' },
      unsigned: { prev_content: { membership: 'join', displayname: '_ap_eve_fedi.test' } },
    })
  })
})
