import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { asActorId, type EventId, type RoomId } from '../../src/model/ids.ts'
import { isSettled } from '../../src/bridge/send-status.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carl: Account
let profile: RoomId

/** Hosts that answer every request with that status. */
let broken: ReadonlyMap<string, number>

const begin = async (isOn: boolean): Promise<void> => {
  broken = new Map()
  flow = await createFlow(
    {},
    {
      appservice: { sendsStatus: isOn },
      web: (http) => async (request) => {
        const status = broken.get(new URL(request.url).host)
        return status === undefined || request.method !== 'POST'
          ? http(request)
          : { status, headers: {}, body: Buffer.alloc(0) }
      },
    },
  )
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carl = flow.account('carl', 'other.example')
  profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  await flow.gain(alice, carl)
}
beforeEach(() => begin(true))
afterEach(() => flow.close())

const statuses = (room: RoomId) =>
  flow.messages(room).filter(({ type }) => type === 'com.beeper.message_send_status')

async function post(text: string): Promise<EventId> {
  alice.say(profile, text)
  await flow.quiet()
  return flow.eventOf(profile, text)
}

test('says once for each message that it has arrived, in an event that no client lists', async () => {
  const first = await post('hello')
  await flow.hours(2)
  expect(statuses(profile).map(({ sender, content }) => ({ sender, content }))).toEqual([
    {
      sender: bot,
      content: expect.objectContaining({
        'm.relates_to': { rel_type: 'm.reference', event_id: first },
        network: 'activitypub',
        status: 'SUCCESS',
      }) as unknown,
    },
  ])
  expect(JSON.stringify(statuses(profile))).not.toContain('delivered_to_users')
  const second = await post('again')
  await flow.hours(2)
  expect(statuses(profile).map(({ content }) => content['m.relates_to'])).toEqual(
    [first, second].map((event_id) => ({ rel_type: 'm.reference', event_id })),
  )
})

test('is not sent unless the admin wants it, nor of what was deleted', async () => {
  const event = await post('hello')
  alice.redact(profile, event)
  await flow.hours(2)
  const before = statuses(profile).length
  expect(before).toBeLessThanOrEqual(1)
  flow.close()
  await begin(false)
  await post('hello')
  await flow.hours(2)
  expect(statuses(profile)).toEqual([])
})

async function chatWith(account: Account): Promise<RoomId> {
  await flow.command(alice, `dm ${account.handle}`)
  const participants = [
    { kind: 'user', userId: alice.userId },
    { kind: 'actor', actorId: asActorId(account.id) },
  ] as const
  const portal = await flow.store.findPortal({ kind: 'direct', participants })
  if (portal === undefined) throw new Error('no chat')
  alice.join(portal.roomId)
  return portal.roomId
}

test('names of a private message who has it', async () => {
  const chat = await chatWith(bob)
  alice.say(chat, 'psst')
  await flow.minutes(1)
  expect(statuses(chat).map(({ content }) => content)).toEqual([
    expect.objectContaining({ status: 'SUCCESS', delivered_to_users: [flow.ghostOf(bob)] }),
  ])
})

test('says that a private message did not arrive, once it is certain', async () => {
  const chat = await chatWith(bob)
  broken = new Map([['remote.example', 404]])
  alice.say(chat, 'psst')
  await flow.minutes(5)
  expect(statuses(chat).map(({ content }) => content)).toEqual([
    expect.objectContaining({
      status: 'FAIL_PERMANENT',
      reason: 'm.foreign_network_error',
      message: 'Not delivered to remote.example.',
      delivered_to_users: [],
    }),
  ])
})

test('a server that is away keeps nobody waiting for the others', async () => {
  broken = new Map([['remote.example', 503]])
  await post('hello')
  await flow.hours(1)
  expect(statuses(profile).map(({ content }) => content['status'])).toEqual(['SUCCESS'])
})

describe('what came of a message is known', () => {
  const done = { host: 'a.example', fate: { state: 'done', at: 0 } } as const
  const failed = { host: 'b.example', fate: { state: 'failed', at: 0 } } as const
  const waiting = (attempts: number) =>
    ({
      host: 'c.example',
      fate: { state: 'waiting', attempts, nextTry: 0, isAtWork: false },
    }) as const

  test.each([
    ['of nobody', [], true, true],
    ['of who has it', [done], true, true],
    ['of who will never have it', [failed], true, true],
    ['not while one was not tried', [done, waiting(0)], false, false],
    ['once all were tried and one has it', [done, waiting(1)], true, false],
    ['not while nobody has it', [failed, waiting(3)], false, false],
  ] as const)('%s', (_, servers, ...[ofMany, ofFew]) => {
    expect([isSettled(servers, false), isSettled(servers, true)]).toEqual([ofMany, ofFew])
  })
})
