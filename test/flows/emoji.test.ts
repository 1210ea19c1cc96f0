import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document, PostOptions, Sent } from '../fakes/fediverse-account.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { mp4Of, pngOf } from '../support/samples.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let portal: RoomId

async function begin(
  options: Parameters<typeof createFlow>[1] = {},
  software?: string,
): Promise<void> {
  flow = await createFlow({}, options)
  if (software !== undefined) flow.fediverse.server('remote.example').software = software
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  portal = await flow.follow(alice, bob)
}
beforeEach(() => begin())
afterEach(() => flow.close())

const blob = pngOf(16, 16, 10)
const cat = pngOf(16, 16, 20)

/** A custom emoji of Bob's server, as its tag. */
function emoji(name: string, bytes: Buffer, more: Document = {}): Document {
  const files = flow.fediverse.server('remote.example').files
  files.set(`/emoji/${name}.png`, { bytes, type: 'image/png' })
  const icon = { type: 'Image', url: `https://remote.example/emoji/${name}.png` }
  return { id: null, type: 'Emoji', name: `:${name}:`, icon, ...more }
}

const post = (content: string, tag: readonly Document[], more: PostOptions = {}): Sent =>
  bob.post({ content, ...more, extra: { tag, ...more.extra } })

const asked = (name: string): number =>
  flow.fediverse.requests.filter(({ url }) => url.endsWith(`/emoji/${name}.png`)).length

const last = (roomId = portal): Document => flow.messages(roomId).at(-1)?.content ?? {}

/** Names and bytes of the pictures in a text. */
function picturesIn({ formatted_body: html }: Document): readonly (readonly [string, unknown])[] {
  const form = /<img data-mx-emoticon="" src="([^"]*)" alt="([^"]*)" title="\2" height="32">/g
  return [...String(html).matchAll(form)].map(([, src = '', name = '']) => [
    name,
    flow.homeserver.media(src)?.bytes,
  ])
}

describe('custom emoji in a post', () => {
  test('are pictures in its text, which names them for clients that show none', async () => {
    await flow.tell(post('Hi :blob: and :cat: :blob:', [emoji('blob', blob), emoji('cat', cat)]))
    expect(last()['body']).toBe('Hi :blob: and :cat: :blob:')
    expect(picturesIn(last())).toEqual([
      [':blob:', blob],
      [':cat:', cat],
      [':blob:', blob],
    ])
  })

  test('are uploaded once, and again when they were purged', async () => {
    const tags = [emoji('blob', blob), emoji('unused', cat)]
    for (const text of ['one :blob:', 'two :blob:']) await flow.tell(post(text, tags))
    expect([asked('blob'), asked('unused'), flow.homeserver.uploads().length]).toEqual([1, 0, 1])
    for (const mxc of flow.homeserver.uploads()) flow.homeserver.purge(mxc)
    await flow.hours(25)
    await flow.tell(post('three :blob:', tags))
    expect(asked('blob')).toBe(2)
    expect(picturesIn(last())).toEqual([[':blob:', blob]])
  })

  test('come with edits, with captions and with warnings', async () => {
    const sent = post('plain', [])
    await flow.tell(sent)
    const tag = [emoji('blob', blob)]
    bob.notes.set(sent.object, { ...bob.notes.get(sent.object), tag })
    await flow.tell(bob.edit(sent.object, 'now :blob:'))
    expect(picturesIn(last()['m.new_content'] as Document)).toEqual([[':blob:', blob]])
    const file = { bytes: cat, type: 'image/png' }
    flow.fediverse.server('remote.example').files.set('/files/cat.png', file)
    const attachment = [
      { type: 'Image', mediaType: 'image/png', url: 'https://remote.example/files/cat.png' },
    ]
    await flow.tell(post('my :blob:', tag, { extra: { attachment } }))
    expect(last()).toMatchObject({ msgtype: 'm.image', body: 'my :blob:' })
    expect(picturesIn(last())).toEqual([[':blob:', blob]])
    await flow.tell(post('inside', tag, { summary: 'about :blob:' }))
    expect(picturesIn(last())).toEqual([[':blob:', blob]])
  })

  test('of a post that it quotes come from there, and none stays on the web', async () => {
    const dora = flow.account('dora', 'remote.example')
    const quoted = dora.post({ content: 'me :cat:', extra: { tag: [emoji('cat', cat)] } })
    await flow.tell(
      post('look :blob:', [emoji('blob', blob)], { extra: { quoteUrl: quoted.object } }),
    )
    expect(picturesIn(last())).toEqual([
      [':blob:', blob],
      [':cat:', cat],
    ])
    expect(JSON.stringify(last())).not.toMatch(/src=..http/)
  })

  test('of a question come with it', async () => {
    const oneOf = ['yes', 'no'].map((name) => ({ type: 'Note', name, replies: { totalItems: 0 } }))
    const endTime = new Date(flow.time.clock.now() + 3_600_000).toISOString()
    const extra = { type: 'Question', oneOf, endTime }
    await flow.tell(post('do you :cat:?', [emoji('cat', cat)], { extra }))
    const said = flow.messages(portal).filter(({ sender }) => sender === flow.ghostOf(bob))
    expect(said.flatMap(({ content }) => picturesIn(content))).toEqual([[':cat:', cat]])
    expect(JSON.stringify(said)).not.toMatch(/src=..http/)
  })

  test('may be images of its text', async () => {
    emoji('cat', cat)
    const image = (name: string) =>
      `<img class="emoji" src="https://remote.example/emoji/${name}.png" alt=":${name}:">`
    await flow.tell(post(`look ${image('cat')} ${image('gone')}`, []))
    expect(last()['body']).toBe('look :cat: :gone:')
    expect(picturesIn(last())).toEqual([[':cat:', cat]])
  })

  test.each<[string, () => readonly Document[]]>([
    ['are not there', () => [{ ...emoji('cat', cat), name: ':blob:', icon: iconOf('gone') }]],
    ['are no pictures', () => [emoji('blob', mp4Of({ width: 1, height: 1, duration: 1 }))]],
    ['are too large', () => [emoji('blob', Buffer.concat([blob, Buffer.alloc(1_000_001)]))]],
    ['have no address', () => [{ type: 'Emoji', id: null, name: ':blob:', icon: null }]],
    ['have an address of another kind', () => [emoji('blob', blob, { icon: 'javascript:a' })]],
  ])('that %s stay names, and hold nothing up', async (_, tagsOf) => {
    await flow.tell(post('Hi :blob:', tagsOf()))
    expect(last()).toMatchObject({ body: 'Hi :blob:' })
    expect(picturesIn(last())).toEqual([])
  })

  test('of a server that does not answer stay names at once', async () => {
    const tag = [{ type: 'Emoji', name: ':blob:', icon: { url: 'https://away.example/blob.png' } }]
    flow.fediverse.server('away.example').isAway = true
    await flow.tell(post('Hi :blob:', tag))
    expect(flow.bodies(portal)).toEqual(['Hi :blob:'])
  })

  test('may be hundreds with hostile names', async () => {
    const names = ['(', '[', '$&', '\\', '.*', '"><script>', 'a b', '', '::', 'x'.repeat(300)]
    const odd = names.map((name) => ({ ...emoji('blob', blob), name: `:${name}:` }))
    const many = Array.from({ length: 300 }, (_, index) => emoji(`e${index}`, blob))
    const text = many.map(({ name }) => String(name)).join(' ')
    await flow.tell(post(`:(: :$&amp;: :.*: ${text}`, [...odd, ...many]))
    expect(picturesIn(last()).length).toBe(50)
    expect(String(last()['body'])).toContain(':.*: :e0: :e1:')
  })
})

const iconOf = (name: string): Document => ({
  type: 'Image',
  url: `https://remote.example/emoji/${name}.png`,
})

describe('a reaction with a custom emoji', () => {
  const reaction = () =>
    flow.messages(portal).find(({ type }) => type === 'm.reaction')?.content ?? {}

  /** Bob is in the room, for it is that of his posts. */
  async function react(tag: readonly Document[] | undefined): Promise<void> {
    const root = bob.post({ content: 'root' })
    await flow.tell(root)
    alice.replyInThread(portal, flow.eventOf(portal, 'root'), 'answer')
    await flow.quiet()
    const [create] = flow.received(bob, 'Create')
    const object = (create?.['object'] as { id: string }).id
    const activity = { id: `${bob.id}#reactions/1`, type: 'Like', actor: bob.id, object }
    const said = { content: ':blob:', _misskey_reaction: ':blob:' }
    await flow.tell(bob.sign({ ...activity, ...said, ...(tag === undefined ? {} : { tag }) }))
  }

  test('is its name', async () => {
    await react([emoji('blob', blob)])
    expect(reaction()).toMatchObject({ 'm.relates_to': { key: ':blob:' } })
    expect(asked('blob')).toBe(0)
  })

  test('is the picture where the administrator wants that', async () => {
    flow.close()
    await begin({ media: { emojiReactions: 'picture' } })
    await react([emoji('blob', blob)])
    const { key } = reaction()['m.relates_to'] as { key: string }
    expect(flow.homeserver.media(key)?.bytes).toEqual(blob)
    expect(reaction()).toMatchObject({
      shortcode: ':blob:',
      'com.beeper.reaction.shortcode': ':blob:',
    })
  })

  test('is its name where the picture cannot be had', async () => {
    flow.close()
    await begin({ media: { emojiReactions: 'picture' } })
    await react([{ ...emoji('cat', cat), name: ':blob:', icon: iconOf('gone') }])
    expect(reaction()).toMatchObject({ 'm.relates_to': { key: ':blob:' } })
    expect(reaction()).not.toHaveProperty('shortcode')
  })
})

const mxc = (name: string): string => `mxc://hs.test/${name}`

/** A message with custom emoji, as clients send it. */
function sayWith(roomId: RoomId, ...pictures: readonly (readonly [name: string, mxc: string])[]) {
  const html = pictures.map(
    ([name, src]) =>
      `<img data-mx-emoticon height="32" src="${src}" alt=":${name}:" title=":${name}:">`,
  )
  const body = pictures.map(([name]) => `:${name}:`).join(' ')
  const format = 'org.matrix.custom.html'
  return alice.send(roomId, {
    ...{ msgtype: 'm.text', body, format, formatted_body: html.join(' ') },
  })
}

type Tag = { readonly id: string; readonly name: string; readonly icon: { readonly url: string } }
const emojiTags = (note: unknown): readonly Tag[] =>
  (note as { tag: (Tag & { type: string })[] }).tag.filter(({ type }) => type === 'Emoji')
const published = () => flow.received(bob, 'Create').map(({ object }) => object as Document)

describe('custom emoji of a message', () => {
  let profile: RoomId
  beforeEach(async () => {
    profile = await flow.publish(alice)
    await flow.gain(alice, bob)
  })

  test('go out by name, each picture under one address for ever', async () => {
    sayWith(profile, ['blob', mxc('blob')], ['my cat', mxc('cat')])
    await flow.quiet()
    sayWith(profile, ['bloblike', mxc('blob')])
    await flow.quiet()
    const [first, second] = published()
    expect([first?.['content'], second?.['content']]).toEqual([
      '<p>:blob: :my_cat:</p>',
      '<p>:blob:</p>',
    ])
    const [blobTag, catTag] = emojiTags(first)
    expect(blobTag).toEqual({
      id: blobTag?.icon.url,
      type: 'Emoji',
      name: ':blob:',
      updated: '1970-01-01T00:00:00.000Z',
      icon: {
        type: 'Image',
        url: expect.stringMatching(/^https:\/\/bridge\.example\/media\/[\w-]{22}$/) as unknown,
      },
    })
    expect(catTag?.name).toBe(':my_cat:')
    expect(emojiTags(second)).toEqual([blobTag])
  })

  test('have a name for each picture, also when two rooms call theirs the same', async () => {
    sayWith(profile, ['blob', mxc('blob')], ['blob', mxc('other')], ['猫', mxc('third')])
    await flow.quiet()
    const [note] = published()
    const names = emojiTags(note).map(({ name }) => name)
    expect(names).toEqual([
      ':blob:',
      expect.stringMatching(/^:blob_[0-9a-f]{6}:$/),
      expect.stringMatching(/^:emoji_[0-9a-f]{6}:$/),
    ])
    expect(note?.['content']).toBe(`<p>${names.join(' ')}</p>`)
  })

  test('are typed, where the room offers them', async () => {
    const images = { blob: { url: mxc('blob') }, sticker: { url: mxc('s'), usage: ['sticker'] } }
    alice.setState(profile, 'im.ponies.room_emotes mine', { images })
    alice.setState(profile, 'm.room.image_pack', { images: { cat: { url: mxc('cat') } } })
    await flow.quiet()
    alice.say(profile, 'cw: a :cat:\nHi :blob: :sticker: 12:30:45')
    await flow.quiet()
    const [note] = published()
    expect(note).toMatchObject({
      summary: 'a :cat:',
      content: '<p>Hi :blob: :sticker: 12:30:45</p>',
    })
    expect(emojiTags(note).map(({ name }) => name)).toEqual([':blob:', ':cat:'])
    alice.setState(profile, 'im.ponies.room_emotes mine', {})
    await flow.quiet()
    alice.say(profile, 'Hi :blob:')
    await flow.quiet()
    expect(emojiTags(published()[1])).toEqual([])
  })

  test('of one’s own room are typed elsewhere, too', async () => {
    alice.setState(profile, 'im.ponies.room_emotes', { images: { blob: { url: mxc('blob') } } })
    await flow.quiet()
    await flow.command(alice, 'post Hi :blob:')
    await flow.tell(bob.post({ content: 'root' }))
    alice.replyInThread(portal, flow.eventOf(portal, 'root'), 'Yes :blob:')
    await flow.quiet()
    const notes = published()
    expect(notes.map(({ content }) => content)).toEqual([
      '<p>Hi :blob:</p>',
      expect.stringContaining('Yes :blob:'),
    ])
    expect(notes.map((note) => emojiTags(note).length)).toEqual([1, 1])
  })

  test('follow an edit', async () => {
    const event = sayWith(profile, ['blob', mxc('blob')])
    await flow.quiet()
    const formatted_body = `<img data-mx-emoticon src="${mxc('cat')}" alt=":cat:">`
    const content = { msgtype: 'm.text', body: ':cat:', format: 'org.matrix.custom.html' }
    alice.send(profile, {
      ...{ ...content, formatted_body, 'm.new_content': { ...content, formatted_body } },
      'm.relates_to': { rel_type: 'm.replace', event_id: event },
    })
    await flow.quiet()
    const [update] = flow.received(bob, 'Update')
    expect(update?.['object']).toMatchObject({ content: '<p>:cat:</p>' })
    expect(emojiTags(update?.['object']).map(({ name }) => name)).toEqual([':cat:'])
  })

  test('go out with a post by command', async () => {
    const chat = await flow.chat(alice)
    const formatted_body = `post Hi <img data-mx-emoticon src="${mxc('cat')}" alt=":cat:">`
    const body = 'post --cw ":cat: food" Hi :cat:'
    alice.send(chat, {
      ...{ msgtype: 'm.text', body, format: 'org.matrix.custom.html', formatted_body },
    })
    await flow.quiet()
    const [note] = published()
    expect(note).toMatchObject({ summary: ':cat: food', content: '<p>Hi :cat:</p>' })
    expect(emojiTags(note)).toHaveLength(1)
  })
})

test('a chat that somebody made offers what it had before the ghost came', async () => {
  const chat = alice.createRoom({
    ...{ preset: 'trusted_private_chat', is_direct: true },
    initial_state: [
      {
        type: 'im.ponies.room_emotes',
        state_key: '',
        content: { images: { blob: { url: mxc('blob') } } },
      },
    ],
  })
  alice.invite(chat, flow.ghostOf(bob))
  await flow.quiet()
  alice.say(chat, 'Hi :blob:')
  await flow.quiet()
  const [note] = published()
  expect(emojiTags(note).map(({ name }) => name)).toEqual([':blob:'])
})

describe('a reaction of ours with a custom emoji', () => {
  async function react(software: string | undefined, content: Document) {
    // It is asked once for a while, when it is first heard of.
    if (software !== undefined) {
      flow.close()
      await begin({}, software)
    }
    await flow.tell(bob.post({ content: 'react' }))
    const event_id = flow.eventOf(portal, 'react')
    const relation = { rel_type: 'm.annotation', event_id, key: mxc('blob') }
    const event = alice.send(portal, { 'm.relates_to': relation, ...content }, 'm.reaction')
    await flow.quiet()
    return event
  }

  test('is an emoji reaction where that is known, and is taken back with its picture', async () => {
    const event = await react('akkoma', { 'com.beeper.reaction.shortcode': ':blob:' })
    const [sent] = flow.received(bob, 'EmojiReact')
    expect(sent).toMatchObject({ content: ':blob:', tag: [{ type: 'Emoji', name: ':blob:' }] })
    alice.redact(portal, event)
    await flow.quiet()
    expect(flow.received(bob, 'Undo')).toMatchObject([
      { object: { id: sent?.['id'], type: 'EmojiReact', content: ':blob:', tag: sent?.['tag'] } },
    ])
  })

  test('is a like that carries it elsewhere', async () => {
    await react('mastodon', { shortcode: ':blob:' })
    expect(flow.received(bob, 'Like')).toMatchObject([
      { content: ':blob:', _misskey_reaction: ':blob:', tag: [{ name: ':blob:' }] },
    ])
  })

  test('has a name of its own where the client gives none', async () => {
    await react('akkoma', {})
    expect(flow.received(bob, 'EmojiReact')).toMatchObject([
      { content: expect.stringMatching(/^:emoji_[0-9a-f]{6}:$/) as unknown },
    ])
  })
})
