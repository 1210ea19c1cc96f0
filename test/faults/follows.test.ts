import { describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import { bot, createFlow, type Flow } from '../flows/setup.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { dieAtEveryStep } from './support/every-step.ts'
import { heard, textOf, typesOf } from './support/heard.ts'

const patience = 300_000

/** What the bot said in a room. */
const saidIn = (flow: Flow, roomId: RoomId): readonly string[] =>
  flow
    .messages(roomId)
    .filter(({ sender }) => sender === bot)
    .map(({ content }) => String(content['body']))

/** Who was made what in a room, one after another. */
const movesOf = ({ userId }: FakeUser, roomId: RoomId, flow: Flow): readonly unknown[] =>
  flow.homeserver
    .timeline(roomId)
    .filter(({ type, state_key }) => type === 'm.room.member' && state_key === userId)
    .map(({ content }) => (content as { membership: unknown }).membership)

const postsOf = (bob: Account): void => {
  for (const content of ['one', 'two', 'three']) bob.post({ content })
}

describe('whenever the bridge dies, a follow of ours', () => {
  async function newcomer(flow: Flow) {
    const alice = flow.user('alice')
    const bob = flow.account('bob', 'remote.example')
    postsOf(bob)
    return { alice, bob }
  }

  async function expectFollowed({ alice, bob }: { alice: FakeUser; bob: Account }, flow: Flow) {
    expect(typesOf(heard(flow, bob))).toEqual(['Follow'])
    expect([...bob.followers]).toEqual([await flow.actorOf(alice)])
    const portal = flow.portalOf(bob)
    expect(movesOf(alice, portal, flow)).toEqual(['invite'])
    await flow.tell(bob.post({ content: 'four' }))
    expect(flow.bodies(portal)).toEqual(['one', 'two', 'three', 'four'])
    expect(flow.homeserver.rooms()).toHaveLength(2)
  }

  test(
    'is asked for once, and opens one room with the backlog in order',
    async () => {
      const steps = await dieAtEveryStep({
        async given(flow) {
          const stage = await newcomer(flow)
          return { ...stage, chat: await flow.chat(stage.alice) }
        },
        when: ({ alice, bob, chat }) => void alice.say(chat, `follow ${bob.handle}`),
        async then(stage, flow) {
          await expectFollowed(stage, flow)
          expect(saidIn(flow, stage.chat)).toEqual([
            expect.stringMatching(/^Hello/),
            expect.stringMatching(/^On the fediverse you are now.*\nRequested to follow/),
            expect.stringMatching(/^Following/),
          ])
        },
      })
      expect(steps).toBeGreaterThan(20)
    },
    patience,
  )

  test(
    'also as the first words to the bot',
    async () => {
      const steps = await dieAtEveryStep({
        given: newcomer,
        when({ alice, bob }) {
          const chat = alice.createDm(bot)
          alice.say(chat, `follow ${bob.handle}`)
        },
        async then(stage, flow) {
          await expectFollowed(stage, flow)
          const [chat] = flow.homeserver.rooms()
          expect(chat === undefined ? [] : saidIn(flow, chat)).toHaveLength(3)
        },
      })
      expect(steps).toBeGreaterThan(20)
    },
    patience,
  )

  async function reader(flow: Flow) {
    const stage = await newcomer(flow)
    const portal = await flow.follow(stage.alice, stage.bob)
    return { ...stage, portal, chat: await flow.chat(stage.alice) }
  }

  test.each([
    ['by the command', 1],
    ['by leaving the room', 0],
  ])(
    'ends once %s',
    async (_, answers) => {
      const steps = await dieAtEveryStep({
        given: reader,
        when({ alice, bob, chat, portal }) {
          if (answers === 0) alice.leave(portal)
          else alice.say(chat, `unfollow ${bob.handle}`)
        },
        then({ alice, bob, chat, portal }, flow) {
          expect(typesOf(heard(flow, bob))).toEqual(['Follow', 'Undo'])
          expect(movesOf(alice, portal, flow)).toEqual(['invite', 'join', 'leave'])
          const ends = saidIn(flow, chat).filter((text) => text.startsWith('You no longer'))
          expect(ends).toHaveLength(answers)
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )

  test(
    'that is taken up again at once brings back into the room',
    async () => {
      const steps = await dieAtEveryStep({
        given: reader,
        when({ alice, bob, chat }) {
          alice.say(chat, `unfollow ${bob.handle}`)
          alice.say(chat, `follow ${bob.handle}`)
        },
        async then({ alice, bob, portal }, flow) {
          expect(typesOf(heard(flow, bob))).toEqual(['Follow', 'Undo', 'Follow'])
          expect([...bob.followers]).toHaveLength(1)
          expect(['join', 'invite']).toContain(movesOf(alice, portal, flow).at(-1))
          await flow.tell(bob.post({ content: 'four' }))
          expect(flow.bodies(portal)).toEqual(['one', 'two', 'three', 'four'])
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )

  test(
    'that is taken back while it is answered leaves nobody in the room',
    async () => {
      const steps = await dieAtEveryStep({
        async given(flow) {
          const stage = await reader(flow)
          await flow.command(stage.alice, `unfollow ${stage.bob.handle}`)
          return stage
        },
        when({ alice, bob, chat }, { time }) {
          alice.say(chat, `follow ${bob.handle}`)
          // The invite is under way when the follow ends.
          time.after(8, () => void alice.say(chat, `unfollow ${bob.handle}`))
        },
        then({ alice, bob, portal }, flow) {
          expect(typesOf(heard(flow, bob))).toEqual(['Follow', 'Undo', 'Follow', 'Undo'])
          expect(movesOf(alice, portal, flow).at(-1)).toBe('leave')
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )
})

test('an invite that comes true after the follow has ended is taken back', async () => {
  const flow = await createFlow()
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  const portal = await flow.follow(alice, bob)
  await flow.command(alice, `unfollow ${bob.handle}`)
  // As a bridge leaves it that dies before it can see that the invite is wanted no more.
  await flow.homeserver.http({
    method: 'POST',
    url: `http://hs.test/_matrix/client/v3/rooms/${encodeURIComponent(portal)}/invite`,
    headers: { authorization: 'Bearer as-secret' },
    body: Buffer.from(JSON.stringify({ user_id: alice.userId })),
    timeout: 1_000,
    maxBytes: 1_000,
  })
  expect(alice.rooms('invite')).toEqual([portal])
  await flow.quiet()
  expect(alice.rooms('invite')).toEqual([])
  flow.close()
})

describe('whenever the bridge dies, a follow of theirs', () => {
  async function publisher(flow: Flow) {
    const alice = flow.user('alice')
    const profile = await flow.publish(alice)
    const bob = flow.account('bob', 'remote.example')
    const actor = await flow.actorOf(alice)
    return { alice, profile, bob, actor, known: [...alice.rooms('join'), ...alice.rooms('invite')] }
  }

  const noticesFor = (alice: FakeUser, known: readonly RoomId[], flow: Flow) =>
    saidIn(flow, flow.newRoom(alice, known))

  test(
    'is answered and told once, and brings what is published',
    async () => {
      const steps = await dieAtEveryStep({
        given: publisher,
        when: ({ bob, actor }, { senders }) => senders.send(bob.follow(actor)),
        async then({ alice, profile, bob, known }, flow) {
          expect(typesOf(heard(flow, bob))).toEqual(['Accept'])
          expect(noticesFor(alice, known, flow)).toEqual([expect.stringMatching(/follows you now/)])
          alice.say(profile, 'hello')
          await flow.quiet()
          expect(heard(flow, bob).map(textOf)).toEqual([undefined, '<p>hello</p>'])
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )

  test(
    'ends once, and nothing goes there any more',
    async () => {
      const steps = await dieAtEveryStep({
        async given(flow) {
          const stage = await publisher(flow)
          const follow = stage.bob.follow(stage.actor)
          await flow.tell(follow)
          await flow.minutes(2)
          return { ...stage, follow }
        },
        when: ({ bob, follow }, { senders }) => senders.send(bob.undo(follow)),
        async then({ alice, profile, bob }, flow) {
          alice.say(profile, 'hello')
          await flow.quiet()
          expect(typesOf(heard(flow, bob))).toEqual(['Accept'])
        },
      })
      expect(steps).toBeGreaterThan(2)
    },
    patience,
  )

  test(
    'that is taken back and made again stands',
    async () => {
      const steps = await dieAtEveryStep({
        given: publisher,
        when({ bob, actor }, { senders }) {
          const follow = bob.follow(actor)
          senders.send(follow)
          senders.send(bob.undo(follow))
          senders.send(bob.follow(actor))
        },
        async then({ alice, profile, bob, known }, flow) {
          expect(typesOf(heard(flow, bob))).toEqual(['Accept', 'Accept'])
          // Half a minute later it is a new follower again.
          expect(noticesFor(alice, known, flow).length).toBeLessThanOrEqual(2)
          alice.say(profile, 'hello')
          await flow.quiet()
          expect(typesOf(heard(flow, bob))).toEqual(['Accept', 'Accept', 'Create'])
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )

  const halfMinute = 30_000
  const names = ['ann', 'ben', 'cyd', 'dan', 'eva', 'fay']

  test(
    'is told once, also when it comes at the moment at which the notice is written',
    async () => {
      const steps = await dieAtEveryStep({
        given: publisher,
        when({ actor }, flow) {
          const end = (Math.ceil(flow.time.now() / halfMinute) + 1) * halfMinute
          names.forEach((name, index) => {
            const account = flow.account(name, `${name}.example`)
            flow.time.at(end - 5 + 2 * index, () => flow.senders.send(account.follow(actor)))
          })
        },
        then({ alice, known }, flow) {
          const told = noticesFor(alice, known, flow).join('\n')
          for (const name of names)
            expect([name, told.split(`@${name}@`).length - 1]).toEqual([name, 1])
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )
})
