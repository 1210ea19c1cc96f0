import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'
import { polling, pollTypes, seeingPolls } from './polls.ts'

let flow: Flow
let see: ReturnType<typeof seeingPolls>
let alice: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  see = seeingPolls(flow)
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

const counted = (object: string, tea: number, coffee: number): Sent =>
  bob.amend(object, {
    oneOf: [
      { type: 'Note', name: 'Tea', replies: { type: 'Collection', totalItems: tea } },
      { type: 'Note', name: 'Coffee', replies: { type: 'Collection', totalItems: coffee } },
    ],
    votersCount: tea + coffee,
  })

test('a poll that comes into another room later tells there how many voted so far', async () => {
  const home = await flow.followHome(alice, bob)
  const sent = bob.ask(['Tea', 'Coffee'], { content: 'What?' })
  await flow.tell(sent, counted(sent.object, 2, 1))
  await flow.minutes(4)
  await flow.command(alice, `home remove ${bob.handle}`)
  await flow.minutes(4)
  const votes = ['Votes: Tea 2 · Coffee 1 · 3 people']
  expect(see.noticesIn(flow.portalOf(bob))).toEqual(votes)
  expect(see.noticesIn(home)).toEqual(votes)
})

describe('a poll of the fediverse', () => {
  let portal: RoomId
  beforeEach(async () => {
    portal = await flow.follow(alice, bob)
  })

  const asked = async (...options: Parameters<Account['ask']>): Promise<Sent> => {
    const sent = bob.ask(...options)
    await flow.tell(sent)
    return sent
  }

  test('is a poll, and a vote goes to who asks alone', async () => {
    const { object } = await asked(['Tea', 'Coffee'], { content: 'What do you drink?' })
    const { line, start, idOf } = see.pollIn(portal)
    expect(line).toMatchObject({ sender: flow.ghostOf(bob) })
    expect(line.content).toMatchObject({
      body: 'What do you drink?\n1. Tea\n2. Coffee',
      'm.text': [{ body: 'What do you drink?\n1. Tea\n2. Coffee' }],
    })
    expect(start).toMatchObject({
      max_selections: 1,
      question: { 'org.matrix.msc1767.text': 'What do you drink?' },
    })
    expect(flow.messages(portal)).toHaveLength(1)
    polling(alice, portal).vote(line.eventId, idOf('Coffee'))
    await flow.quiet()
    const actor = await flow.actorOf(alice)
    expect(flow.received(bob, 'Create')).toMatchObject([
      {
        actor,
        to: [bob.id],
        cc: [],
        object: { type: 'Note', name: 'Coffee', inReplyTo: object, attributedTo: actor },
      },
    ])
    expect(see.createdFor(bob)[0]).not.toHaveProperty('content')
    expect(await flow.store.outboxCount(actor as never)).toBe(0)
    expect(await flow.store.repliesCount(object as never)).toBe(0)
  })

  test('that a post has since an edit follows in its thread, once, and takes votes', async () => {
    const sent = bob.post({ content: 'Hungry?' })
    await flow.tell(sent)
    const option = (name: string, votes: number) => ({
      ...{ type: 'Note', name },
      replies: { type: 'Collection', totalItems: votes },
    })
    const becomes = (votes: number) =>
      bob.amend(sent.object, {
        type: 'Question',
        oneOf: [option('Yes', votes), option('No', 0)],
      })
    await flow.tell(becomes(0))
    const { line, idOf } = see.pollIn(portal)
    const [post] = flow.messages(portal)
    expect(line.content['m.relates_to']).toMatchObject({
      rel_type: 'm.thread',
      event_id: post?.eventId,
    })
    await flow.tell(becomes(2))
    expect(see.linesOf(portal, pollTypes.start)).toHaveLength(1)
    polling(alice, portal).vote(line.eventId, idOf('Yes'))
    await flow.quiet()
    expect(see.createdFor(bob)).toMatchObject([{ name: 'Yes', inReplyTo: sent.object }])
  })

  test('with more than a question is its text first, and the poll after it', async () => {
    await asked(['Yes', 'No'], {
      content: 'Shall we <a href="https://a.example/plan">do this plan</a>?',
      isMultiple: true,
    })
    expect(flow.messages(portal).map(({ type }) => type)).toEqual([
      'm.room.message',
      pollTypes.start,
    ])
    const { line, start, idOf } = see.pollIn(portal)
    expect(start).toMatchObject({
      max_selections: 2,
      question: { 'org.matrix.msc1767.text': 'Shall we do this plan?' },
    })
    polling(alice, portal).vote(line.eventId, idOf('Yes'), idOf('No'))
    await flow.quiet()
    expect(see.createdFor(bob)).toMatchObject([{ name: 'Yes' }, { name: 'No' }])
  })

  test('takes the first vote, and says so once', async () => {
    await asked(['Tea', 'Coffee'], { content: 'What?' })
    const { line, idOf } = see.pollIn(portal)
    const { vote } = polling(alice, portal)
    for (const name of ['Tea', 'Coffee', 'Tea', 'Coffee']) {
      vote(line.eventId, idOf(name))
      await flow.quiet()
    }
    expect(see.createdFor(bob)).toMatchObject([{ name: 'Tea' }])
    expect(see.noticesIn(portal)).toEqual([
      'Your first vote counts: the fediverse takes no vote back.',
    ])
  })

  test('with several choices takes more of them later', async () => {
    await asked(['Tea', 'Coffee', 'Milk'], { content: 'What?', isMultiple: true })
    const { line, idOf } = see.pollIn(portal)
    const { vote } = polling(alice, portal)
    vote(line.eventId, idOf('Tea'))
    vote(line.eventId, idOf('Tea'), idOf('Milk'))
    await flow.quiet()
    expect(see.createdFor(bob)).toMatchObject([{ name: 'Tea' }, { name: 'Milk' }])
    expect(see.noticesIn(portal)).toEqual([])
  })

  test('refuses what nobody offered and what comes late', async () => {
    const endTime = new Date(flow.time.now() + 600_000).toISOString()
    await asked(['Tea', 'Coffee'], { content: 'What?', extra: { endTime } })
    const { line, idOf } = see.pollIn(portal)
    const { vote } = polling(alice, portal)
    vote(line.eventId, 'beer')
    await flow.minutes(11)
    vote(line.eventId, idOf('Tea'))
    await flow.quiet()
    expect(see.createdFor(bob)).toEqual([])
    expect(see.noticesIn(portal)).toEqual([
      'Not counted: the poll was changed. Vote again.',
      'Not counted: this poll has ended.',
    ])
  })

  test('tells its counts in one notice that is edited, and nothing else', async () => {
    const { object } = await asked(['Tea', 'Coffee'], { content: 'What?' })
    await flow.tell(counted(object, 1, 0), counted(object, 2, 1))
    expect(flow.messages(portal)).toHaveLength(1)
    await flow.minutes(4)
    await flow.tell(counted(object, 2, 2))
    await flow.minutes(4)
    await flow.tell(counted(object, 2, 2))
    await flow.minutes(4)
    expect(see.noticesIn(portal)).toEqual([
      'Votes: Tea 2 · Coffee 1 · 3 people',
      'Votes: Tea 2 · Coffee 2 · 4 people',
    ])
    const { eventId } = see.pollIn(portal).line
    expect(flow.messages(portal)[1]?.content['m.relates_to']).toMatchObject({
      rel_type: 'm.thread',
      event_id: eventId,
    })
    expect(see.linesOf(portal, pollTypes.start)).toHaveLength(1)
  })

  test('is ended by its server, with the last count', async () => {
    const { object } = await asked(['Tea', 'Coffee'], { content: 'What?' })
    const closed = new Date(flow.time.now()).toISOString()
    await flow.tell(
      bob.amend(object, {
        oneOf: [
          { type: 'Note', name: 'Tea', replies: { type: 'Collection', totalItems: 1 } },
          { type: 'Note', name: 'Coffee', replies: { type: 'Collection', totalItems: 0 } },
        ],
        votersCount: 1,
        closed,
      }),
    )
    expect(see.linesOf(portal, pollTypes.end)).toMatchObject([
      {
        sender: flow.ghostOf(bob),
        content: {
          'm.relates_to': { rel_type: 'm.reference', event_id: see.pollIn(portal).line.eventId },
        },
      },
    ])
    expect(see.noticesIn(portal)).toEqual(['Final votes: Tea 1 · Coffee 0 · 1 person'])
  })

  test('is ended when its time has come, with what its server counted', async () => {
    const endTime = new Date(flow.time.now() + 3 * 86_400_000).toISOString()
    const { object } = await asked(['Tea', 'Coffee'], { content: 'What?', extra: { endTime } })
    bob.amend(object, {
      oneOf: [
        { type: 'Note', name: 'Tea', replies: { type: 'Collection', totalItems: 0 } },
        { type: 'Note', name: 'Coffee', replies: { type: 'Collection', totalItems: 7 } },
      ],
      votersCount: 7,
    })
    await flow.hours(71)
    expect(see.linesOf(portal, pollTypes.end)).toEqual([])
    await flow.hours(2)
    expect(see.linesOf(portal, pollTypes.end)).toHaveLength(1)
    expect(see.noticesIn(portal)).toEqual(['Final votes: Tea 0 · Coffee 7 · 7 people'])
  })

  test('keeps its last count when what it quotes changes', async () => {
    const carol = flow.account('carol', 'other.example')
    const quoted = carol.post({ content: 'Tea is good' })
    const endTime = new Date(flow.time.now() + 3_600_000).toISOString()
    const extra = { endTime, quoteUrl: quoted.object }
    const { object } = await asked(['Tea', 'Coffee'], { content: 'What?', extra })
    const replies = { type: 'Collection', totalItems: 7 }
    const oneOf = ['Tea', 'Coffee'].map((name) => ({ type: 'Note', name, replies }))
    bob.amend(object, { oneOf, votersCount: 14 })
    await flow.hours(2)
    await flow.tell(carol.edit(quoted.object, 'Coffee is good'))
    await flow.minutes(4)
    expect(JSON.stringify(flow.messages(portal))).toContain('> Coffee is good')
    expect(see.noticesIn(portal)).toEqual(['Final votes: Tea 7 · Coffee 7 · 14 people'])
  })

  test('that asks something else takes votes anew', async () => {
    const { object } = await asked(['Tea', 'Coffee'], { content: 'What?' })
    const { line, idOf } = see.pollIn(portal)
    const { vote } = polling(alice, portal)
    vote(line.eventId, idOf('Tea'))
    await flow.quiet()
    const updated = new Date(flow.time.now()).toISOString()
    const option = (name: string) => ({ type: 'Note', name, replies: { totalItems: 0 } })
    await flow.tell(bob.amend(object, { updated, oneOf: [option('Tea'), option('Beer')] }))
    const edit = see.linesOf(portal, pollTypes.start).at(-1)?.content
    expect(edit).toMatchObject({
      'm.relates_to': { rel_type: 'm.replace', event_id: line.eventId },
      'm.new_content': { body: 'What?\n1. Tea\n2. Beer' },
    })
    vote(line.eventId, idOf('Tea'))
    await flow.quiet()
    expect(see.createdFor(bob)).toMatchObject([{ name: 'Tea' }, { name: 'Tea' }])
  })

  test('goes with its post', async () => {
    const { object } = await asked(['Tea', 'Coffee'], { content: '<b>What?</b>' })
    await flow.tell(bob.delete(object))
    const posted = flow.messages(portal).filter(({ type }) => type !== 'm.room.redaction')
    expect(posted.map(({ content }) => content)).toEqual([{}, {}])
  })

  test('takes along what was told of its votes', async () => {
    const { object } = await asked(['Tea', 'Coffee'], { content: 'What?' })
    for (const totalItems of [1, 2]) {
      const replies = { type: 'Collection', totalItems }
      const oneOf = ['Tea', 'Coffee'].map((name) => ({ type: 'Note', name, replies }))
      await flow.tell(bob.amend(object, { oneOf }))
      await flow.minutes(4)
    }
    expect(see.noticesIn(portal)).toHaveLength(2)
    await flow.tell(bob.delete(object))
    await flow.minutes(4)
    expect(JSON.stringify(flow.messages(portal))).not.toContain('Coffee')
  })
})
