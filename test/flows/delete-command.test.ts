import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let profile: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  profile = await flow.publish(alice)
  await flow.gain(alice, bob)
})
afterEach(() => flow.close())

const write = async (body: string, user = alice): Promise<EventId> => {
  const event = user.send(profile, { msgtype: 'm.text', body })
  await flow.quiet()
  return event
}

type Relation = Readonly<Record<string, unknown>>

/** What the bot answers to `!ap delete` that has this relation. */
async function ask(relation: Relation, user = alice): Promise<unknown> {
  const content = { msgtype: 'm.text', body: '!ap delete', 'm.relates_to': relation }
  const sent = user.send(profile, content)
  await flow.quiet()
  const answers = flow.messages(profile).filter((event) => {
    const to = event.content['m.relates_to'] as { 'm.in_reply_to'?: { event_id?: string } }
    return event.sender === bot && to['m.in_reply_to']?.event_id === sent
  })
  expect(answers).toHaveLength(1)
  return answers[0]?.content['body']
}
const replyTo = (event: EventId): Relation => ({ 'm.in_reply_to': { event_id: event } })
const deletions = () => flow.received(bob, 'Delete').map(({ object }) => object)

describe('a post that is deleted in words', () => {
  test('is deleted on the fediverse, once, whatever comes after', async () => {
    const event = await write('regretted')
    const { id } = flow.received(bob, 'Create').at(-1)?.['object'] as { id: string }
    expect(await ask(replyTo(event))).toMatch(/^I tell the servers that have it to delete it\./)
    expect(deletions()).toEqual([expect.objectContaining({ type: 'Tombstone', id })])
    expect(await ask(replyTo(event))).toMatch(/^Nothing to delete: /)
    alice.redact(profile, event)
    await flow.quiet()
    expect(deletions()).toHaveLength(1)
  })

  test('has to be answered by hand: a thread names its root by itself', async () => {
    const root = await write('the root')
    const thread = { rel_type: 'm.thread', event_id: root, is_falling_back: true }
    const refused = /^Write it as a reply to your message/
    expect(await ask({ ...thread, ...replyTo(root) })).toMatch(refused)
    expect(await ask({})).toMatch(refused)
    expect(deletions()).toEqual([])
  })

  test('is nobody else’s', async () => {
    const event = await write('mine')
    const mallory = flow.user('mallory')
    await flow.command(mallory, 'register')
    alice.invite(profile, mallory.userId)
    mallory.join(profile)
    expect(await ask(replyTo(event), mallory)).toMatch(/^Not deleted: only its author can/)
    expect(deletions()).toEqual([])
  })
})
