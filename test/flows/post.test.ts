import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import { createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let actor: string

const everybody = 'https://www.w3.org/ns/activitystreams#Public'

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.publish(alice)
  await flow.gain(alice, bob)
  actor = await flow.actorOf(alice)
})
afterEach(() => flow.close())

const posted = () => flow.received(bob, 'Create').at(-1)?.['object']

describe('post', () => {
  test('publishes words with a warning and a language, for followers', async () => {
    const [answer] = await flow.command(
      alice,
      'post --visibility followers --lang de --cw "Essen" Kuchen!\nMit Sahne #lecker',
    )
    expect(answer).toBe('Published as @alice@bridge.example, for your followers.')
    expect(posted()).toMatchObject({
      summary: 'Essen',
      sensitive: true,
      content: expect.stringContaining('<p>Kuchen!<br>Mit Sahne ') as unknown,
      contentMap: { de: expect.stringContaining('Kuchen!') as unknown },
      tag: [{ type: 'Hashtag', name: '#lecker', href: `${publicUrl}/tags/lecker` }],
      to: [`${actor}/followers`],
      cc: [],
    })
  })

  test('answers the post that it replies to, never wider than that', async () => {
    const portal = await flow.follow(alice, bob)
    const sent = bob.post({ content: 'quiet', visibility: 'unlisted' })
    await flow.tell(sent)
    const target = flow.messages(portal).at(-1)?.eventId
    if (target === undefined) throw new Error('nothing there')
    alice.reply(portal, target, '!ap post --visibility public --cw x I agree')
    await flow.quiet()
    expect(posted()).toMatchObject({
      inReplyTo: sent.object,
      summary: 'x',
      to: [`${actor}/followers`],
      cc: [everybody, bob.id],
    })
  })

  test('publishes the picture that it replies to', async () => {
    const chat = await flow.chat(alice)
    const picture = alice.send(chat, {
      msgtype: 'm.image',
      body: 'cat.png',
      url: 'mxc://hs.test/cat',
      info: { mimetype: 'image/png', w: 4, h: 3 },
    })
    alice.reply(chat, picture, 'post --cw cats Look')
    await flow.quiet()
    expect(posted()).toMatchObject({
      content: '<p>Look</p>',
      summary: 'cats',
      attachment: [{ type: 'Image', mediaType: 'image/png', width: 4, height: 3 }],
    })
  })

  test('is deleted with the line that asked for it, and not changed by an edit of that', async () => {
    const chat = await flow.chat(alice)
    const line = alice.say(chat, 'post Hello')
    await flow.quiet()
    alice.edit(chat, line, 'post Bye')
    await flow.quiet()
    expect(flow.received(bob, 'Update')).toEqual([])
    alice.redact(chat, line)
    await flow.quiet()
    expect(flow.received(bob, 'Delete')).toHaveLength(1)
  })

  test.each([
    ['post', 'It is written like this: `post'],
    ['post --visibility secret x', '`--visibility` can be'],
    ['post --lang klingon! x', '`--lang` is a language'],
    ['post --cw "" x', '`--cw` is followed by'],
  ])('%s is answered with what is wrong', async (line, said) => {
    expect((await flow.command(alice, line))[0]).toContain(said)
    expect(flow.received(bob, 'Create')).toEqual([])
  })
})

describe('what one writes in one’s own room', () => {
  const say = async (content: Record<string, unknown>) => {
    const rooms = alice.rooms('join')
    const room = rooms.find(
      (one) => flow.homeserver.state(one, 'm.room.topic')?.['topic'] !== undefined,
    )
    if (room === undefined) throw new Error('no room')
    const event = alice.send(room, content)
    await flow.quiet()
    return { room, event }
  }

  test('carries its warning, and an edit takes it away', async () => {
    const { room, event } = await say({ msgtype: 'm.text', body: 'cw: spiders\nA big one' })
    expect(posted()).toMatchObject({
      summary: 'spiders',
      sensitive: true,
      content: '<p>A big one</p>',
    })
    alice.edit(room, event, 'A small one')
    await flow.quiet()
    const updated = flow.received(bob, 'Update').at(-1)?.['object']
    expect(updated).toMatchObject({ content: '<p>A small one</p>', sensitive: false })
    expect(updated).not.toHaveProperty('summary')
  })

  test('goes as wide as its author has set', async () => {
    await flow.command(alice, 'settings visibility unlisted')
    await say({ msgtype: 'm.text', body: 'quietly' })
    expect(posted()).toMatchObject({ to: [`${actor}/followers`], cc: [everybody] })
  })

  test('may be a place', async () => {
    await say({
      msgtype: 'm.location',
      body: 'Location was shared at geo:48.8583,2.2945',
      geo_uri: 'geo:48.8583,2.2945;u=10',
      'org.matrix.msc3488.location': { uri: 'geo:48.8583,2.2945', description: 'A tower' },
    })
    expect(posted()).toMatchObject({
      content: expect.stringContaining('>A tower</a>') as unknown,
      location: { type: 'Place', latitude: 48.8583, longitude: 2.2945, name: 'A tower' },
    })
  })
})
