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

async function begin(options: Parameters<typeof createFlow>[1] = {}): Promise<void> {
  flow = await createFlow({}, options)
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
