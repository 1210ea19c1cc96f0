import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Http } from '../../src/model/http.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let admin: FakeUser
let bob: Account
let profile: RoomId
/** What inboxes answer; undefined: what they would. */
let status: number | undefined

const answering =
  (http: Http): Http =>
  async (request) =>
    status !== undefined && request.method === 'POST'
      ? { status, headers: {}, body: Buffer.alloc(0) }
      : http(request)

beforeEach(async () => {
  status = undefined
  flow = await createFlow({}, { web: answering })
  admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  bob = flow.account('bob', 'remote.example')
  profile = await flow.publish(admin)
  await flow.gain(admin, bob)
})
afterEach(() => flow.close())

const ask = async (line: string) => (await flow.command(admin, line)).at(-1) ?? ''
/** The number of the newest job that was given up. */
const newest = async () => /^(\d+): /m.exec(await ask('failed'))?.[1] ?? ''

async function refuse(...words: readonly string[]): Promise<void> {
  status = 422
  for (const word of words) {
    admin.say(profile, word)
    await flow.quiet()
  }
  // A refusal is tried three times.
  await flow.hours(5)
  status = undefined
}

test('what was given up is listed with its reason, and is done when it is tried again', async () => {
  expect(await ask('failed')).toBe('Nothing was given up.')
  await refuse('one')
  const number = await newest()
  expect(await ask('failed')).toMatch(
    /^Given up, newest first:\n\d+: \d{4}-\d\d-\d\d \d\d:\d\d UTC, what @admin@bridge\.example did, to https:\/\/remote\.example\/\S*inbox: \S+ answered 422\n/,
  )
  expect(await ask(`failed show ${number}`)).toContain('after 2 failed tries')
  expect(await ask(`failed show #${number}`)).not.toContain('one')
  expect(flow.received(bob, 'Create')).toEqual([])
  expect(await ask(`failed retry ${number}`)).toContain(`${number} is tried again`)
  expect(flow.received(bob, 'Create')).toHaveLength(1)
  expect(await ask('failed')).toBe('Nothing was given up.')
})

test('all of it is tried again in its order, and what is dropped is not', async () => {
  await refuse('one', 'two', 'three')
  expect(await ask(`failed drop ${await newest()}`)).toContain('is forgotten')
  expect(await ask('failed retry all')).toBe('Tried again: 2. `queue` shows how far it is.')
  await flow.minutes(1)
  expect(
    flow.received(bob, 'Create').map(({ object }) => (object as { content: string }).content),
  ).toEqual(['<p>one</p>', '<p>two</p>'])
  expect(await ask('failed retry all')).toBe('Nothing was given up.')
})

test('a long list comes in pages', async () => {
  await refuse(...Array.from({ length: 23 }, (_, n) => `post ${n}`))
  const first = (await ask('failed')).split('\n')
  const next = /`failed (\d+)` shows what is older/.exec(first.join('\n'))?.[1]
  const second = (await ask(`failed ${next}`)).split('\n')
  expect([first.length, second.length]).toEqual([23, 5])
  expect(Number.parseInt(second[1] ?? '')).toBeLessThan(Number(next))
  expect(await ask('failed 1')).toBe('Nothing older was given up.')
})

test.each([
  'failed show',
  'failed show x',
  'failed retry',
  'failed drop',
  'failed some 3',
  'failed -1',
])('%s is answered with how it is written', async (line) => {
  expect(await ask(line)).toContain('It is written like this')
})

test.each(['failed show 999', 'failed retry 999', 'failed drop 99999999'])(
  '%s: there is no such job',
  async (line) => {
    expect(await ask(line)).toContain('was not given up. `failed` lists what was.')
  },
)

test('the queue tells what waits, for how long and for whom', async () => {
  expect(await ask('queue')).toMatch(
    /^From the fediverse: nothing waits\nFrom Matrix: .*\nTo be delivered: nothing waits\nOwn work: /,
  )
  status = 503
  admin.say(profile, 'one')
  await flow.hours(3)
  expect(await ask('queue')).toMatch(
    /To be delivered: 1 waiting, the oldest for 3 hours\n.*\nMost waits here:\n1 to remote\.example, the oldest for 3 hours, failing for 2 hours|3 hours; next try /,
  )
  status = undefined
})

test('nobody else is told', async () => {
  const alice = flow.user('alice')
  for (const line of ['queue', 'failed', 'failed retry all'])
    expect((await flow.command(alice, line)).at(-1)).toContain('I do not know')
})
