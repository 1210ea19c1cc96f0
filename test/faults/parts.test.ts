import { expect, test } from '@jest/globals'
import type { Account, Document, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import type { Flow } from '../flows/setup.ts'
import { dieAtEveryStep } from './support/every-step.ts'

type Given = {
  readonly alice: FakeUser
  readonly bob: Account
  readonly carl: Account
  readonly portal: RoomId
}

/** Alice reads Bob in his room. */
async function given(flow: Flow): Promise<Given> {
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  const carl = flow.account('carl', 'other.example')
  const portal = await flow.follow(alice, bob)
  return { alice, bob, carl, portal }
}

const paragraph = `<p>${'слово '.repeat(120)}</p>`

/** A post that takes several messages, which nobody tells. */
const long = (account: Account, inReplyTo?: string): Sent =>
  account.post({
    content: paragraph.repeat(60),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
  })

const textIn = ({ content }: { readonly content: Document }): string =>
  String(content['formatted_body'] ?? content['body'])

/** How many of its words stand in the room. */
function wordsIn(flow: Flow, roomId: RoomId): number {
  const texts = flow.messages(roomId).map((line) => textIn(line).match(/слово/g)?.length ?? 0)
  const parts = texts.filter((count) => count > 0)
  expect(parts.length).toBeGreaterThan(1)
  return parts.reduce((sum, count) => sum + count, 0)
}

const words = 120 * 60

test('a post that an answer brought stands whole, wherever the bridge dies', async () => {
  const steps = await dieAtEveryStep({
    given,
    when({ bob }, { senders }) {
      const root = long(bob)
      const answer = bob.post({ content: 'answer', inReplyTo: root.object })
      senders.send(answer)
    },
    then({ portal }, flow) {
      expect(wordsIn(flow, portal)).toBe(words)
      expect(flow.bodies(portal).at(-1)).toBe('answer')
    },
  })
  expect(steps).toBeGreaterThan(8)
})

test('a post that its author boosts stands whole, wherever the bridge dies', async () => {
  const steps = await dieAtEveryStep({
    given,
    when: ({ bob }, { senders }) => {
      senders.send(bob.boost(long(bob).object))
    },
    // A death at the very end leaves a line that names it below.
    then: ({ portal }, flow) => expect(wordsIn(flow, portal)).toBeGreaterThanOrEqual(words),
  })
  expect(steps).toBeGreaterThan(5)
})

test('a post that is opened stands whole, wherever the bridge dies', async () => {
  const steps = await dieAtEveryStep({
    async given(flow) {
      const stage = await given(flow)
      return { ...stage, chat: await flow.chat(stage.alice) }
    },
    when({ alice, carl, chat }) {
      alice.say(chat, `open ${long(carl).object}`)
    },
    then({ alice, chat, portal }, flow) {
      const notifications = flow.newRoom(alice, [chat, portal])
      expect(wordsIn(flow, notifications)).toBe(words)
    },
  })
  expect(steps).toBeGreaterThan(5)
})

test('older posts that are asked for stand whole, wherever the bridge dies', async () => {
  const steps = await dieAtEveryStep({
    async given(flow) {
      const stage = await given(flow)
      long(stage.bob)
      return stage
    },
    when: ({ alice, portal }) => void alice.say(portal, '!ap backfill 5'),
    then: ({ portal }, flow) => expect(wordsIn(flow, portal)).toBe(words),
  })
  expect(steps).toBeGreaterThan(5)
})

test('an old post that its author pins stands whole, wherever the bridge dies', async () => {
  const featured = 'https://remote.example/collections/bob'
  const steps = await dieAtEveryStep({
    given(flow) {
      flow.account('bob', 'remote.example').profile = { featured }
      return given(flow)
    },
    when({ bob }, { senders }) {
      const object = long(bob).object
      const id = `${bob.id}#pins/1`
      senders.send(bob.sign({ id, type: 'Add', actor: bob.id, object, target: featured }))
    },
    then: ({ portal }, flow) => expect(wordsIn(flow, portal)).toBe(words),
  })
  expect(steps).toBeGreaterThan(5)
})
