import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { asMxc } from '../../src/model/ids.ts'
import type { Media } from '../../src/model/media.ts'
import type { MatrixEvent } from '../../src/model/event.ts'
import { parseEvent } from '../../src/matrix/parse.ts'

type Content = Readonly<Record<string, unknown>>

const raw = (type: string, content: Content): object => ({
  event_id: '$e',
  room_id: '!r',
  sender: '@alice:hs.test',
  origin_server_ts: 1000,
  type,
  content,
})

/** What comes of a message: its words, and its files. */
function parsed(content: Content, type = 'm.room.message'): [string, readonly Partial<Media>[]] {
  const event = parseEvent(raw(type, content))
  if ('skip' in event || event.type !== 'message') throw new Error(JSON.stringify(event))
  expect(event.kind).toBe('media')
  return [event.text.body, event.media]
}

const url = 'mxc://hs.test/abcDEF-_1'
const image = { msgtype: 'm.image', url }
const file = (more: Partial<Media> = {}): Partial<Media>[] => [
  { kind: 'image', mxc: url as never, ...more },
]

describe('the words of a media message', () => {
  test.each<[string, Content, string, Partial<Media>[]]>([
    ['a file name alone', { body: 'cat.png' }, '', file({ name: 'cat.png' })],
    [
      'a caption beside the file name',
      { body: 'my cat', filename: 'cat.png' },
      'my cat',
      file({ name: 'cat.png' }),
    ],
    [
      'the same in both is a file name',
      { body: 'my cat.png', filename: 'my cat.png' },
      '',
      file({ name: 'my cat.png' }),
    ],
    [
      'words without a file name describe the picture',
      { body: ' A cat on a bridge ' },
      '',
      file({ alt: 'A cat on a bridge' }),
    ],
    [
      'a file name of several words',
      { body: 'Screenshot of today 10.30.png' },
      '',
      file({ name: 'Screenshot of today 10.30.png' }),
    ],
    ['a time is no file ending', { body: 'Bridge at 10.30' }, '', file({ alt: 'Bridge at 10.30' })],
    ['one word is a name', { body: 'image' }, '', file({ name: 'image' })],
    ['no body at all', {}, '', file()],
    [
      'a stated alt text beside a caption',
      {
        body: 'my cat',
        filename: 'cat.png',
        'm.alt_text': {
          'm.text': [{ body: '<b>a</b>', mimetype: 'text/html' }, { body: 'a cat' }],
        },
      },
      'my cat',
      file({ name: 'cat.png', alt: 'a cat' }),
    ],
    [
      'a stated alt text by its draft’s name',
      {
        body: 'cat.png',
        'org.matrix.msc1767.alt_text': { 'org.matrix.msc1767.text': 'a cat' },
      },
      '',
      file({ name: 'cat.png', alt: 'a cat' }),
    ],
    [
      'a bare alt text',
      { body: 'cat.png', alt_text: 'a cat' },
      '',
      file({ name: 'cat.png', alt: 'a cat' }),
    ],
    [
      'an alt text of nothing',
      { body: 'cat.png', 'm.alt_text': { 'm.text': [{ body: ' ' }] } },
      '',
      file({ name: 'cat.png' }),
    ],
  ])('%s', (_, content, ...expected) => {
    expect(parsed({ ...image, ...content })).toEqual(expected)
  })

  test('a caption has HTML and mentions, without the quote of what it answers', () => {
    const event = parseEvent(
      raw('m.room.message', {
        ...image,
        filename: 'cat.png',
        body: '> <@bob:hs.test> show me\n\nmy cat',
        format: 'org.matrix.custom.html',
        formatted_body: '<mx-reply>show me</mx-reply>my <b>cat</b>',
        'm.mentions': { user_ids: ['@bob:hs.test'] },
        'm.relates_to': { 'm.in_reply_to': { event_id: '$p' } },
      }),
    )
    expect(event).toMatchObject({
      text: { body: 'my cat', html: 'my <b>cat</b>', mentions: ['@bob:hs.test'] },
      relation: { replyTo: '$p' },
    })
  })

  test('the HTML of what is no caption is nothing', () => {
    const event = parseEvent(
      raw('m.room.message', {
        ...image,
        body: 'cat.png',
        format: 'org.matrix.custom.html',
        formatted_body: '<b>cat.png</b>',
      }),
    )
    expect(event).toMatchObject({ text: { body: '', mentions: [] } })
    expect(event).not.toHaveProperty('text.html')
  })
})

describe('the file', () => {
  test.each<[string, Content, Partial<Media>]>([
    [
      'that is veiled',
      { msgtype: 'm.image', 'page.codeberg.everypizza.msc4193.spoiler': true },
      { kind: 'image', spoiler: '' },
    ],
    [
      'that is veiled for a reason',
      {
        msgtype: 'm.image',
        'page.codeberg.everypizza.msc4193.spoiler': true,
        'page.codeberg.everypizza.msc4193.spoiler.reason': ' blood ',
      },
      { kind: 'image', spoiler: 'blood' },
    ],
    [
      'that is not veiled, whatever reason is there',
      {
        msgtype: 'm.image',
        'page.codeberg.everypizza.msc4193.spoiler': 'yes',
        'page.codeberg.everypizza.msc4193.spoiler.reason': 'blood',
      },
      { kind: 'image' },
    ],
    [
      'of an image, with everything',
      {
        msgtype: 'm.image',
        info: {
          mimetype: 'image/png',
          size: 31_037,
          w: 640,
          h: 480,
          'xyz.amorgan.blurhash': 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
        },
      },
      {
        kind: 'image',
        mediaType: 'image/png',
        size: 31_037,
        width: 640,
        height: 480,
        blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
      },
    ],
    [
      'of a video',
      { msgtype: 'm.video', info: { mimetype: 'Video/MP4', w: 3, h: 4, duration: 5_000.4 } },
      { kind: 'video', mediaType: 'video/mp4', width: 3, height: 4, duration: 5000 },
    ],
    [
      'of a video with a still picture',
      {
        msgtype: 'm.video',
        info: {
          thumbnail_url: 'mxc://hs.test/still',
          thumbnail_info: { mimetype: 'image/jpeg', size: 900, w: 80, h: 'x' },
        },
      },
      {
        kind: 'video',
        thumbnail: {
          mxc: asMxc('mxc://hs.test/still'),
          mediaType: 'image/jpeg',
          size: 900,
          width: 80,
        },
      },
    ],
    [
      'of a video with something else for a picture',
      { msgtype: 'm.video', info: { thumbnail_url: 'https://evil.test/x', thumbnail_info: 5 } },
      { kind: 'video' },
    ],
    [
      'of an image, whose smaller copies are made by whoever needs them',
      { msgtype: 'm.image', info: { thumbnail_url: 'mxc://hs.test/still' } },
      { kind: 'image' },
    ],
    [
      'of audio',
      { msgtype: 'm.audio', info: { mimetype: 'audio/ogg; codecs=opus', duration: 1 } },
      { kind: 'audio', mediaType: 'audio/ogg', duration: 1 },
    ],
    [
      'of a voice message, whose length stands elsewhere',
      {
        msgtype: 'm.audio',
        body: 'Voice message of today',
        'org.matrix.msc3245.voice': {},
        'org.matrix.msc1767.audio': { duration: 2_140, waveform: [1, 2] },
      },
      { kind: 'audio', name: 'Voice message of today', duration: 2_140 },
    ],
    [
      'of a voice message by its coming name',
      { msgtype: 'm.audio', body: 'Voice message of today', 'm.voice': {} },
      { kind: 'audio', name: 'Voice message of today' },
    ],
    ['of any kind', { msgtype: 'm.file', body: 'a.pdf' }, { kind: 'file', name: 'a.pdf' }],
    [
      'whose measures are nonsense',
      {
        msgtype: 'm.image',
        info: { mimetype: 'png', size: -1, w: '3', h: 0, duration: NaN, blurhash: '<script>' },
      },
      { kind: 'image' },
    ],
    ['whose info is no object', { msgtype: 'm.image', info: 'big' }, { kind: 'image' }],
  ])('%s', (_, content, media) => {
    expect(parsed({ url, ...content })).toEqual(['', [{ mxc: url, ...media }]])
  })

  test('of a sticker: its body describes it', () => {
    const content = { body: 'waving.cat', url, info: { w: 3, h: 4 } }
    const media = file({ alt: 'waving.cat', width: 3, height: 4 })
    expect(parsed(content, 'm.sticker')).toEqual(['', media])
  })

  test.each<[string, Content]>([
    ['encrypted', { file: { url, key: {} } }],
    ['encrypted, with a plain one for show', { url, file: { url, key: {} } }],
    ['absent', {}],
    ['elsewhere', { url: 'https://evil.test/x.png' }],
    ['a path', { url: 'mxc://hs.test/../x' }],
    ['a path as server', { url: 'mxc://../x' }],
    ['escaped', { url: 'mxc://hs.test/a%2fb' }],
    ['no text', { url: 5 }],
    ['endless', { url: `mxc://hs.test/${'a'.repeat(600)}` }],
  ])('that is %s cannot be read', (_, content) => {
    expect(parsed({ msgtype: 'm.image', filename: 'a.png', body: 'look', ...content })).toEqual([
      'look',
      [],
    ])
  })

  test('a name and an alt text have an end, and no half characters', () => {
    const long = '😀'.repeat(20_000)
    const [, [media]] = parsed({ ...image, filename: long.slice(0, 9_000), alt_text: `a${long}` })
    expect([media?.name?.length, media?.alt?.length]).toEqual([255, 10_000])
    expect([media?.name?.isWellFormed(), media?.alt?.isWellFormed()]).toEqual([true, true])
  })
})

describe('a gallery', () => {
  const items = [
    { itemtype: 'm.image', body: 'a.png', url, info: { w: 1, h: 2 } },
    { itemtype: 'm.video', body: 'the sea', filename: 'b.mp4', url: 'mxc://hs.test/b' },
  ]
  const media = [
    { kind: 'image', mxc: url, name: 'a.png', width: 1, height: 2 },
    { kind: 'video', mxc: 'mxc://hs.test/b', name: 'b.mp4', alt: 'the sea' },
  ]

  test.each(['dm.filament.gallery', 'm.gallery'])('%s has a caption and its items', (msgtype) => {
    const content = { msgtype, body: 'two of them', itemtypes: items }
    expect(parsed(content)).toEqual(['two of them', media])
  })

  test('may have no caption', () => {
    expect(parsed({ msgtype: 'm.gallery', itemtypes: items })).toEqual(['', media])
  })

  test.each<[string, unknown]>([
    ['nothing', []],
    ['no list', 'x'],
    ['an encrypted item', [items[0], { itemtype: 'm.image', file: { url } }]],
    ['an item of another kind', [items[0], { itemtype: 'm.location', url }]],
    ['an item that is none', [items[0], null]],
    ['itself', [{ itemtype: 'm.gallery', itemtypes: items, url }]],
  ])('of %s cannot be read', (_, itemtypes) => {
    expect(parsed({ msgtype: 'm.gallery', body: 'x', itemtypes })).toEqual(['x', []])
  })
})

test('an edit has the files of its new content', () => {
  const event = parseEvent(
    raw('m.room.message', {
      ...image,
      body: '* new',
      'm.relates_to': { rel_type: 'm.replace', event_id: '$t' },
      'm.new_content': { ...image, url: 'mxc://hs.test/new', body: 'new words', filename: 'a.png' },
    }),
  )
  expect(event).toMatchObject({
    type: 'edit',
    target: '$t',
    kind: 'media',
    text: { body: 'new words' },
    media: [{ kind: 'image', mxc: 'mxc://hs.test/new', name: 'a.png' }],
  })
})

test('no content of a client breaks it, and none gives more than the event held', () => {
  const value = fc.oneof(
    fc.constant(url),
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.dictionary(fc.constantFrom('m.text', 'duration', 'w', 'mimetype'), fc.anything()),
  )
  const keys = fc.constantFrom(
    ...['body', 'filename', 'url', 'file', 'info', 'itemtype', 'm.alt_text', 'alt_text'],
    ...['org.matrix.msc1767.audio', 'org.matrix.msc3245.voice', 'format', 'formatted_body'],
  )
  const content = fc.dictionary(keys, value)
  const msgtype = fc.constantFrom('m.image', 'm.file', 'm.gallery', 'dm.filament.gallery')
  fc.assert(
    fc.property(content, msgtype, fc.array(fc.oneof(content, fc.anything())), (c, type, list) => {
      const event = parseEvent(
        raw('m.room.message', { ...c, msgtype: type, itemtypes: list }),
      ) as MatrixEvent & { type: 'message' }
      expect(event.kind).toBe('media')
      expect(event.media.length).toBeLessThanOrEqual(Math.max(1, list.length))
      for (const { mxc } of event.media) expect(mxc).toBe(url)
    }),
    { numRuns: 500, seed: 4 },
  )
})
