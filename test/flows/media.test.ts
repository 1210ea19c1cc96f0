import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { html, mp4Of, pdf, pngOf } from '../support/samples.ts'
import { createFlow, type Flow, type Line } from './setup.ts'

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

const cat = pngOf(4, 3, 10)
const dog = pngOf(3, 4, 20)
const film = mp4Of({ width: 64, height: 36, duration: 2_000, hasSound: false })

/** Puts a file on Bob's server; how a post names it. */
function file(name: string, bytes: Buffer, more: Document = {}): Document {
  const described = { type: 'Document', mediaType: 'image/png', ...more }
  const { mediaType: type } = described
  flow.fediverse.server('remote.example').files.set(`/files/${name}`, { bytes, type })
  return { ...described, url: `https://remote.example/files/${name}` }
}

const post = (attachment: readonly Document[], more: Parameters<Account['post']>[0] = {}): Sent =>
  bob.post({ content: 'Look', ...more, extra: { attachment, ...more.extra } })

/** Changes a post of Bob's. */
function edit({ object }: Sent, change: Document): Sent {
  const before = bob.notes.get(object)
  bob.notes.set(object, { ...before, ...change })
  const { content } = { ...before, ...change } as { content: string }
  return bob.edit(object, content.replace(/^<p>|<\/p>$/g, ''))
}

/** Messages of Bob's in a room as they were sent, without notices and edits. */
const shown = (roomId = portal): readonly Line[] =>
  flow
    .messages(roomId)
    .filter(({ sender, type }) => sender === flow.ghostOf(bob) && type === 'm.room.message')

type Content = {
  readonly msgtype?: string
  readonly filename?: string
  readonly body?: string
  readonly 'm.new_content'?: Content
}

/** `image cat.png: Look` */
function brief({ content }: { readonly content: Content }): string {
  const { msgtype, filename = '', body, 'm.new_content': edited } = content
  if (edited !== undefined) return `edit to ${brief({ content: edited })}`
  return `${[msgtype?.slice(2), filename].join(' ').trim()}: ${body}`
}
const briefs = (roomId = portal): readonly string[] => shown(roomId).map(brief)

const bytesOf = ({ content }: Line) => flow.homeserver.media(String(content['url']))?.bytes

/** How often a file was asked for. */
const asked = (name: string): number =>
  flow.fediverse.requests.filter(({ url }) => url.endsWith(`/files/${name}`)).length

describe('a post with files', () => {
  test('is one message with the first file and one for each other, in order', async () => {
    await flow.tell(
      post([
        file('cat.png', cat, { name: 'A cat', blurhash: 'LEHV6nWB2yk8', width: 4, height: 3 }),
        file('dog', dog, { name: 'A dog' }),
        file('film', film, { mediaType: 'video/mp4', icon: file('still.png', cat) }),
        file('text.pdf', pdf, { mediaType: 'application/pdf' }),
      ]),
    )
    expect(briefs()).toEqual([
      'image cat.png: Look\n\n🖼 A cat',
      'image dog.png: A dog',
      'video film.mp4: film.mp4',
      'file text.pdf: text.pdf',
    ])
    const [first, second, third] = shown()
    expect(first?.content).toMatchObject({
      info: { mimetype: 'image/png', size: cat.length, w: 4, h: 3 },
      external_url: expect.stringContaining('https://remote.example/@bob/'),
    })
    expect([first, second, third].map((line) => line && bytesOf(line))).toEqual([cat, dog, film])
    const { info } = third?.content as { info: Record<string, unknown> }
    expect(info).toMatchObject({ w: 64, h: 36, duration: 2_000, 'fi.mau.gif': true })
    expect(flow.homeserver.media(String(info['thumbnail_url']))?.bytes).toEqual(cat)
  })

  test('of which there are too many has links to the rest', async () => {
    const many = Array.from({ length: 34 }, (_, number) =>
      file(`${number}.png`, pngOf(2, 2, number), { name: `Picture ${number}` }),
    )
    await flow.tell(post(many))
    await flow.minutes(1)
    const [first, ...further] = briefs()
    expect(first?.split('\n\n')).toEqual([
      'image 0.png: Look',
      '📎 Picture 32 (https://remote.example/files/32.png)',
      '📎 Picture 33 (https://remote.example/files/33.png)',
      '🖼 Picture 0',
    ])
    expect(further).toEqual(
      Array.from({ length: 31 }, (_, number) => `image ${number + 1}.png: Picture ${number + 1}`),
    )
  })

  test('in a thread has all of them there', async () => {
    const root = bob.post({ content: 'root' })
    await flow.tell(
      root,
      post([file('cat.png', cat), file('dog.png', dog)], { inReplyTo: root.object }),
    )
    const event = flow.eventOf(portal, 'root')
    const [, first, second] = shown()
    const thread = { rel_type: 'm.thread', event_id: event, is_falling_back: true }
    expect(first?.content['m.relates_to']).toEqual({
      ...thread,
      'm.in_reply_to': { event_id: event },
    })
    expect(second?.content['m.relates_to']).toEqual({
      ...thread,
      'm.in_reply_to': { event_id: first?.eventId },
    })
  })

  test('in two rooms is uploaded once', async () => {
    const carl = flow.account('carl', 'other.example')
    const other = await flow.follow(alice, carl)
    const root = carl.post({ content: 'root' })
    await flow.tell(root)
    await flow.tell(post([file('cat.png', cat)], { inReplyTo: root.object }))
    expect([briefs().at(-1), briefs(other).at(-1)]).toEqual([
      'image cat.png: Look',
      'image cat.png: Look',
    ])
    expect([asked('cat.png'), flow.homeserver.uploads().length]).toEqual([1, 1])
  })

  test('that are the same as in an earlier post are uploaded once, until they are purged', async () => {
    await flow.tell(post([file('cat.png', cat)]))
    await flow.tell(post([file('cat.png', cat)]))
    expect(flow.homeserver.uploads()).toHaveLength(1)
    for (const mxc of flow.homeserver.uploads()) flow.homeserver.purge(mxc)
    await flow.hours(25)
    await flow.tell(post([file('cat.png', cat)]))
    expect(shown().map(bytesOf)).toEqual([undefined, undefined, cat])
  })

  test('told privately shows them in the chat, without quoting what it answers again and again', async () => {
    const actor = await flow.actorOf(alice)
    const mentions = [{ id: actor, name: '@alice@bridge.example' }]
    const rooms = [...alice.rooms('join'), ...alice.rooms('invite')]
    await flow.tell(
      post([file('cat.png', cat), file('dog.png', dog)], { visibility: 'direct', mentions }),
    )
    const chat = flow.newRoom(alice, rooms)
    expect(briefs(chat)).toEqual(['image cat.png: Look', 'image dog.png: dog.png'])
    expect(shown(chat).map(({ content }) => content['m.relates_to'])).toEqual([
      undefined,
      undefined,
    ])
  })

  test('is taken away whole', async () => {
    const sent = post([file('cat.png', cat), file('dog.png', dog)])
    await flow.tell(sent, bob.delete(sent.object))
    expect(shown().map(({ content }) => content['url'])).toEqual([undefined, undefined])
    const redactions = flow.messages(portal).filter(({ type }) => type === 'm.room.redaction')
    expect(redactions).toHaveLength(2)
  })

  test('from before the follow comes with its files and its date', async () => {
    const dora = flow.account('dora', 'remote.example')
    dora.post({
      content: 'old',
      extra: { attachment: [file('cat.png', cat), file('dog.png', dog)] },
    })
    await flow.hours(1)
    const room = await flow.follow(alice, dora)
    const lines = flow.messages(room).filter(({ sender }) => sender === flow.ghostOf(dora))
    expect(lines.map(brief)).toEqual(['image cat.png: old', 'image dog.png: dog.png'])
    expect(new Set(lines.map(({ ts }) => ts)).size).toBe(1)
  })
})

describe('a file that cannot be had', () => {
  const absent = (name: string): Document => ({
    type: 'Document',
    mediaType: 'image/png',
    url: `https://remote.example/files/${name}`,
    name: 'A cat',
  })

  test('is a link with what it shows, and the post is there all the same', async () => {
    await flow.tell(post([absent('gone.png'), file('dog.png', dog), absent('gone-too.png')]))
    expect(briefs()).toEqual([
      'text: Look\n\n📎 A cat (https://remote.example/files/gone.png)',
      'image dog.png: dog.png',
      'text: 📎 A cat (https://remote.example/files/gone-too.png)',
    ])
  })

  test('since it is a page, whatever its server calls it', async () => {
    await flow.tell(post([file('error.png', html, { name: 'A cat' })]))
    expect(briefs()).toEqual(['text: Look\n\n📎 A cat (https://remote.example/files/error.png)'])
  })

  test('since it is larger than the homeserver takes', async () => {
    flow.homeserver.setUploadLimit(film.length - 1)
    await flow.tell(
      post([file('film.mp4', film, { mediaType: 'video/mp4' }), file('dog.png', dog)]),
    )
    expect(briefs()).toEqual([
      'text: Look\n\n📎 video (https://remote.example/files/film.mp4)',
      'image dog.png: dog.png',
    ])
  })

  test('just now is waited for, together with its post', async () => {
    const attachment = file('cat.png', cat)
    let faults = 2
    flow.fediverse.setFault(({ url }) => (/cat/.test(url) && faults-- > 0 ? 'fail-500' : undefined))
    await flow.tell(post([attachment]), bob.post({ content: 'next' }))
    expect(briefs()).toEqual(['image cat.png: Look', 'text: next'])
  })

  test('for a quarter of a minute is a link, and nobody else waited', async () => {
    const carl = flow.account('carl', 'other.example')
    const other = await flow.follow(alice, carl)
    const attachment = file('cat.png', cat)
    flow.fediverse.setFault(({ url }) => (/cat/.test(url) ? 'timeout' : undefined))
    await flow.tell(
      post([attachment]),
      bob.post({ content: 'next' }),
      carl.post({ content: 'mine' }),
    )
    expect([briefs(), flow.bodies(other)]).toEqual([[], ['mine']])
    await flow.minutes(1)
    expect(briefs()).toEqual([
      'text: Look\n\n📎 image (https://remote.example/files/cat.png)',
      'text: next',
    ])
    expect(asked('cat.png')).toBe(4)
  })

  test('since the homeserver does not take it is a link; one that is away is waited for', async () => {
    const attachment = file('cat.png', cat)
    flow.homeserver.injectFaults(({ url }) => (/upload/.test(url) ? 'fail-500' : undefined))
    await flow.tell(post([attachment]))
    await flow.minutes(1)
    expect(briefs()).toEqual(['text: Look\n\n📎 image (https://remote.example/files/cat.png)'])
    flow.homeserver.injectFaults(() => 'timeout')
    const before = asked('dog.png')
    await flow.tell(post([file('dog.png', dog)]))
    await flow.minutes(30)
    flow.homeserver.injectFaults(() => undefined)
    await flow.minutes(2)
    expect(briefs().at(-1)).toBe('image dog.png: Look')
    expect(asked('dog.png') - before).toBe(1)
  })
})

describe('sensitive files', () => {
  const veil = 'page.codeberg.everypizza.msc4193.spoiler'
  const sensitive = { extra: { sensitive: true } }

  test('are veiled, with a line that says so', async () => {
    await flow.tell(post([file('cat.png', cat)], sensitive))
    const [line] = shown()
    expect([line && brief(line), line?.content[veil]]).toEqual([
      'image cat.png: Look\n\nSensitive: image',
      true,
    ])
    await flow.tell(post([file('dog.png', dog)], { summary: 'dogs' }))
    const warned = shown().at(-1)?.content
    expect([warned?.['body'], warned?.[`${veil}.reason`]]).toEqual([
      expect.stringMatching(/^CW: dogs\n\nHidden text: https:/),
      'dogs',
    ])
  })

  test('are links, or shown, where the admin wants that', async () => {
    flow.close()
    await begin({ media: { sensitive: 'link' } })
    await flow.tell(post([file('cat.png', cat)], sensitive))
    expect([briefs(), asked('cat.png')]).toEqual([
      ['text: Look\n\n📎 sensitive: image (https://remote.example/files/cat.png)'],
      0,
    ])
    flow.close()
    await begin({ media: { sensitive: 'show' } })
    await flow.tell(post([file('cat.png', cat)], sensitive))
    expect([briefs(), shown()[0]?.content[veil]]).toEqual([['image cat.png: Look'], undefined])
  })
})

describe('an edit', () => {
  const one = (): Document => file('cat.png', cat, { name: 'A cat' })
  const two = (): Document => file('dog.png', dog, { name: 'A dog' })
  const three = (): Document => file('film.mp4', film, { mediaType: 'video/mp4' })

  async function begun(): Promise<Sent> {
    const sent = post([one(), two()])
    await flow.tell(sent)
    return sent
  }
  const before = ['image cat.png: Look\n\n🖼 A cat', 'image dog.png: A dog']
  const after = (): readonly string[] => briefs().slice(2)

  test('that changes nothing visible makes no event and fetches nothing', async () => {
    const sent = await begun()
    const { length } = flow.fediverse.requests
    await flow.tell(edit(sent, { replies: 'more' }))
    expect(briefs()).toEqual(before)
    expect(flow.fediverse.requests.slice(length).map(({ url }) => url)).toEqual([])
  })

  test('of words leaves the files alone', async () => {
    await flow.tell(edit(await begun(), { content: '<p>Look here</p>' }))
    expect(after()).toEqual(['edit to image cat.png: Look here\n\n🖼 A cat'])
    const edited = shown().at(-1)?.content['m.new_content'] as Record<string, unknown>
    expect(edited['url']).toBe(shown()[0]?.content['url'])
  })

  test('of what a file shows reaches that file', async () => {
    await flow.tell(edit(await begun(), { attachment: [one(), { ...two(), name: 'My dog' }] }))
    expect(after()).toEqual(['edit to image dog.png: My dog'])
  })

  test('brings a new file into the thread of the post', async () => {
    const sent = await begun()
    await flow.tell(edit(sent, { attachment: [one(), two(), three()] }))
    expect(after()).toEqual(['video film.mp4: film.mp4'])
    expect(shown().at(-1)?.content['m.relates_to']).toMatchObject({
      rel_type: 'm.thread',
      event_id: shown()[0]?.eventId,
    })
    await flow.tell(edit(sent, { replies: 'more' }))
    expect(after()).toHaveLength(1)
  })

  test('takes a file away, with its edits, and brings it again', async () => {
    const sent = await begun()
    await flow.tell(edit(sent, { attachment: [one(), { ...two(), name: 'My dog' }] }))
    await flow.tell(edit(sent, { attachment: [one()] }))
    const files = () => shown().map(({ content }) => content['url'] ?? content['m.new_content'])
    expect(files().slice(1)).toEqual([undefined, undefined])
    await flow.tell(edit(sent, { attachment: [one(), two()] }))
    expect(briefs().at(-1)).toBe('image dog.png: A dog')
    await flow.tell(bob.delete(sent.object))
    expect(files()).toEqual([undefined, undefined, undefined, undefined])
  })

  test('without the first file leaves its text', async () => {
    await flow.tell(edit(await begun(), { attachment: [two()] }))
    expect(after()).toEqual(['edit to text: Look'])
  })

  test('that brings a file to a text puts it below', async () => {
    const sent = bob.post({ content: 'words' })
    await flow.tell(sent, edit(sent, { attachment: [one()] }))
    expect(briefs()).toEqual(['text: words', 'image cat.png: A cat'])
  })
})

test('a bridge that dies at any step shows each file once', async () => {
  const expected = ['image cat.png: Look', 'image dog.png: dog.png', 'text: next']
  let isOver = false
  for (let deadly = 0; !isOver; deadly += 1) {
    flow.close()
    let steps = -1
    await begin({
      crashesAt: () => {
        if (steps < 0) return false
        steps += 1
        return steps === deadly + 1
      },
    })
    steps = 0
    await flow.tell(
      post([file('cat.png', cat), file('dog.png', dog)]),
      bob.post({ content: 'next' }),
    )
    await flow.minutes(2)
    expect([deadly, briefs()]).toEqual([deadly, expected])
    isOver = flow.crashes() === 0
    if (isOver) expect(deadly).toBeGreaterThan(20)
  }
})
