import { afterAll, beforeAll, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { followAll, followedByAll, type Rooms, startCompany } from './support/company.ts'
import type { ControlledPeer } from './support/control-peer.ts'
import { noteIn, receives } from './support/fediverse.ts'
import type { MatrixEvent } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { bodyOf, idOf, shown } from './support/scene.ts'
import type { SnacUser } from './support/snac.ts'
import type { Guest, Stack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const unstable = 'org.matrix.msc3381.poll'
/** Counts are told at the end of every third minute. */
const nextCount = 240_000

type Start = { readonly answers: readonly Readonly<Record<string, unknown>>[] }

const startOf = ({ content }: MatrixEvent): Start => content[`${unstable}.start`] as Start

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'polls', () => {
  let stack: Stack
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let anna: SnacUser
  let rooms: Rooms
  let profile: string
  let aliceId: string

  beforeAll(async () => {
    const company = await startCompany()
    ;({ stack, apex, fedify, alice, anna } = company)
    rooms = await followAll(company)
    ;({ profile, aliceId } = await followedByAll(company))
  })
  afterAll(() => stack.stop())

  const pollIn = (roomId: string, question: string): Promise<MatrixEvent> =>
    alice.client.waitFor(
      (event) =>
        event.room_id === roomId &&
        event.type === `${unstable}.start` &&
        JSON.stringify(event.content).includes(question),
      { what: `the poll "${question}"` },
    )

  const vote = (roomId: string, poll: MatrixEvent, name: string): Promise<string> => {
    const answer = startOf(poll).answers.find((one) => one['org.matrix.msc1767.text'] === name)
    const content = {
      'm.relates_to': { rel_type: 'm.reference', event_id: idOf(poll) },
      [`${unstable}.response`]: { answers: [answer?.['id']] },
    }
    return alice.client.send(roomId, content, `${unstable}.response`)
  }

  const text = (body: string) => ({ 'org.matrix.msc1767.text': body, body })

  const askInProfile = (question: string, answers: readonly string[]): Promise<string> => {
    const start = {
      kind: `${unstable}.disclosed`,
      max_selections: 1,
      question: text(question),
      answers: answers.map((name) => ({ id: name, ...text(name) })),
    }
    const content = { ...text(question), [`${unstable}.start`]: start }
    return alice.client.send(profile, content, `${unstable}.start`)
  }

  /** Whether snac's own page offers anna that choice. */
  const canVote = async (question: string, choice: string): Promise<boolean> => {
    await anna.reads(question)
    const [, post = ''] = (await anna.page()).split(question)
    return post.split('snac-post ')[0]?.includes(`value="${choice}"`) === true
  }

  /** Until snac has the last count, and an end that has passed. */
  const closedWith = (question: string, counts: string): Promise<true> =>
    waitUntil(`snac closes "${question}" with ${counts}`, async () => {
      const { poll } = await anna.reads(question)
      const there = poll?.options.map(({ title, votes_count }) => `${title} ${votes_count}`)
      return there?.join() === counts && Date.parse(poll?.expires_at ?? '') <= Date.now()
    })

  /** Whom the bridge has counted. */
  const votersOf = (poll: string): readonly unknown[] => {
    const database = new Sqlite(stack.databasePath, { readonly: true })
    const voters = database.prepare('select voter from vote where object = ?').pluck().all(poll)
    database.close()
    return voters
  }

  const endPoll = (pollId: string): Promise<string> => {
    const relation = { 'm.relates_to': { rel_type: 'm.reference', event_id: pollId } }
    const end = { ...relation, ...text('Ended'), [`${unstable}.end`]: {} }
    return alice.client.send(profile, end, `${unstable}.end`)
  }

  test.each(['carol', 'dora'] as const)('of %s take a vote of Matrix', async (name) => {
    const peer = name === 'carol' ? fedify : apex
    const { object } = await peer.ask(name, `What does ${name} ask?`, ['Tea', 'Coffee'])
    const poll = await pollIn(rooms[name], `What does ${name} ask?`)
    await vote(rooms[name], poll, 'Coffee')
    const create = await receives(peer, 'Create', '"name":"Coffee"')
    expect(create).toMatchObject({
      actor: aliceId,
      to: [peer.account(name).id],
      object: { type: 'Note', name: 'Coffee', inReplyTo: object },
    })
    expect(create.object).not.toHaveProperty('content')
  })

  test('of snac take a vote of Matrix, and snac counts it', async () => {
    await anna.ask('Does snac count?', ['Yes', 'No'])
    const poll = await pollIn(rooms.anna, 'Does snac count?')
    await vote(rooms.anna, poll, 'Yes')
    const counted = await waitUntil('a vote at snac', async () => {
      const { poll: there } = await anna.reads('Does snac count?')
      return there?.options.some(({ votes_count }) => votes_count === 1) === true && there
    })
    expect(counted.options).toMatchObject([
      { title: 'Yes', votes_count: 1 },
      { title: 'No', votes_count: 0 },
    ])
  })

  test(
    'of Matrix count the votes of all, name nobody, and end',
    async () => {
      const pollId = await askInProfile('What do you drink?', ['Tea', 'Coffee'])
      const { id } = noteIn(await receives(fedify, 'Create', 'What do you drink?'))
      await receives(apex, 'Create', 'What do you drink?')
      const poll = { id, by: aliceId }
      await fedify.vote('carol', poll, 'Tea')
      await apex.vote('dora', poll, 'Coffee')
      await anna.vote(await anna.reads('What do you drink?'), aliceId, 'Tea')
      const notice = await alice.client.waitFor(
        (event) => event.room_id === profile && bodyOf(event).includes('3 people'),
        { what: 'the count', timeout: nextCount },
      )
      expect(bodyOf(notice)).toContain('Votes: Tea 2 · Coffee 1 · 3 people')
      await endPoll(pollId)
      for (const peer of [fedify, apex])
        expect(await receives(peer, 'Update', '"closed"')).toMatchObject({
          object: {
            id,
            oneOf: [
              { name: 'Tea', replies: { totalItems: 2 } },
              { name: 'Coffee', replies: { totalItems: 1 } },
            ],
          },
        })
      // snac hears of the end too, and of the votes that it did not see.
      await closedWith('What do you drink?', 'Tea 2,Coffee 1')
      const said = (await alice.client.messages(profile)).map(({ sender }) => sender)
      expect(said.filter((sender) => sender.startsWith('@_ap_'))).toEqual([])
    },
    nextCount + 120_000,
  )

  test('of Matrix get a time to end, are ended before it, and snac sees both', async () => {
    const pollId = await askInProfile('Until when?', ['Early', 'Late'])
    const opened = await anna.reads('Until when?')
    expect(await canVote('Until when?', 'Early')).toBe(true)
    const before = Date.now()
    await alice.client.reply(profile, pollId, '!ap poll 2h')
    await shown(alice.client, profile, 'The poll ends in 2 hours.')
    const { object } = await receives(fedify, 'Update', 'Until when?')
    const { endTime } = object as { endTime: string }
    expect(Math.abs(Date.parse(endTime) - before - 7_200_000)).toBeLessThan(120_000)
    const toEnd = await waitUntil('the time at snac', async () => {
      const { poll: there } = await anna.reads('Until when?')
      return typeof there?.expires_at === 'string' && there
    })
    expect(Math.abs(Date.parse(toEnd.expires_at) - Date.parse(endTime))).toBeLessThan(1_000)
    expect(await canVote('Until when?', 'Early')).toBe(true)
    await anna.vote(opened, aliceId, 'Late')
    const { id } = object as { id: string }
    await waitUntil('the vote of anna', () => votersOf(id).includes(anna.id))
    await alice.client.reply(profile, pollId, '!ap poll end')
    await alice.client.waitFor(
      ({ type, content }) => type === `${unstable}.end` && JSON.stringify(content).includes(pollId),
      { what: 'the end of the poll' },
    )
    await closedWith('Until when?', 'Early 0,Late 1')
    expect(await canVote('Until when?', 'Early')).toBe(false)
  })
})
