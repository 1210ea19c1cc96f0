import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { bot, createFlow, type Flow } from './setup.ts'
import { polling, pollTypes, seeingPolls } from './polls.ts'

const minute = 60_000
const hour = 60 * minute

let flow: Flow
let see: ReturnType<typeof seeingPolls>
let alice: FakeUser
let bob: Account
let carol: Account
let profile: RoomId
let actor: string

async function begin(options: Parameters<typeof createFlow>[1] = {}): Promise<void> {
  flow = await createFlow({}, options)
  see = seeingPolls(flow)
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carol = flow.account('carol', 'other.example')
  profile = await flow.publish(alice)
  actor = await flow.actorOf(alice)
  await flow.gain(alice, bob)
}

beforeEach(() => begin())
afterEach(() => flow.close())

type Json = Readonly<Record<string, unknown>>

const ask = async (): Promise<{ readonly event: EventId; readonly id: string }> => {
  const event = polling(alice, profile).ask('What?', ['Tea', 'Coffee'])
  await flow.quiet()
  const { id } = flow.received(bob, 'Create').at(-1)?.['object'] as { id: string }
  return { event, id }
}

/** A line below an event, and what the bot answered. */
async function below(
  event: EventId,
  line: string,
  { user = alice, room = profile }: { user?: FakeUser; room?: RoomId } = {},
): Promise<string | undefined> {
  const sent = user.send(room, {
    msgtype: 'm.text',
    body: `!ap ${line}`,
    'm.relates_to': { 'm.in_reply_to': { event_id: event } },
  })
  await flow.quiet()
  const answers = flow.messages(room).filter(({ content, sender }) => {
    const { 'm.in_reply_to': to } = (content['m.relates_to'] ?? {}) as {
      'm.in_reply_to'?: { event_id?: string }
    }
    return sender === bot && to?.event_id === sent
  })
  expect(answers.length).toBeLessThanOrEqual(1)
  const body = answers[0]?.content['body']
  return typeof body === 'string' ? body : undefined
}

const updates = (account = bob): readonly Json[] =>
  flow.received(account, 'Update').map(({ object }) => object as Json)
const endOf = (update: Json | undefined): number => Date.parse(String(update?.['endTime']))
const ends = () => see.linesOf(profile, pollTypes.end)

describe('the end of a poll of a Matrix user', () => {
  test('is told, comes by itself, and ends the poll on both sides once', async () => {
    const { event, id } = await ask()
    await flow.tell(carol.vote(id, actor, 'Tea'))
    const now = flow.time.now()
    expect(await below(event, 'poll 2h')).toBe('The poll ends in 2 hours.')
    const [told] = updates()
    expect(told).toMatchObject({ type: 'Question', id, content: '<p>What?</p>' })
    expect(told).not.toHaveProperty('closed')
    expect(told).not.toHaveProperty('updated')
    expect(Math.abs(endOf(told) - now - 2 * hour)).toBeLessThan(minute)
    // Who voted hears of it, though they do not follow.
    expect(endOf(updates(carol)[0])).toBe(endOf(told))
    await flow.minutes(117)
    expect(updates().at(-1)).toMatchObject({ endTime: told?.['endTime'], votersCount: 1 })
    expect(updates().at(-1)).not.toHaveProperty('closed')
    expect(ends()).toEqual([])
    await flow.minutes(4)
    expect(updates().at(-1)).toMatchObject({
      closed: expect.any(String) as unknown,
      votersCount: 1,
      oneOf: [{ name: 'Tea', replies: { totalItems: 1 } }, { name: 'Coffee' }],
    })
    expect(ends()).toMatchObject([
      {
        sender: bot,
        content: { 'm.relates_to': { rel_type: 'm.reference', event_id: event } },
      },
    ])
    expect(see.noticesIn(profile).at(-1)).toBe('Final votes: Tea 1 · Coffee 0 · 1 person')
    const count = updates().length
    await flow.tell(bob.vote(id, actor, 'Coffee'))
    await flow.hours(30)
    expect([updates().length, ends().length]).toEqual([count, 1])
    expect(updates().filter((update) => 'closed' in update)).toHaveLength(1)
    expect(await below(event, 'poll 2h')).toBe(
      'This poll has ended already. Ask anew in another one.',
    )
  })

  test('can be moved both ways, over days', async () => {
    const { event } = await ask()
    await below(event, 'poll 5 days')
    await below(event, 'poll 10m')
    await below(event, 'poll 3d')
    await flow.hours(71)
    expect(ends()).toEqual([])
    expect(updates().filter((update) => 'closed' in update)).toEqual([])
    await below(event, 'poll 30 min')
    await flow.minutes(28)
    expect(ends()).toEqual([])
    await flow.minutes(4)
    expect(ends()).toHaveLength(1)
    expect(updates().at(-1)).toHaveProperty('closed')
    await flow.hours(60)
    expect(updates().filter((update) => 'closed' in update)).toHaveLength(1)
  })

  test('stays when the poll is edited', async () => {
    const { event } = await ask()
    await below(event, 'poll 1h')
    polling(alice, profile).edit(event, 'What now?', ['Tea', 'Beer'])
    await flow.quiet()
    expect(endOf(updates().at(-1))).toBe(endOf(updates()[0]))
    await flow.minutes(62)
    expect(updates().at(-1)).toMatchObject({
      closed: expect.any(String) as unknown,
      oneOf: [{ name: 'Tea' }, { name: 'Beer' }],
    })
  })

  test('may be now', async () => {
    const { event, id } = await ask()
    await flow.tell(bob.vote(id, actor, 'Coffee'))
    await below(event, 'poll 7d')
    expect(await below(event, 'poll end')).toBe('The poll ends now.')
    expect(ends()).toMatchObject([{ sender: bot }])
    expect(updates().at(-1)).toMatchObject({
      closed: expect.any(String) as unknown,
      votersCount: 1,
    })
    polling(alice, profile).end(event)
    await flow.hours(200)
    expect(updates().filter((update) => 'closed' in update)).toHaveLength(1)
  })

  test('comes in a private chat too, and to nobody else', async () => {
    const room = alice.createDm(flow.ghostOf(bob))
    await flow.quiet()
    const event = polling(alice, room).ask('Lunch?', ['Yes', 'No'])
    await flow.quiet()
    alice.send(room, {
      msgtype: 'm.text',
      body: '!ap poll 5m',
      'm.relates_to': { 'm.in_reply_to': { event_id: event } },
    })
    await flow.minutes(7)
    expect(see.noticesIn(room)).toContain('The poll ends in 5 minutes.')
    expect(flow.received(bob, 'Update')).toMatchObject([
      { to: [bob.id], object: { endTime: expect.any(String) as unknown } },
      { to: [bob.id], object: { closed: expect.any(String) as unknown } },
    ])
    expect(see.linesOf(room, pollTypes.end)).toHaveLength(1)
    expect(flow.received(carol)).toEqual([])
  })

  test('comes once when the bridge is away at that time', async () => {
    const { event, id } = await ask()
    await flow.tell(bob.vote(id, actor, 'Tea'))
    await below(event, 'poll 5m')
    for (const minutes of [4, 3, 3]) {
      flow.crash()
      await flow.minutes(minutes)
    }
    expect(ends()).toHaveLength(1)
    expect(updates().filter((update) => 'closed' in update)).toMatchObject([{ votersCount: 1 }])
  })

  test('comes once, at whatever step the bridge dies', async () => {
    let isOver = false
    for (let deadly = 0; !isOver; deadly += 1) {
      flow.close()
      let steps = -1
      await begin({
        crashesAt: () => {
          if (steps < 0) return false
          steps += 1
          return steps === deadly + 1
        },
      })
      const { event, id } = await ask()
      await flow.tell(bob.vote(id, actor, 'Tea'))
      steps = 0
      await below(event, 'poll 5m')
      await flow.minutes(10)
      const closed = updates().filter((update) => 'closed' in update)
      const ids = new Set(flow.received(bob, 'Update').map((update) => update['id']))
      // A count of its own, the end that is to come, the last count.
      expect([deadly, ends().length, ids.size, closed.at(-1)?.['votersCount']]).toEqual([
        deadly,
        1,
        3,
        1,
      ])
      expect(see.noticesIn(profile)).toEqual(
        expect.arrayContaining(['The poll ends in 5 minutes.']),
      )
      isOver = flow.crashes() === 0
      if (isOver) expect(deadly).toBeGreaterThan(5)
    }
  })
})

describe('what can have no end', () => {
  const refused = async (answer: Promise<string | undefined>, text: RegExp): Promise<void> => {
    const before = updates().length
    expect(await answer).toMatch(text)
    expect(updates()).toHaveLength(before)
  }

  test.each(['soon', '4m', '31d', '0h', '-5m', '99999d', '1.5h', '2w', 'end now', '5m 3'])(
    'a time like %s',
    async (time) => {
      const { event } = await ask()
      await refused(below(event, `poll ${time}`), /is no time that a poll can last.*`!ap poll 12h`/)
      expect(ends()).toEqual([])
    },
  )

  test('what is no poll, and what is nothing', async () => {
    const words = alice.say(profile, 'Words')
    await flow.quiet()
    await refused(below(words, 'poll 1h'), /^This is no poll\. Write it as a reply to your poll/)
    await refused(below('$nothing' as EventId, 'poll 1h'), /^Write it as a reply to your poll/)
    expect(await flow.command(alice, 'poll 1h')).toEqual([
      'Write it as a reply to your poll, in the room where the poll stands.',
    ])
    expect(await flow.command(alice, 'poll')).toEqual([
      expect.stringContaining('`poll <how long> | end`'),
    ])
  })

  test('the poll of somebody else, here or there', async () => {
    const { event } = await ask()
    const dave = flow.user('dave')
    await flow.publish(dave)
    alice.invite(profile, dave.userId)
    dave.join(profile)
    await flow.quiet()
    const notTheirs = /only who asks can end a poll/
    await refused(below(event, 'poll end', { user: dave }), notTheirs)
    const room = await flow.follow(alice, bob)
    await flow.tell(bob.ask(['Red', 'Blue'], { content: 'Which?' }))
    const theirs = see.pollIn(room).line.eventId
    await refused(below(theirs, 'poll 1h', { room }), notTheirs)
    expect(see.linesOf(room, pollTypes.end)).toEqual([])
    expect(ends()).toEqual([])
  })

  test('a poll that was deleted, also after its end was set', async () => {
    const { event } = await ask()
    await below(event, 'poll 10m')
    alice.redact(profile, event)
    await flow.quiet()
    const before = updates().length
    await flow.minutes(15)
    expect([updates().length, ends().length]).toEqual([before, 0])
    expect(await below(event, 'poll 10m')).toMatch(/^Write it as a reply to your poll/)
  })
})
