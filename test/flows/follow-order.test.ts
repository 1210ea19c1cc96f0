import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account, Document, Sent } from '../fakes/fediverse.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let bob: Account
let me: string

beforeEach(async () => {
  flow = await createFlow()
  const alice = flow.user('alice')
  await flow.publish(alice)
  me = await flow.actorOf(alice)
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

const named = (name: string, type: string, object: unknown): Sent =>
  bob.sign({
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: `${bob.id}#${name}`,
    type,
    actor: bob.id,
    object,
  })
const follow = (name: string): Sent => named(name, 'Follow', me)
const undo = (sent: Sent, change: Document = {}): Sent => {
  const { id, type, actor, object } = sent.activity
  return named(`undo-${String(id)}`, 'Undo', { id, type, actor, object, ...change })
}
const followers = async (): Promise<readonly string[]> =>
  (await flow.store.followersOf(me as Parameters<typeof flow.store.followersOf>[0])).map(
    ({ activityId }) => activityId,
  )

test('the end of an earlier follow that comes late does not end the one that holds', async () => {
  const [first, second] = [follow('first'), follow('second')]
  await flow.tell(first)
  await flow.tell(second)
  await flow.tell(undo(first))
  expect(await followers()).toEqual([`${bob.id}#second`])
  await flow.tell(undo(second))
  expect(await followers()).toEqual([])
})

test('the end of a follow with an id of its own ends it, whatever the follow is called', async () => {
  await flow.tell(follow('first'))
  await flow.tell(undo(follow('first'), { id: `${bob.id}#made-up` }))
  expect(await followers()).toEqual([])
})

test('a follow that comes after its end is none, and the next one is', async () => {
  const first = follow('first')
  await flow.tell(undo(first))
  await flow.tell(first)
  expect(await followers()).toEqual([])
  expect(flow.received(bob, 'Accept')).toEqual([])
  await flow.tell(follow('second'))
  expect(await followers()).toEqual([`${bob.id}#second`])
})
