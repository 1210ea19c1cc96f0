import { afterEach, expect, test } from '@jest/globals'
import { asActorId } from '../../src/model/ids.ts'
import type { Http } from '../../src/model/http.ts'
import type { Document } from '../fakes/fediverse.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
afterEach(() => flow.close())

const waiting = async (): Promise<number> =>
  (await flow.queue.depth()).find(({ kind }) => kind === 'delivery')?.waiting ?? 0

/** A fediverse in which those inboxes are answered so. */
const refusing =
  (isGone: (url: string) => boolean, status: number) =>
  (http: Http): Http =>
  async (request) =>
    request.method === 'POST' && isGone(request.url)
      ? { status, headers: {}, body: Buffer.alloc(0) }
      : http(request)

const textsOf = (documents: readonly Document[]): readonly string[] =>
  documents.map(({ object }) => String((object as { content?: unknown }).content))

test('a server that fails for seven days is left alone, and is back when it is heard of', async () => {
  let isAway = false
  flow = await createFlow({ isAway: (side) => isAway && side === 'remote.example' })
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  const carl = flow.account('carl', 'other.example')
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  await flow.gain(alice, carl)
  isAway = true
  for (let day = 1; day <= 7; day++) {
    alice.say(profile, `day ${day}`)
    await flow.hours(24)
  }
  expect(await waiting()).toBe(0)
  expect(flow.received(carl, 'Create').length).toBe(7)
  // Posts to many are not told one by one: it is known by now.
  const told = flow.bodies(profile).filter((body) => body.startsWith('Not delivered'))
  expect(told.at(-1)).toContain('remote.example')
  // One a day is sent to see.
  alice.say(profile, 'a probe')
  await flow.minutes(5)
  alice.say(profile, 'nothing')
  await flow.quiet()
  expect(await waiting()).toBe(0)
  isAway = false
  await flow.tell(bob.post())
  alice.say(profile, 'back')
  await flow.quiet()
  expect(textsOf(flow.received(bob, 'Create'))).toEqual(['<p>back</p>'])
})

test('a follow that is not even sent, to a server that takes nothing, is told', async () => {
  let isAway = false
  flow = await createFlow({}, { web: refusing(() => isAway, 503) })
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  const carl = flow.account('carl', 'remote.example')
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  isAway = true
  for (let day = 1; day <= 7; day++) {
    alice.say(profile, `day ${day}`)
    await flow.hours(24)
  }
  alice.say(profile, 'a probe')
  await flow.minutes(5)
  await flow.command(alice, `follow ${carl.handle}`)
  await flow.quiet()
  expect(flow.bodies(await flow.chat(alice)).at(-1)).toBe(
    'Your follow request did not reach remote.example: it has failed for seven days; try again once it is back.',
  )
})

test('GoToSocial, which has no shared inbox, gets one delivery a second', async () => {
  flow = await createFlow()
  const server = flow.fediverse.server('gts.example', { hasSharedInbox: false })
  server.software = 'gotosocial'
  const alice = flow.user('alice')
  const profile = await flow.publish(alice)
  const readers = ['a', 'b', 'c', 'd'].map((name) => flow.account(name, 'gts.example'))
  for (const reader of readers) await flow.gain(alice, reader)
  // What runs there is asked for by the first post.
  alice.say(profile, 'first')
  await flow.quiet()
  alice.say(profile, 'second')
  await flow.minutes(1)
  const times = flow.fediverse.deliveries
    .filter(({ activity }) => textsOf([activity])[0] === '<p>second</p>')
    .map(({ at }) => at)
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
  expect(times.length).toBe(4)
  expect(gaps.every((gap) => gap >= 1_000 && gap < 2_000)).toBe(true)
})

test('a shared inbox that is gone: its people get everything in their own', async () => {
  const shared = 'https://remote.example/inbox'
  let asked = 0
  const isGone = (url: string) => url === shared && ++asked > 0
  flow = await createFlow({}, { web: refusing(isGone, 410) })
  const alice = flow.user('alice')
  const profile = await flow.publish(alice)
  const readers = ['bob', 'ben'].map((name) => flow.account(name, 'remote.example'))
  for (const reader of readers) await flow.gain(alice, reader)
  asked = 0
  alice.say(profile, 'one')
  await flow.quiet()
  alice.say(profile, 'two')
  await flow.quiet()
  const inboxes = flow.fediverse.deliveries
    .filter(({ activity }) => activity['type'] === 'Create')
    .map(({ inbox, activity }) => `${textsOf([activity])[0] ?? ''} ${inbox}`)
  expect(inboxes.sort()).toEqual(
    ['one', 'two'].flatMap((text) =>
      ['ben', 'bob'].map((name) => `<p>${text}</p> https://remote.example/users/${name}/inbox`),
    ),
  )
  expect(asked).toBe(1)
  expect(flow.bodies(profile).filter((body) => body.startsWith('Not delivered'))).toEqual([])
})

test('who deletes what a server does not delete hears it once a day, in the chat with the bot', async () => {
  let refuses = false
  flow = await createFlow({}, { web: refusing((url) => refuses && url.includes('remote'), 413) })
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  const posts = ['one', 'two', 'three'].map((text) => alice.say(profile, text))
  await flow.quiet()
  refuses = true
  const told = async () =>
    flow.bodies(await flow.chat(alice)).filter((body) => body.startsWith('What you deleted'))
  for (const post of posts.slice(0, 2)) alice.redact(profile, post)
  await flow.hours(24)
  expect(await told()).toEqual([
    'What you deleted may still be shown at remote.example: it refused with HTTP status 413. Whoever runs that server can delete it there.',
  ])
  for (const post of posts.slice(2)) alice.redact(profile, post)
  await flow.hours(24)
  expect(await told()).toHaveLength(2)
})

test('an account whose inbox is gone on three days follows no more', async () => {
  const own = 'https://alone.example/users/bob/inbox'
  let isGone = false
  flow = await createFlow({}, { web: refusing((url) => isGone && url === own, 404) })
  const alice = flow.user('alice')
  const profile = await flow.publish(alice)
  flow.fediverse.server('alone.example', { hasSharedInbox: false })
  const bob = flow.account('bob', 'alone.example')
  await flow.gain(alice, bob)
  const actor = await flow.actorOf(alice)
  isGone = true
  const left: number[] = []
  for (let day = 1; day <= 3; day++) {
    alice.say(profile, `morning ${day}`)
    await flow.quiet()
    alice.say(profile, `evening ${day}`)
    await flow.hours(24)
    left.push((await flow.store.followersOf(asActorId(actor))).length)
  }
  expect(left).toEqual([1, 1, 0])
  // The author hears of it once.
  expect(flow.bodies(profile).filter((body) => body.startsWith('Not delivered')).length).toBe(1)
})
