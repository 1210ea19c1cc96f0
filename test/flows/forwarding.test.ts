import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document, Sent } from '../fakes/fediverse.ts'
import { everybody } from '../fakes/fediverse.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: string
let post: string
let bob: Account
let ben: Account
let fran: Account
async function begin(options: Parameters<typeof createFlow>[1] = {}): Promise<void> {
  flow = await createFlow({}, options)
  const user = flow.user('alice')
  const room = await flow.publish(user)
  alice = await flow.actorOf(user)
  bob = flow.account('bob', 'remote.example')
  fran = flow.account('fran', 'remote.example')
  ben = flow.account('ben', 'other.example')
  await flow.gain(user, ben)
  await flow.gain(user, fran)
  user.say(room, 'what do you think?')
  await flow.quiet()
  const [create] = flow.received(ben, 'Create')
  post = String((create?.['object'] as Document)['id'])
}
beforeEach(() => begin())
afterEach(() => flow.close())

const answering = (audience: Document = {}): Sent => {
  const all = { to: [everybody], cc: [`${bob.id}/followers`, alice, `${alice}/followers`] }
  const extra = { ...all, ...audience }
  const sent = bob.post({ content: 'well', inReplyTo: post, extra })
  return bob.sign({ ...sent.activity, ...extra })
}
const forwardedTo = (account: Account): readonly string[] =>
  flow
    .received(account)
    .filter((activity) => activity['actor'] === bob.id)
    .map((activity) => JSON.stringify(activity))

describe('an answer to a post of ours that is meant for its followers', () => {
  test('goes on to them as it came, signed by whose followers they are, and not back', async () => {
    const sent = answering()
    await flow.tell(sent)
    await flow.minutes(1)
    expect(forwardedTo(ben)).toEqual([JSON.stringify(sent.activity)])
    expect(forwardedTo(fran)).toEqual([])
    const { deliveries } = flow.fediverse
    const [one] = deliveries.filter(({ activity }) => activity['actor'] === bob.id)
    expect(one?.keyId).toBe(`${alice}#main-key`)
  })

  test('goes on once, however often it comes', async () => {
    const sent = answering()
    await flow.tell(sent)
    await flow.tell(bob.sign(sent.activity))
    await flow.minutes(5)
    expect(forwardedTo(ben)).toHaveLength(1)
  })

  test('is followed by its changes and its end', async () => {
    const sent = answering()
    await flow.tell(sent)
    const { to, cc } = sent.activity
    const edit = bob.edit(sent.object, 'better')
    const object = { ...(edit.activity['object'] as Document), to, cc }
    const changed = bob.sign({ ...edit.activity, to, cc, object })
    await flow.tell(changed)
    // As Mastodon tells of it: to everybody, and nobody else.
    const deleted = bob.sign({ ...bob.delete(sent.object).activity, to: [everybody], cc: [] })
    await flow.tell(deleted)
    await flow.minutes(1)
    expect(forwardedTo(ben)).toEqual(
      [sent, changed, deleted].map(({ activity }) => JSON.stringify(activity)),
    )
  })
})

test('reaches everybody on a server whose shared inbox is gone in their own', async () => {
  flow.close()
  const gone = { status: 410, headers: {}, body: Buffer.alloc(0) }
  await begin({
    web: (http) => async (request) =>
      request.method === 'POST' && request.url === 'https://other.example/inbox'
        ? gone
        : http(request),
  })
  const sent = answering()
  await flow.tell(sent)
  await flow.minutes(1)
  expect(forwardedTo(ben)).toEqual([JSON.stringify(sent.activity)])
})

test('its end goes on also when the bridge dies at any step of it', async () => {
  let isOver = false
  for (let deadly = 1; !isOver; deadly += 1) {
    flow.close()
    let steps = Number.NEGATIVE_INFINITY
    await begin({ crashesAt: () => (steps += 1) === deadly })
    const sent = answering()
    await flow.tell(sent)
    steps = 0
    const deleted = bob.sign({ ...bob.delete(sent.object).activity, to: [everybody], cc: [] })
    flow.senders.send(deleted)
    await flow.minutes(2)
    const ends = forwardedTo(ben).filter((text) => text === JSON.stringify(deleted.activity))
    expect([deadly, ends.length > 0]).toEqual([deadly, true])
    isOver = flow.crashes() === 0
    if (isOver) expect(deadly).toBeGreaterThan(3)
  }
})

test.each<[string, () => Sent]>([
  ['that names no followers of ours', () => answering({ cc: [alice] })],
  ['that is for them alone', () => answering({ to: [`${alice}/followers`], cc: [alice] })],
  ['that is for one person', () => answering({ to: [alice], cc: [] })],
  [
    'to somebody else',
    () => {
      const cc = [`${alice}/followers`, alice]
      const extra = { to: [everybody], cc }
      const mentions = [{ id: alice, name: '@alice@bridge.example' }]
      return bob.sign({ ...bob.post({ content: 'hi', mentions, extra }).activity, ...extra })
    },
  ],
])('an answer %s goes no further', async (_, make) => {
  await flow.tell(make())
  await flow.minutes(5)
  expect(forwardedTo(ben)).toEqual([])
})
