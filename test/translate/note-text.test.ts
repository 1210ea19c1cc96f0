import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parseNote } from '../../src/activitypub/parse.ts'
import { asActorId, asObjectId, asUserId } from '../../src/model/ids.ts'
import type { Note } from '../../src/model/note.ts'
import type { NoteTextOptions, Pill } from '../../src/translate/note-text.ts'
import { cpuTime } from '../support/cpu.ts'
import { noteToTexts, oneLine } from '../../src/translate/note-text.ts'

const url = 'https://social.test/@bob/1'
const bob = asActorId('https://social.test/users/bob')
const base: Note = {
  id: asObjectId('https://social.test/notes/1'),
  type: 'Note',
  author: bob,
  content: '<p>Hello</p>',
  sensitive: false,
  url,
  to: [],
  cc: [],
  mentions: [],
  attachments: [],
  emojis: [],
}
const options: NoteTextOptions = { pills: new Map() }
/** The only message, where there is one. */
const noteToText = (note: Note, around = options) => {
  const [text, ...others] = noteToTexts(note, around)
  expect(others).toEqual([])
  return text
}

const pollOf = (...names: string[]) => ({
  options: names.map((name) => ({ name, votes: 0 })),
  isMultiple: false,
  isClosed: false,
})
const image = { type: 'Image', url: 'https://social.test/cat.png', name: 'A  cat\nasleep' }
const file = { type: 'Document', url: 'https://social.test/x', mediaType: 'video/mp4' }

const blob = { shortcode: 'blob', url: 'https://social.test/blob.png' }
const blobPicture = `<img data-mx-emoticon="" src="${blob.url}" alt=":blob:" title=":blob:" height="32">`

const rows: readonly [string, Partial<Note>, { body: string; html?: string }][] = [
  ['a note is its text', {}, { body: 'Hello' }],
  [
    'a content warning stands above hidden text, and the body keeps the secret',
    { summary: 'food', content: '<p>one</p><p>two <b>x</b></p><ul><li>l</li></ul>' },
    {
      body: `CW: food\n\nHidden text: ${url}`,
      html: '<p>CW: food</p><span data-mx-spoiler="">one<br><br>two <b>x</b><ul><li>l</li></ul></span>',
    },
  ],
  [
    'custom emoji stand in the warning and in what it hides',
    { summary: ':blob: food', content: '<p>one :blob:</p>', emojis: [blob] },
    {
      body: `CW: :blob: food\n\nHidden text: ${url}`,
      html: `<p>CW: ${blobPicture} food</p><span data-mx-spoiler="">one ${blobPicture}</span>`,
    },
  ],
  [
    'attachments are links with their description',
    { attachments: [image, file], content: '' },
    {
      body: '📎 A cat asleep (https://social.test/cat.png)\n\n📎 video (https://social.test/x)',
      html: '<p>📎 <a href="https://social.test/cat.png">A cat asleep</a></p><p>📎 <a href="https://social.test/x">video</a></p>',
    },
  ],
  [
    'sensitive attachments say so',
    { attachments: [file], sensitive: true },
    {
      body: 'Hello\n\n📎 sensitive: video (https://social.test/x)',
      html: '<p>Hello</p><p>📎 sensitive: <a href="https://social.test/x">video</a></p>',
    },
  ],
  [
    'an attachment that the text links is not said twice, nor one that is no web address',
    {
      content: '<a href="https://social.test/cat.png">cat</a>',
      attachments: [image, { type: 'Image', url: 'javascript:alert(1)' }],
    },
    {
      body: 'cat (https://social.test/cat.png)',
      html: '<a href="https://social.test/cat.png">cat</a>',
    },
  ],
  [
    'a poll in a text lists its answers, and links to where votes are taken',
    { type: 'Question', poll: pollOf('Yes', ' <b>No</b> ') },
    {
      body: 'Hello\n\n• Yes\n• <b>No</b>\n\nhttps://social.test/@bob/1',
      html: '<p>Hello</p><ul><li>Yes</li><li>&lt;b&gt;No&lt;/b&gt;</li></ul><p><a href="https://social.test/@bob/1">https://social.test/@bob/1</a></p>',
    },
  ],
  [
    'an event says when and where, in its own time zone',
    {
      ...{ type: 'Event', name: 'Concert', content: '<p>Come</p>', place: 'Town hall, Town' },
      occasion: {
        start: Date.UTC(2026, 4, 1, 18),
        end: Date.UTC(2026, 4, 1, 20),
        timezone: 'Europe/Paris',
        isCancelled: false,
      },
    },
    {
      body: `Concert\n\n🗓 Fri, 1 May 2026, 20:00–22:00 (Europe/Paris)\n📍 Town hall, Town\n\nCome\n\n${url}`,
      html: `<p><strong>Concert</strong></p><p>🗓 Fri, 1 May 2026, 20:00–22:00 (Europe/Paris)<br>📍 Town hall, Town</p><p>Come</p><p><a href="${url}">${url}</a></p>`,
    },
  ],
  [
    'an event without an end in a zone that there is not',
    {
      ...{ type: 'Event', content: '<p>Come</p>' },
      occasion: { start: Date.UTC(2026, 4, 1, 18), timezone: 'Mars/Base', isCancelled: false },
    },
    {
      body: `🗓 Fri, 1 May 2026 at 18:00 (UTC)\n\nCome\n\n${url}`,
    },
  ],
  [
    'a video says how long it is',
    { type: 'Video', name: 'Cats', content: '', duration: 3_723_400 },
    {
      body: `Cats\n\n⏱ 1:02:03\n\n${url}`,
      html: `<p><strong>Cats</strong></p><p>⏱ 1:02:03</p><p><a href="${url}">${url}</a></p>`,
    },
  ],
  [
    'an article has its title, its text and its page; its summary is no warning',
    { type: 'Article', name: 'Title', summary: 'In short' },
    {
      body: `Title\n\nHello\n\n${url}`,
      html: `<p><strong>Title</strong></p><p>Hello</p><p><a href="${url}">${url}</a></p>`,
    },
  ],
  [
    'an article without text has its summary',
    { type: 'Article', name: 'Title', summary: 'In short', content: '' },
    {
      body: `Title\n\nIn short\n\n${url}`,
      html: `<p><strong>Title</strong></p><p>In short</p><p><a href="${url}">${url}</a></p>`,
    },
  ],
  [
    'a type nobody knows is a card',
    { type: 'Chess', name: 'Game 7', content: '' },
    {
      body: `Game 7\n\n${url}`,
      html: `<p><strong>Game 7</strong></p><p><a href="${url}">${url}</a></p>`,
    },
  ],
  [
    'a name that the text begins with is said once',
    { type: 'Article', name: 'Bread and  salt', content: '<h2>Bread and salt</h2><p>Take</p>' },
    {
      body: `Bread and salt\n\nTake\n\n${url}`,
      html: `<p><strong>Bread and salt</strong></p><p>Take</p><p><a href="${url}">${url}</a></p>`,
    },
  ],
  [
    'a note may have a title',
    { name: 'Lost' },
    { body: 'Lost\n\nHello', html: '<p><strong>Lost</strong></p><p>Hello</p>' },
  ],
  ['a note may be named by its own first words', { name: 'hel' }, { body: 'Hello' }],
  [
    'a note may say where it was written',
    { place: 'Main square' },
    { body: '📍 Main square\n\nHello' },
  ],
  [
    'a place that the text names is said once',
    { place: 'Main square', content: '<p>📍 Main square!</p>' },
    { body: '📍 Main square!' },
  ],
  [
    'an event that does not take place says so first',
    {
      ...{ type: 'Event', name: 'Concert', content: '' },
      occasion: { start: Date.UTC(2026, 4, 1, 18), isCancelled: true },
    },
    {
      body: `Concert\n\n❌ Cancelled\n🗓 Fri, 1 May 2026 at 18:00 (UTC)\n\n${url}`,
      html: `<p><strong>Concert</strong></p><p>❌ Cancelled<br>🗓 Fri, 1 May 2026 at 18:00 (UTC)</p><p><a href="${url}">${url}</a></p>`,
    },
  ],
  [
    'a link without a name is its address',
    { attachments: [{ type: 'Link', url: 'https://a.test/' }] },
    { body: 'Hello\n\n📎 https://a.test/' },
  ],
  [
    'a type nobody knows, of which nothing is said, is its own name',
    { type: 'http://odd.test/ns#MoodUpdate', content: '' },
    { body: `Mood update\n\n${url}` },
  ],
  ['nothing at all is a link', { content: '<p></p>' }, { body: url }],
  [
    'a page that is no web address is not linked',
    { content: '', url: 'javascript:alert(1)' },
    { body: base.id },
  ],
]

describe('what a person sees of a note', () => {
  test.each(rows)('%s', (_, note, text) => {
    expect(noteToText({ ...base, ...note }, options)).toEqual(text)
  })

  test('marks, and the page of what it answers, stand above', () => {
    const around = { ...options, mark: '🔒 followers', answers: 'https://a.test/1' }
    expect(noteToText(base, around)).toEqual({
      body: '🔒 followers\n\n↩ https://a.test/1\n\nHello',
    })
  })

  test('people mentioned are pills', () => {
    const userId = asUserId('@_ap_bob_social.test:example.org')
    const content = '<p><a href="https://social.test/@bob" class="u-url mention">@bob</a></p>'
    const mentions = [{ actorId: bob, name: '@bob@social.test' }]
    const pills = new Map<string, Pill>([[bob, { userId, name: 'Bob' }]])
    expect(noteToText({ ...base, content, mentions }, { pills }).html).toBe(
      '<p><a href="https://matrix.to/#/%40_ap_bob_social.test%3Aexample.org">Bob</a></p>',
    )
  })

  const sizeOf = (text: unknown): number => Buffer.byteLength(JSON.stringify(text))
  const shown = ({ body, html }: { body: string; html?: string }): string => html ?? body
  /** Without markup and the links to the post. */
  const letters = (text: string): string => text.replaceAll(/[^\p{L}]/gu, '')
  const words = (text: string): string => text.replaceAll(/<[^>]*>|Read the rest|\s+/g, '')

  test('what shows nothing ends in a link, which makes it no larger than an event', () => {
    const [text, ...more] = noteToTexts(
      { ...base, content: `${'\u200d'.repeat(20_000)}]` },
      options,
    )
    expect(more).toEqual([])
    expect(sizeOf(text)).toBeLessThan(60_000)
    expect(text.html).toContain('>Read the rest</a>')
  })

  test.each<[string, string, Partial<Note>]>([
    ['in words', '<p>some more words of it</p>'.repeat(2_250), {}],
    [
      'in formatted words',
      '<p><b>some words</b> and so many more of them <i>“and others”</i></p>'.repeat(830),
      {},
    ],
    ['in one paragraph', `<b>${'word '.repeat(9_900)}</b>`, {}],
    ['in another script', `<p>${'漢字'.repeat(24_900)}</p><b>x</b>`, {}],
    [
      'of an article',
      '<p>слово слово слово слово слово слово слово</p><ul><li>раз два</li></ul>'.repeat(830),
      { type: 'Article' },
    ],
    ['in a list', `<ol>${'<li>“words of a list”</li>'.repeat(2_400)}</ol>`, {}],
    ['behind a warning', '<p>“слово” слово слово</p>'.repeat(2_200), { summary: 'long' }],
  ])('fifty thousand characters %s are whole', (_, content, note) => {
    const texts = noteToTexts({ ...base, ...note, content }, options)
    for (const text of texts) expect(sizeOf(text)).toBeLessThan(60_000)
    const all = texts
      .map(shown)
      .join('')
      .replaceAll(/CW: long/g, '')
    const expected = words(content) + (note.type === 'Article' ? url : '')
    expect(words(all) === expected).toBe(true)
    expect(texts.length).toBeLessThanOrEqual(7)
    const bodies = texts.map(({ body }) => body.trim())
    expect(bodies).not.toContain('')
    if (note.summary !== undefined) expect(bodies.join('')).not.toContain('слово')
    // Clients without HTML, and the search of homeservers, have it whole too.
    else expect(letters(bodies.join('')) === letters(expected)).toBe(true)
  })

  test.each<[string, string, Partial<Note>]>([
    ['in short words', '<p>word word</p>'.repeat(20_000), {}],
    ['in another script', `<p>${'漢字'.repeat(100_000)}</p><b>x</b>`, {}],
    ['in quotation marks', `<b>x</b>${'"\\'.repeat(50_000)}`, {}],
    ['behind a warning', '<p>word word</p>'.repeat(20_000), { summary: 'long' }],
    ['in more tags than are read', '<p><b>a</b></p>'.repeat(6_000), {}],
    ['in more tags than the sanitiser reads', '<p class=x>a</p>'.repeat(2_000), {}],
    ['in more entities than the sanitiser reads', 'a&ouml;'.repeat(12_000), {}],
    ['in one address', `<a href="https://a.test/${'x'.repeat(150_000)}">y</a>`, {}],
    ['in addresses', `<a href="https://a.test/${'x'.repeat(1_900)}">y</a> `.repeat(400), {}],
  ])('a longer text %s ends with a link to the rest', (_, content, note) => {
    const texts = noteToTexts({ ...base, ...note, content }, options)
    for (const text of texts) expect(sizeOf(text)).toBeLessThan(60_000)
    expect(texts.length).toBeLessThanOrEqual(10)
    const last = texts.at(-1)
    expect(last?.html ?? last?.body).toContain(url)
    expect(texts.map(({ body }) => body.trim())).not.toContain('')
  })

  test.each([
    ['tags', '<p class="x">a</p>'.repeat(2_400), 2_400],
    ['entities', 'a&amp;'.repeat(12_000), 12_000],
  ])('a text in as many %s as plain HTML may have is whole', (_, content, letters) => {
    const bodies = noteToTexts({ ...base, content }, options).map(({ body }) => body)
    expect(bodies.join('').replace(/[^a]/g, '')).toHaveLength(letters)
  })

  test.each([
    ['of one kind', '<p><b>word</b> <i>“word”</i></p>'.repeat(4_000)],
    ['in a list', `<ol>${'<li>“word”</li>'.repeat(9_000)}</ol>`],
    ['that are never closed', '<em>x'.repeat(40_000)],
  ])('a post of nothing but elements %s is read in a moment', async (_, content) => {
    const times: number[] = []
    for (let tries = 0; tries < 3; tries++)
      times.push(await cpuTime(() => noteToTexts({ ...base, content }, options)))
    // Fifty on a machine of its own.
    expect(Math.min(...times)).toBeLessThan(90)
  })

  test('the numbers of a list go on in the next message', () => {
    const content = `<ol>${'<li>“слово слово слово”</li>'.repeat(2_000)}</ol>`
    const [first, second] = noteToTexts({ ...base, content }, options)
    const items = (first.html ?? '').split('<li>').length - 1
    expect(second?.html?.slice(0, 21)).toBe(`<ol start="${items + 1}"><li>“`)
  })

  test('what stands around a long text, and its files, stand at its beginning', () => {
    const content = '<p>слово</p>'.repeat(8_000)
    const around = { ...options, mark: '🔒 followers', below: ['🖼 A cat'] }
    const [first, ...rest] = noteToTexts({ ...base, content, attachments: [file] }, around)
    expect(first.html).toMatch(/^<p>🔒 followers<\/p>.*📎.*🖼 A cat<\/p>$/s)
    expect(rest.length).toBeGreaterThan(0)
    for (const { html } of rest) expect(html ?? '').not.toMatch(/🔒|📎|🖼/)
  })

  test('files with endless addresses leave room for the post', () => {
    const address = `https://social.test/?${'&'.repeat(2_000)}`
    const attachments = Array.from({ length: 32 }, (_, n) => ({ ...file, url: `${address}${n}` }))
    const boosted = '&'.repeat(300)
    for (const content of ['<p>Look</p>', '<p>слово</p>'.repeat(8_000)]) {
      const note = { ...base, url: address, summary: 'food', content, attachments }
      const texts = noteToTexts(note, { ...options, answers: address, boosted })
      expect(texts[0].html).toMatch(content === '<p>Look</p>' ? 'Look' : 'слово')
      expect(texts[0].html).toContain(`${address.replaceAll('&', '&amp;')}0`)
      expect(texts.at(-1)?.html).toContain('>Read the rest</a>')
      for (const text of texts) expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(57_000)
    }
  })

  test('one line says what it is and where', () => {
    expect(oneLine({ ...base, content: '<p>a</p><p>b</p>' }, url)).toEqual({ body: `↪ a b ${url}` })
    expect(oneLine({ ...base, summary: 'food' }, url)).toEqual({ body: `↪ CW: food ${url}` })
    expect(oneLine({ ...base, content: '' }, url)).toEqual({ body: `↪ Note ${url}` })
    expect(oneLine({ ...base, content: ':blob:', emojis: [blob] }, url)).toEqual({
      body: `↪ :blob: ${url}`,
      html: `<p>↪ ${blobPicture} <a href="${url}">${url}</a></p>`,
    })
  })
})

const corpus = '../shared/fixtures'

/** Every object in a document that reads as a note. */
function notesIn(value: unknown, depth = 0): Note[] {
  if (typeof value !== 'object' || value === null || depth > 8) return []
  const inner = Object.values(value).flatMap((child) => notesIn(child, depth + 1))
  try {
    return [parseNote(value), ...inner]
  } catch {
    return inner
  }
}

function readNotes(folder: string): Note[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('json'))
    .flatMap((name) => {
      try {
        return notesIn(JSON.parse(readFileSync(join(folder, name), 'utf8')))
      } catch {
        return []
      }
    })
}

const testCorpus = existsSync(corpus) ? test : test.skip
testCorpus('every real document reads as something', () => {
  const notes = readNotes(corpus)
  expect(notes.length).toBeGreaterThan(50)
  const empty = notes.filter((note) => noteToText(note, options).body.trim() === '')
  expect(empty).toEqual([])
})
