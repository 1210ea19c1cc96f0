import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carl: Account
let portal: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carl = flow.account('carl', 'other.example')
  portal = await flow.follow(alice, bob)
})
afterEach(() => flow.close())

describe('what a portal shows', () => {
  test('a post, as the ghost of its author', async () => {
    const sent = bob.post({ content: 'Good <b>morning</b>' })
    await flow.tell(sent)
    const [line] = flow.messages(portal)
    expect(line).toEqual({
      eventId: expect.any(String),
      sender: flow.ghostOf(bob),
      type: 'm.room.message',
      ts: expect.any(Number),
      content: {
        msgtype: 'm.text',
        body: 'Good morning',
        format: 'org.matrix.custom.html',
        formatted_body: '<p>Good <b>morning</b></p>',
        'm.mentions': {},
        external_url: bob.notes.get(sent.object)?.['url'],
        'org.footbridge.txn': expect.any(String),
      },
    })
  })

  test('its followers-only posts', async () => {
    await flow.tell(bob.post({ content: 'among us', visibility: 'followers' }))
    expect(flow.bodies(portal)).toEqual(['🔒 followers\n\namong us'])
  })

  test('no direct ones, which stand in a chat of their own', async () => {
    const actor = await flow.actorOf(alice)
    const mentions = [{ id: actor, name: '@alice@bridge.example' }]
    await flow.tell(bob.post({ content: 'secret', visibility: 'direct', mentions }))
    expect(flow.bodies(portal)).toEqual([])
  })

  test('answers to itself, not to strangers', async () => {
    const first = bob.post({ content: 'one' })
    await flow.tell(first, bob.post({ content: 'two', inReplyTo: first.object }))
    const strange = carl.post({ content: 'elsewhere' })
    await flow.tell(bob.post({ content: 'to a stranger', inReplyTo: strange.object }))
    expect(flow.bodies(portal)).toEqual(['one', 'two'])
  })

  test('answers to whom somebody in it follows, below what they answer', async () => {
    const other = await flow.follow(alice, carl)
    const root = carl.post({ content: 'root' })
    await flow.tell(root)
    await flow.tell(bob.post({ content: 'answer', inReplyTo: root.object }))
    expect(flow.bodies(portal)).toEqual(['root', 'answer'])
    expect(flow.bodies(other)).toEqual(['root', 'answer'])
    for (const room of [portal, other]) {
      const event = flow.eventOf(room, 'root')
      expect(flow.messages(room).at(-1)?.content['m.relates_to']).toEqual({
        rel_type: 'm.thread',
        event_id: event,
        is_falling_back: true,
        'm.in_reply_to': { event_id: event },
      })
    }
  })
})

describe('a thread', () => {
  test('is brought in from its root, each with its own date', async () => {
    const texts = ['a', 'b', 'c']
    let parent = bob.post({ content: 'root' })
    for (const content of texts) {
      await flow.minutes(1)
      parent = bob.post({ content, inReplyTo: parent.object })
    }
    await flow.tell(parent)
    expect(flow.bodies(portal)).toEqual(['root', ...texts])
    const root = flow.eventOf(portal, 'root')
    const relations = flow.messages(portal).map(({ content }) => content['m.relates_to'])
    expect(relations.slice(1)).toEqual(
      texts.map(() => expect.objectContaining({ rel_type: 'm.thread', event_id: root })),
    )
    const [first = 0, ...dates] = flow.messages(portal).map(({ ts }) => ts)
    // The last one is new, and has the date of its coming.
    expect(dates.slice(0, -1).map((ts) => ts - first)).toEqual([60_000, 120_000])
  })

  test('is brought in twenty posts deep, and above it stands a link', async () => {
    const posts = [bob.post({ content: '0' })]
    for (let n = 1; n <= 25; n++)
      posts.push(bob.post({ content: `${n}`, inReplyTo: posts.at(-1)?.object ?? '' }))
    const [last] = posts.slice(-1)
    if (last !== undefined) await flow.tell(last)
    const [top = '', ...below] = flow.bodies(portal)
    expect(below).toEqual(Array.from({ length: 20 }, (_, n) => `${n + 6}`))
    expect(top).toMatch(/^↩ https:.*\n\n5$/s)
  })

  test('of strangers is not fetched: their words are not shown', async () => {
    const posts = [carl.post({ content: '0' })]
    for (let n = 1; n <= 5; n++)
      posts.push(carl.post({ content: `${n}`, inReplyTo: posts.at(-1)?.object ?? '' }))
    await flow.tell(bob.post({ content: 'to a stranger', inReplyTo: posts[5]?.object ?? '' }))
    const fetched = flow.fediverse.requests.filter(({ url }) => posts.some((p) => p.object === url))
    // Whom it answers has to be known.
    expect(fetched.map(({ url }) => url)).toEqual([posts[5]?.object])
  })

  test('waits for a parent whose server is away, and holds up nobody', async () => {
    await flow.follow(alice, carl)
    const root = carl.post({ content: 'root' })
    flow.fediverse.server('other.example').isAway = true
    const reply = bob.post({ content: 'answer', inReplyTo: root.object })
    await flow.tell(reply, bob.post({ content: 'meanwhile' }))
    expect(flow.bodies(portal)).toEqual(['meanwhile'])
    flow.fediverse.server('other.example').isAway = false
    await flow.minutes(1)
    expect(flow.bodies(portal)).toEqual(['meanwhile', 'root', 'answer'])
  })

  test('stands alone with a link after a minute without its parent', async () => {
    const root = bob.post({ content: 'root' })
    const { notes } = bob
    const hidden = notes.get(root.object)
    notes.delete(root.object)
    await flow.tell(bob.post({ content: 'answer', inReplyTo: root.object }))
    await flow.minutes(2)
    notes.set(root.object, hidden ?? {})
    expect(flow.bodies(portal).join()).not.toContain('root')
  })

  test('a Matrix answer is the fediverse answer of the right post', async () => {
    const sent = bob.post({ content: 'question' })
    await flow.tell(sent)
    alice.replyInThread(portal, flow.eventOf(portal, 'question'), 'an answer')
    await flow.quiet()
    const actor = await flow.actorOf(alice)
    const [create] = flow.received(bob, 'Create')
    const audience = {
      to: ['https://www.w3.org/ns/activitystreams#Public'],
      cc: [`${actor}/followers`, bob.id],
    }
    expect(create).toMatchObject({ actor, ...audience })
    expect(create?.['object']).toMatchObject({
      type: 'Note',
      attributedTo: actor,
      inReplyTo: sent.object,
      content: expect.stringContaining('an answer'),
      tag: [{ type: 'Mention', href: bob.id, name: bob.handle }],
      ...audience,
    })
  })

  test('an answer that comes before we know the event id of its post arrives', async () => {
    let ms = 1
    flow.close()
    flow = await createFlow({ latency: () => ms })
    alice = flow.user('alice')
    bob = flow.account('bob', 'remote.example')
    portal = await flow.follow(alice, bob)
    ms = 4_000
    flow.senders.send(bob.post({ content: 'question' }))
    while (!flow.bodies(portal).includes('question')) await flow.time.pass(100)
    ms = 1
    alice.reply(portal, flow.eventOf(portal, 'question'), 'an answer')
    await flow.minutes(1)
    expect(flow.bodies(portal).filter((body) => body.startsWith('Not sent'))).toEqual([])
    expect(flow.received(bob, 'Create')).toHaveLength(1)
  })

  test('an answer to a followers-only post reaches its author alone', async () => {
    await flow.gain(alice, carl)
    await flow.tell(bob.post({ content: 'among us', visibility: 'followers' }))
    alice.reply(portal, flow.eventOf(portal, '🔒 followers\n\namong us'), 'between us')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toMatchObject([{ to: [bob.id], cc: [] }])
    expect(flow.received(carl, 'Create')).toEqual([])
  })
})

describe('a top-level message in the portal', () => {
  const prompt = () => {
    const line = flow.messages(portal).findLast(({ sender }) => sender === bot)
    if (line === undefined) throw new Error('the bot did not ask')
    return line.eventId
  }

  test('is held until its author reacts', async () => {
    alice.say(portal, 'hey bob')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toEqual([])
    const asked = prompt()
    alice.react(portal, asked, '✅')
    await flow.quiet()
    expect(flow.messages(portal).at(-1)).toMatchObject({
      sender: bot,
      content: {
        'm.new_content': { msgtype: 'm.notice', body: 'Published.' },
        'm.relates_to': { rel_type: 'm.replace', event_id: asked },
      },
    })
    const [create] = flow.received(bob, 'Create')
    expect(create?.['object']).toMatchObject({
      content: expect.stringContaining('hey bob'),
      tag: [{ type: 'Mention', href: bob.id, name: bob.handle }],
    })
    alice.react(portal, asked, '✅️')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
  })

  test('is published by a reaction to the message itself as well, and by that one alone', async () => {
    const message = alice.say(portal, 'hey bob')
    await flow.quiet()
    const asked = prompt()
    alice.react(portal, message, '👍')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toEqual([])
    alice.react(portal, message, '✅')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
    alice.react(portal, asked, '✅')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
  })

  test('is published as it stands when its author reacts, and by nobody else', async () => {
    const carol = flow.user('carol')
    await flow.follow(carol, bob)
    const message = alice.say(portal, 'hey bob')
    await flow.quiet()
    alice.edit(portal, message, 'dear bob')
    carol.react(portal, prompt(), '✅')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toEqual([])
    alice.react(portal, prompt(), '✅')
    await flow.quiet()
    const [create] = flow.received(bob, 'Create')
    expect(create?.['object']).toMatchObject({ content: expect.stringContaining('dear bob') })
  })

  test('that was deleted before is never published', async () => {
    const message = alice.say(portal, 'hey bob')
    await flow.quiet()
    const asked = prompt()
    alice.redact(portal, message)
    await flow.quiet()
    alice.react(portal, asked, '✅')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toEqual([])
  })

  test('is not touched from another room', async () => {
    const carol = flow.user('carol')
    const elsewhere = await flow.chat(carol)
    const message = alice.say(portal, 'hey bob')
    await flow.quiet()
    const asked = prompt()
    carol.redact(elsewhere, message)
    alice.react(await flow.chat(alice), asked, '✅')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toEqual([])
    alice.react(portal, asked, '✅')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
  })

  test('goes out at once, or never, where the user set it so', async () => {
    await flow.command(alice, 'settings room_posts on')
    alice.say(portal, 'hey bob')
    await flow.quiet()
    await flow.command(alice, 'settings room_posts off')
    alice.say(portal, 'not this')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
    expect(flow.bodies(portal).at(-1)).toMatch(/^Not sent/)
  })

  test('of somebody who is nobody yet goes nowhere, and they are told once', async () => {
    const guest = flow.user('guest')
    flow.homeserver.addUser(bot).invite(portal, guest.userId)
    guest.join(portal)
    guest.say(portal, 'hello')
    guest.say(portal, 'hello?')
    await flow.quiet()
    const told = flow.bodies(portal).filter((body) => body.startsWith('Not sent'))
    expect(told).toHaveLength(1)
    expect(flow.received(bob, 'Create')).toEqual([])
  })
})
