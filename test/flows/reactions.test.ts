import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carol: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carol = flow.account('carol', 'other.example')
})
afterEach(() => flow.close())

const reactionsIn = (room: RoomId) =>
  flow
    .messages(room)
    .filter(({ type }) => type === 'm.reaction')
    .map(({ content }) => content['m.relates_to'])

const pageOf = (account: Account, { object }: { object: string }): string =>
  `https://${account.host}/@${account.username}/${object.split('/').at(-1) ?? ''}`

describe('boosts', () => {
  let portal: RoomId
  beforeEach(async () => {
    portal = await flow.follow(alice, bob)
  })

  test('show the post, and an answer goes to who wrote it', async () => {
    const post = carol.post({ content: '<p>Look at this</p>' })
    await flow.tell(bob.boost(post.object))
    expect(flow.messages(portal).at(-1)).toMatchObject({
      sender: flow.ghostOf(bob),
      content: {
        body: `🔁 boosted @carol@other.example\n\nLook at this\n\n${pageOf(carol, post)}`,
        external_url: pageOf(carol, post),
        'm.mentions': {},
      },
    })
    const card = flow.messages(portal).at(-1)?.eventId
    if (card === undefined) throw new Error('no card')
    alice.reply(portal, card, 'I see')
    await flow.quiet()
    expect(flow.received(carol, 'Create')).toMatchObject([
      { object: { inReplyTo: post.object, tag: [{ type: 'Mention', href: carol.id }] } },
    ])
    expect(flow.received(bob, 'Create')).toEqual([])
  })

  test('that are quicker than the post itself do not keep it from where its author is read', async () => {
    const other = await flow.follow(alice, carol)
    const post = carol.post({ content: 'helo' })
    await flow.tell(bob.boost(post.object))
    const card = `🔁 boosted @carol@other.example\n\nhelo\n\n${pageOf(carol, post)}`
    expect([flow.bodies(portal), flow.bodies(other)]).toEqual([[card], []])
    await flow.minutes(1)
    const edit = carol.edit(post.object, 'hello')
    await flow.tell(edit)
    await flow.tell(post)
    expect(flow.bodies(other)).toEqual(['hello'])
    expect(flow.bodies(portal)).toHaveLength(2)
    await flow.tell({ ...post, activity: { ...post.activity, id: `${post.id}/again` } })
    expect(flow.bodies(other)).toEqual(['hello'])
  })

  test('show a post as it is now, also when it was fetched a moment before', async () => {
    const erin = flow.account('erin', 'third.example')
    const erins = await flow.follow(alice, erin)
    const post = carol.post({ content: 'helo' })
    await flow.tell(bob.boost(post.object))
    await flow.minutes(1)
    await flow.tell(carol.edit(post.object, 'hello'))
    await flow.tell(erin.boost(post.object))
    expect(flow.bodies(erins).at(-1)).toContain('\n\nhello\n')
  })

  test('bring nothing back that is deleted at the same moment', async () => {
    await flow.follow(alice, carol)
    const post = carol.post({ content: 'not for long' })
    await flow.tell(post)
    for (const pause of [0, 1, 2, 3, 4, 5, 6, 8, 10, 15]) {
      const next = carol.post({ content: `not for long ${pause}` })
      await flow.tell(next)
      flow.senders.send(bob.boost(next.object))
      await flow.time.pass(pause)
      flow.senders.send(carol.delete(next.object))
      await flow.quiet()
    }
    expect(flow.bodies(portal).filter((body) => body.includes('not for long'))).toEqual([])
  })

  test('wait for a post whose server is away, and hold up nobody', async () => {
    const post = carol.post({ content: 'Look' })
    const other = carol.post({ content: 'Or not' })
    flow.fediverse.server('other.example').isAway = true
    const second = bob.boost(other.object)
    await flow.tell(bob.boost(post.object), second, bob.post({ content: 'meanwhile' }))
    expect(flow.bodies(portal)).toEqual(['meanwhile'])
    await flow.tell(bob.undo(second))
    await flow.hours(5)
    flow.fediverse.server('other.example').isAway = false
    await flow.hours(2)
    expect(flow.bodies(portal)).toEqual([
      'meanwhile',
      `🔁 boosted @carol@other.example\n\nLook\n\n${pageOf(carol, post)}`,
    ])
  })

  test('of what stands there are a line that stands for the post', async () => {
    const post = bob.post({ content: 'once more' })
    await flow.tell(post)
    await flow.tell(bob.boost(post.object))
    const line = flow.messages(portal).at(-1)
    expect(line?.content['body']).toBe(
      `🔁 boosted @bob@remote.example: once more ${pageOf(bob, post)}`,
    )
    if (line === undefined) throw new Error('no line')
    alice.reply(portal, line.eventId, 'Still true')
    alice.react(portal, line.eventId, '❤️')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toMatchObject([{ object: { inReplyTo: post.object } }])
    expect(flow.received(bob, 'Like')).toMatchObject([{ object: post.object }])
    await flow.tell(bob.edit(post.object, 'and again'))
    expect(flow.messages(portal).at(-1)?.content).toMatchObject({
      'm.new_content': {
        body: `🔁 boosted @bob@remote.example: and again ${pageOf(bob, post)}`,
      },
      'm.relates_to': { rel_type: 'm.replace', event_id: line.eventId },
    })
  })

  test('are fetched once for two who boost the same, and undone one by one', async () => {
    const erin = flow.account('erin', 'third.example')
    const erins = await flow.follow(alice, erin)
    const post = carol.post({ content: 'Look' })
    const sent = [bob.boost(post.object), erin.boost(post.object)]
    for (const boost of sent) await flow.tell(boost)
    const card = `🔁 boosted @carol@other.example\n\nLook\n\n${pageOf(carol, post)}`
    const cards = () => [portal, erins].map((room) => flow.bodies(room).at(-1) ?? '')
    expect(cards()).toEqual([card, card])
    const fetches = flow.fediverse.requests.filter(({ url }) => url === post.object)
    expect(fetches).toHaveLength(1)
    const [first] = sent
    if (first !== undefined) await flow.tell(bob.undo(first))
    expect(cards()).toEqual(['', card])
  })

  test('stay away where nobody wants them', async () => {
    await flow.command(alice, 'follow @bob@remote.example --no-boosts')
    await flow.tell(bob.boost(carol.post({ content: 'Look' }).object))
    expect(flow.bodies(portal)).toEqual([])
  })

  test('show no post that is not public', async () => {
    await flow.tell(bob.boost(carol.post({ content: 'psst', visibility: 'followers' }).object))
    expect(flow.bodies(portal)).toEqual([])
  })

  test('by a reaction go to the followers, and are taken back with it', async () => {
    const sent = bob.post({ content: 'Pass it on' })
    await flow.tell(sent)
    const reaction = alice.react(portal, flow.eventOf(portal, 'Pass it on'), '🔁')
    await flow.quiet()
    const [announce] = flow.received(bob, 'Announce')
    expect(announce).toMatchObject({
      object: sent.object,
      cc: expect.arrayContaining([bob.id]) as unknown,
    })
    alice.redact(portal, reaction)
    await flow.quiet()
    expect(flow.received(bob, 'Undo')).toMatchObject([
      { object: { id: announce?.['id'], type: 'Announce', object: sent.object } },
    ])
  })

  test('by command go out too, once', async () => {
    const sent = bob.post({ content: 'Pass it on' })
    await flow.tell(sent)
    const event = flow.eventOf(portal, 'Pass it on')
    for (const answer of ['Boosted.', 'You have boosted this post already.']) {
      alice.reply(portal, event, '!ap boost')
      await flow.quiet()
      expect(flow.bodies(portal).at(-1)).toBe(answer)
    }
    expect(flow.received(bob, 'Announce')).toMatchObject([{ object: sent.object }])
  })

  test('of what is for followers are refused with the reason', async () => {
    await flow.tell(bob.post({ content: 'between us', visibility: 'followers' }))
    alice.react(portal, flow.messages(portal).at(-1)?.eventId ?? flow.eventOf(portal, ''), '🔁')
    await flow.quiet()
    expect(flow.received(bob, 'Announce')).toEqual([])
    expect(flow.bodies(portal).at(-1)).toMatch(/^Not boosted: this is not public\./)
  })
})

describe('reactions to a post of ours', () => {
  test('are counted by emoji, boosts too, and the number follows', async () => {
    const profile = await flow.publish(alice)
    const actor = await flow.actorOf(alice)
    await flow.gain(alice, bob)
    alice.say(profile, 'hello')
    await flow.quiet()
    const object = flow.received(bob, 'Create').map((create) => create['object'])[0] as {
      id: string
    }
    const boost = carol.boost(object.id)
    await flow.tell(bob.emojiReact(object.id, '🎉'), carol.emojiReact(object.id, '🎉'), boost)
    await flow.minutes(2)
    expect(flow.bodies(profile).at(-1)).toBe('🎉 2 · 🔁 1')
    await flow.tell(carol.undo(boost))
    await flow.minutes(2)
    expect(flow.messages(profile).at(-1)?.content['m.new_content']).toMatchObject({ body: '🎉 2' })
    expect(actor).toMatch(/^https:/)
  })

  test('count for it by the id of its Create too, and are taken back by it', async () => {
    const profile = await flow.publish(alice)
    await flow.gain(alice, bob)
    alice.say(profile, 'hello')
    await flow.quiet()
    const create = String(flow.received(bob, 'Create')[0]?.['id'])
    const like = bob.emojiReact(create, '🎉')
    await flow.tell(like, carol.boost(create), carol.emojiReact(`${create}x`, '🎉'))
    await flow.minutes(2)
    expect(flow.bodies(profile).at(-1)).toBe('🎉 1 · 🔁 1')
    await flow.tell(bob.undo({ ...like, id: `${like.id}-unknown` }))
    await flow.minutes(2)
    expect(flow.messages(profile).at(-1)?.content['m.new_content']).toMatchObject({ body: '🔁 1' })
  })

  test('of who is in the chat are reactions', async () => {
    const chat = alice.createDm(flow.ghostOf(bob))
    await flow.quiet()
    alice.say(chat, 'hello')
    await flow.quiet()
    const object = flow.received(bob, 'Create').map((create) => create['object'])[0] as {
      id: string
    }
    const sent = bob.emojiReact(object.id, '❤')
    await flow.tell(sent)
    expect(reactionsIn(chat)).toMatchObject([{ key: '❤️' }])
    await flow.tell(bob.undo(sent))
    expect(reactionsIn(chat)).toEqual([undefined])
  })
})

describe('reactions to a post of theirs', () => {
  const react = async (software: string | undefined, ...keys: string[]) => {
    if (software !== undefined) flow.fediverse.server(bob.host).software = software
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'react' }))
    for (const key of keys) {
      alice.react(portal, flow.eventOf(portal, 'react'), key)
      await flow.quiet()
    }
    return portal
  }

  test('are likes with an emoji inside to a server that says nothing of itself', async () => {
    await react(undefined, '🎉')
    expect(flow.received(bob, 'Like')).toMatchObject([{ content: '🎉', _misskey_reaction: '🎉' }])
  })

  test('are emoji reactions where those are known, asked for once', async () => {
    await react('akkoma', '🎉', '😺')
    expect(flow.received(bob, 'EmojiReact')).toMatchObject([{ content: '🎉' }, { content: '😺' }])
    const asked = flow.fediverse.requests.filter(({ url }) => url.includes('nodeinfo'))
    expect(asked).toHaveLength(2)
  })

  test('replace each other where one counts, which is said once', async () => {
    const portal = await react('misskey', '🎉', '😺', '🐶')
    expect(flow.received(bob, 'Like').map(({ content }) => content)).toEqual(['🎉', '😺', '🐶'])
    expect(flow.received(bob, 'Undo')).toMatchObject([
      { object: { content: '🎉' } },
      { object: { content: '😺' } },
    ])
    const said = flow.bodies(portal).filter((body) => body.includes('keeps one reaction'))
    expect(said).toHaveLength(1)
  })
})
