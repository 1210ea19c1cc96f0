import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'
import { polling, pollTypes, seeingPolls } from './polls.ts'

let flow: Flow
let see: ReturnType<typeof seeingPolls>
let alice: FakeUser
let bob: Account
let carol: Account

beforeEach(async () => {
  flow = await createFlow()
  see = seeingPolls(flow)
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carol = flow.account('carol', 'other.example')
})
afterEach(() => flow.close())

type Json = Readonly<Record<string, unknown>>

describe('a poll of a Matrix user', () => {
  let profile: RoomId
  let actor: string
  beforeEach(async () => {
    profile = await flow.publish(alice)
    actor = await flow.actorOf(alice)
    await flow.gain(alice, bob)
  })

  const ask = async (...given: Parameters<ReturnType<typeof polling>['ask']>): Promise<EventId> => {
    const event = polling(alice, profile).ask(...given)
    await flow.quiet()
    return event
  }
  const question = (): { id: string } & Json => {
    const [create] = flow.received(bob, 'Create')
    return create?.['object'] as { id: string } & Json
  }
  const updates = () => flow.received(bob, 'Update').map(({ object }) => object)

  test('is a Question', async () => {
    await ask('What do you drink?', ['Tea', 'Coffee'], { most: 2 })
    expect(question()).toMatchObject({
      type: 'Question',
      content: '<p>What do you drink?</p>',
      anyOf: [
        { type: 'Note', name: 'Tea', replies: { type: 'Collection', totalItems: 0 } },
        { type: 'Note', name: 'Coffee', replies: { type: 'Collection', totalItems: 0 } },
      ],
      votersCount: 0,
    })
    expect(question()).not.toHaveProperty('oneOf')
    expect(question()).not.toHaveProperty('closed')
  })

  test('has custom emoji in its answers as names, which votes name too', async () => {
    const picture = '<img data-mx-emoticon src="mxc://hs.example/blob" alt=":blob:">'
    const texts = (plain: string, html?: string) => [
      { body: plain },
      ...(html === undefined ? [] : [{ mimetype: 'text/html', body: html }]),
    ]
    const answers = [
      { 'm.id': 'a', 'm.text': texts(':blob: Tea', `${picture} Tea`) },
      { 'm.id': 'b', 'm.text': texts('Coffee') },
    ]
    const asked = { kind: 'm.disclosed', question: { 'm.text': texts('What?') }, answers }
    alice.send(profile, { 'm.text': texts('What?'), 'm.poll': asked }, 'm.poll.start')
    await flow.quiet()
    const { id, ...rest } = question()
    expect(rest).toMatchObject({
      oneOf: [{ name: ':blob: Tea' }, { name: 'Coffee' }],
      tag: [{ type: 'Emoji', name: ':blob:' }],
    })
    await flow.tell(bob.vote(id, actor, ':blob: Tea'))
    await flow.minutes(4)
    expect(updates().at(-1)).toMatchObject({
      oneOf: [{ name: ':blob: Tea', replies: { totalItems: 1 } }, { name: 'Coffee' }],
    })
  })

  test('counts votes of both sides, each voter once, and names nobody', async () => {
    const event = await ask('What?', ['Tea', 'Coffee'])
    const { id } = question()
    await flow.tell(bob.vote(id, actor, 'Tea'), bob.vote(id, actor, 'Coffee'))
    await flow.tell(carol.vote(id, actor, 'Beer'), carol.vote(id, actor, 'Coffee', 'Tea'))
    const { vote } = polling(alice, profile)
    vote(event, 'tea')
    vote(event, 'coffee')
    await flow.quiet()
    expect(updates()).toEqual([])
    await flow.minutes(4)
    expect(updates()).toMatchObject([
      {
        type: 'Question',
        oneOf: [
          { name: 'Tea', replies: { totalItems: 1 } },
          { name: 'Coffee', replies: { totalItems: 2 } },
        ],
        votersCount: 3,
      },
    ])
    expect(updates()[0]).not.toHaveProperty('updated')
    // Who voted hears the count too, though they do not follow.
    expect(flow.received(carol, 'Update')).toHaveLength(1)
    expect(see.noticesIn(profile).at(-1)).toBe('Votes: Tea 1 · Coffee 2 · 3 people')
    const said = JSON.stringify(flow.messages(profile))
    for (const voter of [bob, carol]) expect(said).not.toContain(flow.ghostOf(voter))
    await flow.minutes(10)
    expect(updates()).toHaveLength(1)
  })

  test('goes with the poll', async () => {
    const event = await ask('What?', ['Tea', 'Coffee'])
    await flow.tell(bob.vote(question().id, actor, 'Tea'))
    await flow.minutes(4)
    expect(see.noticesIn(profile)).toEqual(['Votes: Tea 1 · Coffee 0 · 1 person'])
    alice.redact(profile, event)
    await flow.minutes(4)
    expect(JSON.stringify(flow.messages(profile))).not.toContain('Coffee')
  })

  test('is told at most every three minutes', async () => {
    await ask('What?', ['Tea', 'Coffee'])
    const { id } = question()
    const start = flow.time.now()
    for (let number = 0; number < 12; number++) {
      const voter = flow.account(`voter${number}`, 'many.example')
      await flow.tell(voter.vote(id, actor, 'Tea'))
      await flow.minutes(1)
    }
    await flow.minutes(4)
    const most = Math.ceil((flow.time.now() - start) / 180_000) + 1
    expect(updates().length).toBeLessThanOrEqual(most)
    expect(updates().at(-1)).toMatchObject({ votersCount: 12 })
    expect(see.noticesIn(profile).at(-1)).toBe('Votes: Tea 12 · Coffee 0 · 12 people')
    expect(
      flow.messages(profile).filter(({ content }) => 'm.new_content' in content).length + 1,
    ).toBe(updates().length)
  })

  test('takes the votes of its followers only where only they can read it', async () => {
    await flow.command(alice, 'settings visibility followers')
    await ask('What?', ['Tea', 'Coffee'])
    const { id } = question()
    await flow.tell(carol.vote(id, actor, 'Tea'), bob.vote(id, actor, 'Coffee'))
    await flow.minutes(4)
    expect(updates()).toMatchObject([
      { oneOf: [{ replies: { totalItems: 0 } }, { replies: { totalItems: 1 } }], votersCount: 1 },
    ])
    expect(flow.received(carol)).toEqual([])
  })

  test('ends when its author ends it', async () => {
    const event = await ask('What?', ['Tea', 'Coffee'])
    const { id } = question()
    await flow.tell(bob.vote(id, actor, 'Tea'))
    polling(alice, profile).end(event)
    await flow.quiet()
    await flow.tell(carol.vote(id, actor, 'Coffee'))
    await flow.minutes(4)
    expect(updates()).toMatchObject([
      { closed: expect.any(String) as unknown, votersCount: 1, oneOf: [{ name: 'Tea' }, {}] },
    ])
    expect(see.linesOf(profile, pollTypes.end)).toHaveLength(1)
    expect(see.noticesIn(profile).at(-1)).toBe('Final votes: Tea 1 · Coffee 0 · 1 person')
  })

  test('that is secret tells its counts at the end', async () => {
    const event = await ask('What?', ['Tea', 'Coffee'], { kind: 'undisclosed' })
    const { id } = question()
    await flow.tell(bob.vote(id, actor, 'Tea'))
    await flow.minutes(10)
    expect(updates()).toEqual([])
    expect(flow.messages(profile)).toHaveLength(1)
    polling(alice, profile).end(event)
    await flow.quiet()
    expect(updates()).toMatchObject([
      { votersCount: 1, oneOf: [{ replies: { totalItems: 1 } }, {}] },
    ])
  })

  test('that is edited asks anew and forgets the votes', async () => {
    const event = await ask('What?', ['Tea', 'Coffee'])
    const { id } = question()
    await flow.tell(bob.vote(id, actor, 'Tea'))
    await flow.minutes(4)
    polling(alice, profile).edit(event, 'What now?', ['Tea', 'Beer'])
    await flow.quiet()
    expect(updates().at(-1)).toMatchObject({
      id,
      content: '<p>What now?</p>',
      updated: expect.any(String) as unknown,
      oneOf: [
        { name: 'Tea', replies: { totalItems: 0 } },
        { name: 'Beer', replies: { totalItems: 0 } },
      ],
    })
    await flow.tell(bob.vote(id, actor, 'Beer'))
    await flow.minutes(4)
    expect(updates().at(-1)).toMatchObject({ oneOf: [{}, { replies: { totalItems: 1 } }] })
  })

  test('forgets a vote that is taken out of the room', async () => {
    const event = await ask('What?', ['Tea', 'Coffee'])
    const { id } = question()
    const cast = polling(alice, profile).vote(event, 'tea')
    await flow.tell(bob.vote(id, actor, 'Coffee'))
    alice.redact(profile, cast)
    await flow.minutes(4)
    expect(updates().at(-1)).toMatchObject({
      votersCount: 1,
      oneOf: [{ replies: { totalItems: 0 } }, {}],
    })
  })

  test('keeps a vote whatever is said of it in another room', async () => {
    const event = await ask('What?', ['Tea', 'Coffee'])
    const cast = polling(alice, profile).vote(event, 'tea')
    await flow.quiet()
    const dave = flow.user('dave')
    dave.redact(await flow.chat(dave), cast)
    await flow.minutes(4)
    expect(updates().at(-1)).toMatchObject({
      votersCount: 1,
      oneOf: [{ replies: { totalItems: 1 } }, {}],
    })
  })
})

test('polls cross in a private chat, and as answers', async () => {
  const chat = alice.createDm(flow.ghostOf(bob))
  await flow.quiet()
  const mine = polling(alice, chat).ask('Lunch?', ['Yes', 'No'])
  await flow.quiet()
  const [create] = flow.received(bob, 'Create')
  const actor = await flow.actorOf(alice)
  expect(create).toMatchObject({ to: [bob.id], object: { type: 'Question', to: [bob.id] } })
  const { id } = create?.['object'] as { id: string }
  await flow.tell(
    bob.vote(id, actor, 'Yes'),
    bob.ask(['12', '13'], {
      content: 'When?',
      visibility: 'direct',
      mentions: [{ id: actor, name: '@alice' }],
      inReplyTo: id,
    }),
  )
  const theirs = see.linesOf(chat, pollTypes.start).at(-1)
  expect(theirs?.content).toMatchObject({ body: 'When?\n1. 12\n2. 13' })
  await flow.minutes(4)
  expect(see.noticesIn(chat).at(-1)).toBe('Votes: Yes 1 · No 0 · 1 person')
  const answer = polling(alice, chat).ask('Where?', ['Here', 'There'], {
    relation: { 'm.in_reply_to': { event_id: theirs?.eventId } },
  })
  await flow.quiet()
  expect(see.createdFor(bob).at(-1)).toMatchObject({
    type: 'Question',
    inReplyTo: expect.any(String),
  })
  expect(new Set([mine, answer]).size).toBe(2)
})
