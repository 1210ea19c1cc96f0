import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import { asEventId, asObjectId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let profile: RoomId
let answered: EventId
let post: string

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  alice.say(profile, 'hello')
  await flow.quiet()
  post = String(noteIn(flow.received(bob, 'Create').at(-1))['id'])
  answered = asEventId('$not-known-yet')
})
afterEach(() => flow.close())

const noteIn = (activity: Document | undefined): Document => activity?.['object'] as Document
const seconds = (count: number): Promise<void> => flow.time.pass(count * 1_000)

/** From now on it is known what the message answers. */
async function learn(): Promise<void> {
  const [mapping] = await flow.store.mappingsOf(asObjectId(post))
  if (mapping === undefined) throw new Error('no mapping')
  const known = { ...mapping, eventId: answered, part: 1 }
  await flow.store.commit([{ change: 'add-mapping', mapping: known }])
}

const words = (): string[] =>
  [...flow.received(bob, 'Create').slice(1), ...flow.received(bob, 'Update')].map((activity) =>
    String(noteIn(activity)['content']).replace(/<[^>]*>/g, ''),
  )

test('an edit that waited does not take back a newer one', async () => {
  const message = alice.send(profile, {
    ...{ msgtype: 'm.text', body: 'one' },
    'm.relates_to': { 'm.in_reply_to': { event_id: answered } },
  })
  await seconds(1)
  alice.edit(profile, message, 'two')
  await seconds(3.5)
  alice.edit(profile, message, 'three')
  await seconds(2.5)
  await learn()
  await flow.minutes(2)
  expect(words().at(-1)).toBe('three')
  expect(new Set(words())).toEqual(new Set(['one', 'three']))
  alice.edit(profile, message, 'four')
  await flow.quiet()
  expect(words().at(-1)).toBe('four')
})

test('of edits in the same millisecond that with the greatest event id counts, whichever came last', async () => {
  const message = alice.say(profile, 'before')
  await flow.quiet()
  for (const round of ['one', 'two', 'three']) {
    const edits = ['a', 'b', 'c'].map((version) => {
      const body = `${round} ${version}`
      return { body, eventId: alice.edit(profile, message, body) }
    })
    await flow.quiet()
    const greatest = edits.reduce((a, b) => (b.eventId > a.eventId ? b : a))
    expect(words().at(-1)).toContain(greatest.body)
  }
})
