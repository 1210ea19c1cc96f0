import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Http } from '../../src/model/http.ts'
import { accountOn, agree, openGroup } from './group-stage.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carl: Account
let profile: RoomId
/** What remote.example answers; undefined: what it would. */
let status: number | undefined

const answering =
  (http: Http): Http =>
  async (request) =>
    status !== undefined && request.method === 'POST' && request.url.includes('//remote.example/')
      ? { status, headers: {}, body: Buffer.alloc(0) }
      : http(request)

beforeEach(async () => {
  status = undefined
  flow = await createFlow({}, { web: answering })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carl = flow.account('carl', 'other.example')
  profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  await flow.gain(alice, carl)
})
afterEach(() => flow.close())

async function ask(user: FakeUser, roomId: RoomId, eventId: EventId): Promise<string> {
  user.reply(roomId, eventId, roomId === profile ? '!ap status' : 'status')
  await flow.quiet()
  return flow.bodies(roomId).at(-1) ?? ''
}

async function post(text: string): Promise<EventId> {
  alice.say(profile, text)
  await flow.quiet()
  return flow.eventOf(profile, text)
}

const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`

test('the author reads both ids, and that every server has the post', async () => {
  const event = await post('hello')
  const note = flow.received(bob, 'Create')[0]?.['object'] as { id: string }
  const answer = await ask(alice, profile, event)
  expect(answer.split('\n')).toEqual([
    `On Matrix: \`${event}\``,
    `On the fediverse: ${note.id}`,
    'Of 2 servers, 2 have it.',
    expect.stringMatching(`^other\\.example: arrived on ${time}$`),
    expect.stringMatching(`^remote\\.example: arrived on ${time}$`),
  ])
})

test('a server that is away is named first, with its reason and the next try', async () => {
  status = 503
  const event = await post('hello')
  const answer = await ask(alice, profile, event)
  expect(answer).toContain('Of 2 servers, 1 has it, 1 waits.')
  expect(answer.split('\n')[3]).toMatch(
    new RegExp(`^remote\\.example: tried again on ${time}: .*answered 503$`),
  )
  status = undefined
  await flow.hours(1)
  expect(await ask(alice, profile, event)).toContain('Of 2 servers, 2 have it.')
})

test('what was given up says why, and is told in the room once', async () => {
  status = 422
  const event = await post('hello')
  await flow.hours(5)
  const told = flow.bodies(profile).filter((body) => body.startsWith('Not delivered'))
  expect(told).toEqual(['Not delivered to remote.example: it refused with HTTP status 422.'])
  const answer = await ask(alice, profile, event)
  expect(answer).toContain('Of 2 servers, 1 has it, 1 does not get it.')
  expect(answer).toMatch(new RegExp(`remote\\.example: given up on ${time}: .*answered 422`))
})

test('an edit that arrived makes up for a post that did not', async () => {
  status = 422
  const event = await post('hello')
  await flow.hours(5)
  status = undefined
  alice.edit(profile, event, 'hello again')
  await flow.quiet()
  expect(await ask(alice, profile, event)).toContain('Of 2 servers, 2 have it.')
})

test('what a block of the admin keeps back has not arrived', async () => {
  flow.permissions.set(alice.userId, 'admin')
  status = 503
  const event = await post('hello')
  await flow.command(alice, 'block-domain remote.example')
  await flow.hours(1)
  expect(await ask(alice, profile, event)).toContain('remote.example: kept back by a block')
})

test('what is not even tried at a server that failed for a week is not said to have arrived', async () => {
  status = 503
  for (let day = 1; day <= 7; day++) {
    await post(`day ${day}`)
    await flow.hours(24)
  }
  await post('a probe')
  await flow.minutes(5)
  expect(await ask(alice, profile, await post('nothing'))).toContain(
    'remote.example: not sent: it had failed for days, or is blocked',
  )
})

test('a new version that does not arrive is told as well', async () => {
  const event = await post('hello')
  status = 422
  alice.edit(profile, event, 'hello again')
  await flow.hours(5)
  expect(flow.bodies(profile).at(-1)).toBe(
    'The new version was not delivered to remote.example: it refused with HTTP status 422.',
  )
})

test('others in the room read no names of servers; an admin does', async () => {
  const event = await post('hello')
  const dora = flow.user('dora')
  alice.invite(profile, dora.userId)
  dora.join(profile)
  await flow.quiet()
  const answer = await ask(dora, profile, event)
  expect(answer).toContain('Its author can ask where it arrived.')
  expect(answer).not.toContain('example:')
  flow.permissions.set(dora.userId, 'admin')
  expect(await ask(dora, profile, event)).toContain('Of 2 servers, 2 have it.')
})

test('a post of the fediverse says whose it is', async () => {
  const portal = await flow.follow(alice, bob)
  const sent = bob.post({ content: 'from bob' })
  await flow.tell(sent)
  const event = flow.eventOf(portal, 'from bob')
  alice.reply(portal, event, '!ap status')
  await flow.quiet()
  expect(flow.bodies(portal).at(-1)).toContain('It came from @bob@remote.example.')
})

test('what never left Matrix, and a command that answers nothing, are told apart', async () => {
  const chat = await flow.chat(alice)
  alice.say(chat, 'whoami')
  await flow.quiet()
  expect(await ask(alice, chat, flow.eventOf(chat, 'whoami'))).toBe(
    'It is on Matrix alone: it did not go to the fediverse and did not come from there, or it was deleted.',
  )
  expect((await flow.command(alice, 'status')).at(-1)).toBe(
    'Reply with `!ap status` to the message that you mean.',
  )
})

test('a message that waits for its author’s word says so', async () => {
  const portal = await flow.follow(alice, bob)
  alice.say(portal, 'to nobody')
  await flow.quiet()
  alice.reply(portal, flow.eventOf(portal, 'to nobody'), '!ap status')
  await flow.quiet()
  expect(flow.bodies(portal).at(-1)).toBe('It is not sent yet: react with ✅ to send it.')
})

test('of a post in a group, what the group told of it counts', async () => {
  const dora = flow.user('dora')
  const { roomId, id } = await openGroup(flow, alice, dora)
  await agree(flow, roomId, dora)
  const readers = [accountOn(flow, 'mia', 'mastodon'), accountOn(flow, 'lou', 'lemmy')]
  await flow.tell(...readers.map((reader) => reader.follow(id)))
  const event = dora.say(roomId, 'in the garden')
  await flow.quiet()
  dora.reply(roomId, event, '!ap status')
  await flow.quiet()
  const answer = flow.bodies(roomId).at(-1)
  expect(answer).toContain('Of 2 servers, 2 have it.')
  for (const host of ['mia.example', 'lou.example'])
    expect(answer).toContain(`${host}: arrived on `)
})
