import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
/** On another homeserver. */
let carol: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  carol = flow.homeserver.addUser('@carol:far.test')
  flow.permissions.set(carol.userId, 'user')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

/** Until then no homeserver but ours has heard of an invite. */
function forbidUntil(at: number): void {
  flow.homeserver.injectFaults(({ url, method }) => {
    const isAnswer = method === 'POST' && /\/(?:join|leave)\b/.test(new URL(url).pathname)
    return isAnswer && flow.time.now() < at ? 'forbid' : undefined
  })
}

test('an invite whose homeserver knows of it later than ours is accepted all the same', async () => {
  forbidUntil(flow.time.now() + 2_500)
  const chat = carol.createDm(bot)
  const room = carol.createDm(flow.ghostOf(bob))
  carol.say(room, 'hello')
  await flow.minutes(1)
  expect(flow.bodies(chat)[0]).toContain('Hello. I connect this server')
  expect(flow.received(bob, 'Create')).toMatchObject([{ object: { content: '<p>hello</p>' } }])
  expect(await flow.failures()).toEqual([])
})

test('an invite that was taken back is let be', async () => {
  forbidUntil(Number.MAX_SAFE_INTEGER)
  const chat = carol.createDm(bot)
  await flow.minutes(5)
  expect(flow.homeserver.members(chat, 'invite')).toEqual([bot])
  const asked = flow.homeserver.calls.length
  await flow.hours(1)
  expect(flow.homeserver.calls.length).toBe(asked)
  expect(await flow.failures()).toEqual([])
})

test('one that is not wanted is declined when its homeserver has had time to hear of it', async () => {
  flow.permissions.set(carol.userId, 'none')
  const since = flow.time.now()
  let declinedAt: number | undefined
  flow.homeserver.injectFaults(({ url }) => {
    if (new URL(url).pathname.endsWith('/leave')) declinedAt ??= flow.time.now()
    return undefined
  })
  const chat = carol.createDm(bot)
  await flow.minutes(1)
  expect((declinedAt ?? 0) - since).toBeGreaterThanOrEqual(2_000)
  expect(flow.homeserver.state(chat, 'm.room.member', bot)).toMatchObject({
    membership: 'leave',
    reason: "This server's admin has not enabled Footbridge for you.",
  })
})
