import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, publicUrl, type Flow } from './setup.ts'

const everybody = 'https://www.w3.org/ns/activitystreams#Public'

let flow: Flow
let alice: FakeUser
let bob: Account
let profile: RoomId
let actor: string

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  profile = await flow.publish(alice)
  actor = await flow.actorOf(alice)
})
afterEach(() => flow.close())

const objectId = (): string =>
  String((flow.received(bob, 'Create').at(-1)?.['object'] as { id?: unknown }).id)

describe('the own public room', () => {
  test('a message goes to the followers, one delivery a server', async () => {
    await flow.gain(alice, bob)
    await flow.gain(alice, flow.account('ben', 'remote.example'))
    alice.say(profile, 'hello world')
    await flow.quiet()
    const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
    expect(
      flow.fediverse.deliveries.filter(({ activity }) => activity['type'] === 'Create'),
    ).toEqual([
      {
        inbox: 'https://remote.example/inbox',
        keyId: `${actor}#main-key`,
        at: expect.any(Number),
        activity: {
          '@context': expect.anything(),
          id: expect.stringMatching(new RegExp(`^${publicUrl}/activities/`)),
          type: 'Create',
          actor,
          published: date,
          to: [everybody],
          cc: [`${actor}/followers`],
          object: expect.objectContaining({
            id: objectId(),
            type: 'Note',
            attributedTo: actor,
            content: '<p>hello world</p>',
            source: { content: 'hello world', mediaType: 'text/markdown' },
            published: date,
            to: [everybody],
            cc: [`${actor}/followers`],
            tag: [],
          }),
          proof: expect.objectContaining({ verificationMethod: `${actor}#ed25519-key` }),
        },
      },
    ])
  })

  test('accepts a follower and tells of it in one notice', async () => {
    await flow.tell(
      ...[bob, flow.account('ben', 'remote.example')].map((account) => account.follow(actor)),
    )
    expect(flow.received(bob, 'Accept')).toHaveLength(1)
    await flow.minutes(1)
    const told = [...alice.rooms('join'), ...alice.rooms('invite')]
      .flatMap((roomId) => flow.bodies(roomId))
      .filter((body) => body.includes('@bob@remote.example'))
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('@ben@remote.example')
  })

  test('an answer of a follower stands below the post, its author can answer it', async () => {
    await flow.gain(alice, bob)
    const event = alice.say(profile, 'hello world')
    await flow.quiet()
    const mentions = [{ id: actor, name: '@alice@bridge.example' }]
    const reply = bob.post({ content: 'hello alice', inReplyTo: objectId(), mentions })
    await flow.tell(reply)
    const line = flow.messages(profile).at(-1)
    expect(line).toMatchObject({
      sender: flow.ghostOf(bob),
      content: {
        'm.mentions': { user_ids: [alice.userId] },
        'm.relates_to': { rel_type: 'm.thread', event_id: event },
      },
    })
    alice.replyInThread(profile, flow.eventOf(profile, 'hello alice'), 'and you')
    await flow.quiet()
    expect(flow.received(bob, 'Create').at(-1)?.['object']).toMatchObject({
      content: expect.stringContaining('and you'),
    })
  })

  test('an answer of somebody who is read here stands in their room as well, and rings once', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.gain(alice, bob)
    const event = alice.say(profile, 'hello world')
    await flow.quiet()
    const mentions = [{ id: actor, name: '@alice@bridge.example' }]
    await flow.tell(bob.post({ content: 'hello alice', inReplyTo: objectId(), mentions }))
    expect(flow.messages(profile).at(-1)?.content).toMatchObject({
      body: 'hello alice',
      'm.mentions': { user_ids: [alice.userId] },
      'm.relates_to': { rel_type: 'm.thread', event_id: event },
    })
    const link = `https://matrix.to/#/${encodeURIComponent(profile)}/${encodeURIComponent(event)}?via=hs.test`
    const there = flow.messages(portal).at(-1)?.content
    expect(there).toMatchObject({ body: `↩ ${link}\n\nhello alice`, 'm.mentions': {} })
    expect(there?.['m.relates_to']).toBeUndefined()
  })

  test('a command there and a notice of the bot are never published', async () => {
    await flow.gain(alice, bob)
    alice.say(profile, '!ap whoami')
    alice.say(profile, '!important')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toEqual([])
    expect(flow.messages(profile).some(({ sender }) => sender === bot)).toBe(true)
  })

  test('a typed handle becomes a mention and is told, `@room` is nobody', async () => {
    alice.say(profile, 'ask @bob@remote.example and @room')
    await flow.quiet()
    const [create] = flow.received(bob, 'Create')
    expect(create).toMatchObject({ to: [everybody], cc: [`${actor}/followers`, bob.id] })
    expect(create?.['object']).toMatchObject({
      tag: [{ type: 'Mention', href: bob.id, name: bob.handle }],
    })
  })

  test('a pill of a ghost becomes a mention', async () => {
    await flow.follow(alice, bob)
    const ghost = flow.ghostOf(bob)
    alice.send(profile, {
      msgtype: 'm.text',
      body: 'see Bob',
      format: 'org.matrix.custom.html',
      formatted_body: `see <a href="https://matrix.to/#/${ghost}">Bob</a>`,
      'm.mentions': { user_ids: [ghost] },
    })
    await flow.quiet()
    expect(flow.received(bob, 'Create').at(-1)).toMatchObject({
      object: { tag: [{ type: 'Mention', href: bob.id, name: bob.handle }] },
    })
  })
})

describe('an edit and a deletion', () => {
  beforeEach(async () => {
    await flow.gain(alice, bob)
  })

  test('of a message reach everybody who got it, who left meanwhile too', async () => {
    const event = alice.say(profile, 'helo')
    await flow.quiet()
    await flow.tell(
      bob.undo(bob.sign({ type: 'Follow', id: `${bob.id}#f`, actor: bob.id, object: actor })),
    )
    alice.edit(profile, event, 'hello')
    await flow.quiet()
    alice.redact(profile, event)
    await flow.quiet()
    const id = objectId()
    const [update] = flow.received(bob, 'Update')
    expect(update).toMatchObject({
      to: [everybody],
      object: { id, content: '<p>hello</p>', updated: expect.any(String) },
    })
    expect(flow.received(bob, 'Delete')).toMatchObject([{ object: { id, type: 'Tombstone' } }])
  })

  test('of a message by somebody else stay here', async () => {
    const event = alice.say(profile, 'mine')
    await flow.quiet()
    flow.homeserver.addUser(bot).redact(profile, event)
    await flow.quiet()
    expect(flow.received(bob, 'Delete')).toEqual([])
  })

  test('from the fediverse change what stands in the room', async () => {
    const portal = await flow.follow(alice, bob)
    const sent = bob.post({ content: 'helo' })
    await flow.tell(sent)
    const event = flow.eventOf(portal, 'helo')
    await flow.tell(bob.edit(sent.object, 'hello'))
    expect(flow.messages(portal).at(-1)).toMatchObject({
      sender: flow.ghostOf(bob),
      content: {
        'm.new_content': { body: 'hello' },
        'm.relates_to': { rel_type: 'm.replace', event_id: event },
      },
    })
    await flow.tell(bob.delete(sent.object))
    // Nothing of it is left, in whichever version.
    const said = flow.messages(portal).filter(({ type }) => type === 'm.room.message')
    expect(said.map(({ content }) => content)).toEqual([{}, {}])
    expect(flow.messages(portal)[0]?.eventId).toBe(event)
  })

  test('that come before the post are right in the end', async () => {
    const portal = await flow.follow(alice, bob)
    const first = bob.post({ content: 'helo' })
    const second = bob.post({ content: 'never' })
    await flow.tell(bob.edit(first.object, 'hello'), bob.delete(second.object))
    await flow.tell(first, second)
    expect(flow.bodies(portal)).toEqual(['hello'])
  })

  test('by another account change nothing', async () => {
    const portal = await flow.follow(alice, bob)
    const sent = bob.post({ content: 'mine' })
    await flow.tell(sent)
    const mallory = flow.account('mallory', 'evil.example')
    await flow.tell(
      mallory.sign({
        '@context': 'https://www.w3.org/ns/activitystreams',
        id: `${mallory.id}#delete`,
        type: 'Delete',
        actor: mallory.id,
        object: sent.object,
      }),
    )
    expect(flow.bodies(portal)).toEqual(['mine'])
  })

  test('a moderator’s redaction of a ghost’s message stays in Matrix', async () => {
    const portal = await flow.follow(alice, bob)
    const before = flow.received(bob).length
    await flow.tell(bob.post({ content: 'rude' }))
    flow.homeserver.addUser(bot).redact(portal, flow.eventOf(portal, 'rude'))
    await flow.quiet()
    expect(flow.received(bob)).toHaveLength(before)
  })
})

describe('likes', () => {
  beforeEach(async () => {
    await flow.gain(alice, bob)
  })

  test('of a Matrix user are told to the author, and taken back', async () => {
    const portal = await flow.follow(alice, bob)
    const sent = bob.post({ content: 'nice' })
    await flow.tell(sent)
    const reaction = alice.react(portal, flow.eventOf(portal, 'nice'), '👍')
    await flow.quiet()
    const [like] = flow.received(bob, 'Like')
    expect(like).toMatchObject({ actor, object: sent.object, to: [bob.id] })
    alice.redact(portal, reaction)
    await flow.quiet()
    expect(flow.received(bob, 'Undo')).toMatchObject([
      { actor, object: { id: like?.['id'], type: 'Like', actor, object: sent.object } },
    ])
  })

  test('of many are one notice below the post, changed at most once a minute', async () => {
    alice.say(profile, 'like me')
    await flow.quiet()
    const fans = ['a', 'b', 'c', 'd'].map((name) => flow.account(name, 'remote.example'))
    const likes = fans.map((fan) => fan.like(objectId()))
    await flow.tell(...likes)
    await flow.minutes(1)
    const summaries = () => flow.messages(profile).filter(({ sender }) => sender === bot)
    expect(summaries().map(({ content }) => content['body'])).toEqual(['❤️ 4'])
    for (const [index, fan] of fans.entries()) {
      const like = likes[index]
      if (like !== undefined && index > 0) await flow.tell(fan.undo(like))
    }
    await flow.minutes(2)
    expect(summaries().length).toBeLessThanOrEqual(3)
    expect(summaries().at(-1)?.content['m.new_content']).toMatchObject({ body: '❤️ 1' })
  })

  test('of a ghost that is in the room are its reaction', async () => {
    const event = alice.say(profile, 'like me')
    await flow.quiet()
    await flow.tell(bob.post({ content: 'I do', inReplyTo: objectId() }))
    const like = bob.like(objectId())
    await flow.tell(like)
    await flow.minutes(2)
    const reactions = () => flow.messages(profile).filter(({ type }) => type === 'm.reaction')
    expect(reactions()).toMatchObject([
      {
        sender: flow.ghostOf(bob),
        content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: event, key: '❤️' } },
      },
    ])
    await flow.tell(bob.undo(like))
    expect(reactions()[0]?.content).toEqual({})
  })
})
