import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, PostOptions, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { bot, createFlow, type Flow } from './setup.ts'

// Hundreds of posts, each signed and verified.
let flow: Flow
let alice: FakeUser
let mention: { readonly id: string; readonly name: string }

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  await flow.command(alice, 'register')
  mention = { id: await flow.actorOf(alice), name: '@alice@bridge.example' }
})
afterEach(() => flow.close())

const eve = (n = 0): Account => flow.account(`eve${n}`, 'remote.example')
const times = (count: number, make: (n: number) => Sent): Sent[] =>
  Array.from({ length: count }, (_, n) => make(n))
const mentionBy = (account: Account, options: PostOptions = {}): Sent =>
  account.post({ content: 'buy this', mentions: [mention], ...options })

/** What was said in all rooms, by the ghosts of these accounts. */
const said = (...accounts: readonly Account[]): readonly string[] => {
  const ghosts = new Set<string>(accounts.map(flow.ghostOf))
  return flow.homeserver.rooms().flatMap((roomId) => {
    const lines = flow.messages(roomId).filter(({ sender }) => ghosts.has(sender))
    return lines.map(({ content }) => String(content['body']))
  })
}

/** Every version of the bot's notices of what was not shown, with the event that each edits. */
const notices = () =>
  flow.homeserver.rooms().flatMap((roomId) =>
    flow.messages(roomId).flatMap(({ sender, eventId, content }) => {
      const { body, 'm.relates_to': relation, 'm.mentions': pinged } = content
      if (sender !== bot || typeof body !== 'string' || !/more (mention|repl)/.test(body)) return []
      const { event_id: edited } = (relation ?? {}) as { event_id?: string }
      return [{ roomId, eventId, edited, body, pinged }]
    }),
  )
const counted = () => notices().map(({ body }) => body.replace(/ by .*/, ''))

describe('mentions by somebody whom the user does not follow', () => {
  test('are shown 20 times a day; the others are told as one number', async () => {
    await flow.tell(...times(23, () => mentionBy(eve())))
    expect(said(eve())).toHaveLength(20)
    await flow.minutes(30)
    expect(counted()).toEqual(['1 more mention', '* 3 more mentions'])
    const [first, second] = notices()
    expect(second?.edited).toBe(first?.eventId)
    expect(first?.pinged).toEqual({})
    expect(first?.body).toBe(
      '1 more mention by people you do not follow today. I show 200 of them a day, and 20 of one account; accounts that you follow are always shown.',
    )
    const room = alice.rooms('invite').find((roomId) => flow.messages(roomId).length > 2)
    expect(first?.roomId).toBe(room)
  })

  test('are counted anew every day', async () => {
    await flow.tell(...times(21, () => mentionBy(eve())))
    await flow.hours(24)
    await flow.tell(...times(22, () => mentionBy(eve())))
    await flow.minutes(30)
    expect(said(eve())).toHaveLength(40)
    expect(counted()).toEqual(['1 more mention', '1 more mention', '* 2 more mentions'])
  })

  test('are shown 200 times a day, from however many accounts', async () => {
    const accounts = Array.from({ length: 11 }, (_, n) => eve(n))
    await flow.tell(...accounts.flatMap((account) => times(19, () => mentionBy(account))))
    await flow.minutes(30)
    expect(said(...accounts)).toHaveLength(200)
    expect(counted().at(-1)).toBe('* 9 more mentions')
    // Nobody is known here whom nobody saw.
    const late = flow.account('late', 'other.example')
    await flow.tell(mentionBy(late))
    expect(await flow.store.findGhostByUser(flow.ghostOf(late))).toBeUndefined()
  })

  test('are all shown once the account is followed', async () => {
    await flow.tell(...times(20, () => mentionBy(eve())))
    await flow.follow(alice, eve())
    await flow.tell(...times(5, () => mentionBy(eve(), { visibility: 'followers' })))
    expect(said(eve()).filter((body) => body.endsWith('buy this')).length).toBeGreaterThan(24)
    await flow.minutes(30)
    expect(notices()).toEqual([])
  })

  test('that are not shown count once, and their edits nothing', async () => {
    const sent = times(21, () => mentionBy(eve()))
    await flow.tell(...sent)
    const last = sent.at(-1)?.object ?? ''
    await flow.tell(eve().edit(last, 'buy that'), eve().edit(last, 'buy both'), eve().delete(last))
    await flow.minutes(30)
    expect(said(eve())).toHaveLength(20)
    expect(counted()).toEqual(['1 more mention'])
    expect(await flow.failures()).toEqual([])
  })

  test('are counted as well when they are private, and stand among them', async () => {
    const others = Array.from({ length: 20 }, (_, n) => eve(n + 1))
    await flow.tell(...others.map((one) => mentionBy(one, { visibility: 'direct' })))
    await flow.tell(...times(25, () => mentionBy(eve(), { visibility: 'direct' })))
    await flow.minutes(30)
    expect(said(...others)).toHaveLength(20)
    expect(said(eve())).toHaveLength(20)
    expect(counted()).toEqual(['1 more mention', '* 5 more mentions'])
  })
})

describe('answers of strangers', () => {
  test("to a user's post are mentions of that user", async () => {
    const room = await flow.publish(alice)
    const bob = flow.account('bob', 'other.example')
    await flow.gain(alice, bob)
    alice.say(room, 'hello')
    await flow.quiet()
    const [{ object } = {}] = flow.received(bob, 'Create')
    const { id: inReplyTo } = object as { id: string }
    // Whether they name the user or not.
    await flow.tell(...times(15, () => eve().post({ content: 'no', inReplyTo })))
    await flow.tell(...times(10, () => mentionBy(eve(), { inReplyTo })))
    await flow.minutes(30)
    expect(said(eve())).toHaveLength(20)
    expect(flow.bodies(room).filter((body) => body === 'no')).toHaveLength(15)
    expect(counted()).toEqual(['1 more mention', '* 5 more mentions'])
  })

  test('to an account that is followed are shown 50 times a day in its room', async () => {
    const bob = flow.account('bob', 'other.example')
    const portal = await flow.follow(alice, bob)
    const post = bob.post({ content: 'hello' })
    await flow.tell(post)
    await flow.tell(...times(53, () => eve().post({ content: 'no', inReplyTo: post.object })))
    await flow.minutes(30)
    expect(said(eve())).toHaveLength(50)
    expect(counted()).toEqual(['1 more reply', '* 3 more replies'])
    expect(notices().map(({ roomId }) => roomId)).toEqual([portal, portal])
    // Bob himself, and whoever is followed by a reader, is no stranger there.
    const carl = flow.account('carl', 'third.example')
    await flow.follow(alice, carl)
    await flow.tell(...times(51, () => carl.post({ content: 'yes', inReplyTo: post.object })))
    await flow.tell(...times(51, () => bob.post({ content: 'so', inReplyTo: post.object })))
    expect(said(carl).filter((body) => body === 'yes').length).toBeGreaterThan(50)
    expect(said(bob).filter((body) => body === 'so').length).toBeGreaterThan(50)
  })

  test('reach a user among notifications where the room has enough of them', async () => {
    const bob = flow.account('bob', 'other.example')
    const portal = await flow.follow(alice, bob)
    const post = bob.post({ content: 'hello' })
    await flow.tell(post)
    await flow.tell(...times(50, () => eve().post({ content: 'no', inReplyTo: post.object })))
    await flow.tell(mentionBy(eve(), { content: 'you there', inReplyTo: post.object }))
    expect(flow.bodies(portal)).not.toContain('you there')
    expect(said(eve()).at(-1)).toContain('you there')
  })

  test('ping no user who has enough of them, where all read them', async () => {
    const bob = flow.account('bob', 'other.example')
    const portal = await flow.follow(alice, bob)
    const post = bob.post({ content: 'hello' })
    await flow.tell(post)
    await flow.tell(...times(22, () => mentionBy(eve(), { inReplyTo: post.object })))
    const lines = flow.messages(portal).filter(({ sender }) => sender === flow.ghostOf(eve()))
    const pings = lines.map(({ content }) => JSON.stringify(content['m.mentions']))
    expect(pings.filter((ping) => ping.includes(alice.userId))).toHaveLength(20)
    expect(pings.slice(20)).toEqual(['{}', '{}'])
  })
})
