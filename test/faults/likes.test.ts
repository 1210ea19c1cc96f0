import { describe, expect, test } from '@jest/globals'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { Flow } from '../flows/setup.ts'
import { dieAtEveryStep } from './support/every-step.ts'
import { heard } from './support/heard.ts'

const patience = 300_000

const likesOf = (flow: Flow, account: Account): readonly Document[] =>
  heard(flow, account).filter(({ type }) => type === 'Like' || type === 'Undo')

describe('whenever the bridge dies, a reaction is one Like, and one Undo when it is taken back', () => {
  async function given(flow: Flow) {
    const alice = flow.user('alice')
    const bob = flow.account('bob', 'remote.example')
    const portal = await flow.follow(alice, bob)
    const post = bob.post({ content: 'one' })
    await flow.tell(post)
    return { alice, bob, portal, post, shown: flow.eventOf(portal, 'one') }
  }

  test(
    'a reaction with two keys',
    async () => {
      const steps = await dieAtEveryStep({
        given,
        when({ alice, portal, shown }) {
          alice.react(portal, shown, '👍')
          alice.react(portal, shown, '❤️')
        },
        then: ({ bob, post }, flow) =>
          expect(likesOf(flow, bob)).toMatchObject([{ type: 'Like', object: post.object }]),
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )

  test(
    'taken back and given again',
    async () => {
      let first: EventId
      const steps = await dieAtEveryStep({
        async given(flow) {
          const stage = await given(flow)
          first = stage.alice.react(stage.portal, stage.shown, '👍')
          await flow.quiet()
          return stage
        },
        when({ alice, portal, shown }) {
          alice.redact(portal, first)
          alice.react(portal, shown, '👍')
        },
        then({ bob, post }, flow) {
          const [like, undo, again, ...more] = likesOf(flow, bob)
          expect(like).toMatchObject({ type: 'Like', object: post.object })
          expect(undo).toMatchObject({ type: 'Undo', object: { type: 'Like', id: like?.['id'] } })
          expect(again).toMatchObject({ type: 'Like', object: post.object })
          expect(more).toEqual([])
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )
})

/** Reactions that stand, with who gave them. */
const reactionsIn = (flow: Flow, roomId: RoomId) =>
  flow
    .messages(roomId)
    .filter(({ type, content }) => type === 'm.reaction' && 'm.relates_to' in content)
    .map(({ sender }) => sender)

/** The texts of each notice that counts, as it was sent and edited. */
const countsIn = (flow: Flow, roomId: RoomId): readonly string[] =>
  flow.bodies(roomId).filter((body) => /^(\* )?❤️/.test(body))

describe('whenever the bridge dies, each Like counts once', () => {
  test(
    'as the reaction of somebody who is in the room, and no more once it is taken back',
    async () => {
      const steps = await dieAtEveryStep({
        async given(flow) {
          const alice = flow.user('alice')
          const bob = flow.account('bob', 'remote.example')
          const chat = alice.createDm(flow.ghostOf(bob))
          await flow.quiet()
          alice.say(chat, 'hello')
          alice.say(chat, 'hello again')
          await flow.quiet()
          const objects = heard(flow, bob).map(({ object }) => (object as { id: string }).id)
          const like = bob.like(objects[0] ?? '')
          await flow.tell(like)
          return { bob, chat, like, next: objects[1] ?? '' }
        },
        when({ bob, like, next }, { senders }) {
          senders.send(bob.undo(like))
          senders.send(bob.like(next))
        },
        then({ bob, chat }, flow) {
          expect(reactionsIn(flow, chat)).toEqual([flow.ghostOf(bob)])
          const [reaction] = flow.messages(chat).filter(({ content }) => 'm.relates_to' in content)
          expect(reaction?.content['m.relates_to']).toMatchObject({
            event_id: flow.eventOf(chat, 'hello again'),
          })
          expect(countsIn(flow, chat)).toEqual([])
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )

  const minute = 60_000
  const names = ['ann', 'ben', 'cyd', 'dan', 'eva', 'fay']

  test(
    'in one notice, also when they come at the moment at which it is written',
    async () => {
      const steps = await dieAtEveryStep({
        async given(flow) {
          const alice = flow.user('alice')
          const profile = await flow.publish(alice)
          const accounts = names.map((name) => flow.account(name, `${name}.example`))
          for (const account of accounts) await flow.gain(alice, account)
          alice.say(profile, 'hello')
          await flow.minutes(2)
          const [ann] = accounts
          const [create] = ann === undefined ? [] : flow.received(ann, 'Create')
          return { profile, accounts, object: (create?.['object'] as { id: string }).id }
        },
        async when({ accounts, object }, flow) {
          const { time, senders } = flow
          const end = Math.ceil(time.now() / minute) * minute
          const [first, ...others] = accounts
          if (first !== undefined) senders.send(first.like(object))
          others.forEach((account, index) =>
            time.at(end - 4 + 2 * index, () => senders.send(account.like(object))),
          )
        },
        then({ profile }, flow) {
          const [original, ...edits] = countsIn(flow, profile)
          expect(original).toMatch(/^❤️/)
          expect(edits.filter((body) => !body.startsWith('* '))).toEqual([])
          expect([original, ...edits].at(-1)).toMatch(/❤️ 6$/)
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )
})
