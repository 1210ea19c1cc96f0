import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account, Document, Sent } from '../fakes/fediverse.ts'
import { everybody } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let bob: Account
let dora: Account
let portal: RoomId
let post: string

beforeEach(async () => {
  flow = await createFlow()
  bob = flow.account('bob', 'streams.example')
  dora = flow.account('dora', 'other.example')
  portal = await flow.follow(flow.user('alice'), bob)
  const sent = bob.post({ content: 'what do you think?' })
  post = sent.object
  await flow.tell(sent)
})
afterEach(() => flow.close())

let count = 0
/** As whoever began a conversation tells the others what was done in it (FEP-171b). */
const add = (by: Account, object: unknown): Sent => {
  const container = `${by.id}/conversations/1`
  return by.sign({
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: `${by.id}/adds/${++count}`,
    type: 'Add',
    actor: by.id,
    to: [everybody],
    object,
    target: { type: 'OrderedCollection', id: container, attributedTo: by.id },
  })
}
/** Its activity is there for whoever asks. */
function answer(): Sent {
  const sent = dora.post({ content: 'well done', inReplyTo: post })
  const bytes = Buffer.from(JSON.stringify(sent.activity))
  const { files } = flow.fediverse.server('other.example')
  files.set(new URL(sent.id).pathname, { bytes, type: 'application/activity+json' })
  return sent
}
const said = () => flow.bodies(portal).join('\n')

test.each<[string, (activity: Document) => unknown]>([
  ['inside', (activity) => activity],
  ['by its id alone', (activity) => activity['id']],
])('an answer that was sent to its owner alone stands in the thread: %s', async (_, told) => {
  await flow.tell(add(bob, told(answer().activity)))
  await flow.minutes(2)
  expect(said()).toContain('well done')
})

test('an answer that came by itself as well stands there once', async () => {
  const sent = answer()
  await flow.tell(add(bob, sent.activity), sent, add(bob, sent.activity))
  await flow.minutes(2)
  expect(said().split('well done')).toHaveLength(2)
})

test('what its owner says of an answer is never believed', async () => {
  const { activity } = answer()
  const object = { ...(activity['object'] as Document), content: '<p>forged</p>' }
  const made = { ...activity, id: `${dora.id}/activities/none`, object }
  await flow.tell(add(bob, { ...activity, object }), add(bob, made))
  await flow.minutes(2)
  expect(said()).toContain('well done')
  expect(said()).not.toContain('forged')
})

test('what ours did in it comes back to nothing, and is not asked for', async () => {
  const user = flow.user('alice')
  user.reply(portal, flow.eventOf(portal, 'what do you think?'), 'I think so')
  await flow.quiet()
  const [create] = flow.received(bob, 'Create')
  expect(create).toBeDefined()
  const before = flow.bodies(portal).length
  await flow.tell(add(bob, create))
  await flow.minutes(2)
  expect(flow.bodies(portal)).toHaveLength(before)
  const asked = flow.fediverse.requests.filter(({ url }) => url === create?.['id'])
  expect(asked).toEqual([])
})

test('of whom nobody reads here, nothing is asked for', async () => {
  const eve = flow.account('eve', 'eve.example')
  await flow.tell(add(eve, answer().id))
  await flow.minutes(2)
  const asked = flow.fediverse.requests.filter(({ url }) => url.startsWith(dora.id))
  expect(asked).toEqual([])
})

test.each(['by its id alone', 'inside'])(
  'what tells of the next one ends there: %s',
  async (way) => {
    const { files } = flow.fediverse.server('streams.example')
    const links: Sent[] = [answer()]
    for (let n = 0; n < 5; n++) {
      const [next] = links
      const told = way === 'inside' && n === 0 ? next?.activity : next?.id
      const link = add(bob, told)
      const bytes = Buffer.from(JSON.stringify(link.activity))
      files.set(new URL(link.id).pathname, { bytes, type: 'application/activity+json' })
      links.unshift(link)
    }
    const [first] = links
    if (first === undefined) throw new Error('there is none')
    await flow.tell(first)
    await flow.minutes(2)
    const asked = flow.fediverse.requests.filter(({ url }) => url.includes('/adds/'))
    expect(asked).toHaveLength(1)
    expect(said()).not.toContain('well done')
  },
)
