import { expect, test } from '@jest/globals'
import type { MatrixEvent } from '../../src/model/event.ts'
import { asEventId, asMxc, asRoomId, asUserId } from '../../src/model/ids.ts'
import { unnamed, unnamedIn, usersIn, usersNamedBy } from '../../src/translate/unnamed.ts'

const ann = asUserId('@ann:example.org')
const bobby = asUserId('@bobby:example.org')
const hidden = new Set([ann])
const pill = '<a href="https://matrix.to/#/@ann:example.org">Ann (she)</a>'
const bob = '<a href="https://matrix.to/#/@bob:example.org">Bob</a>'

type Row = {
  readonly title: string
  readonly body: string
  readonly html?: string
  readonly shown: string
  readonly shownHtml?: string
}
const rows: readonly Row[] = [
  {
    title: 'a pill, and its name in the body',
    body: 'Ann (she): look, Ann (she)!',
    html: `${pill}: look`,
    shown: 'somebody: look, somebody!',
    shownHtml: 'somebody: look',
  },
  {
    title: 'a pill in Markdown',
    body: '**[Ann (she)](https://matrix.to/#/@ann:example.org)** and [Bob](https://matrix.to/#/@bob:example.org)',
    html: `<p><b>${pill}</b> and ${bob}</p>`,
    shown: '**somebody** and [Bob](https://matrix.to/#/@bob:example.org)',
    shownHtml: `<p><b>somebody</b> and ${bob}</p>`,
  },
  {
    title: 'ids and links in running text',
    body: 'ask @ann:example.org, https://matrix.to/#/%40ann%3Aexample.org or matrix:u/ann:example.org.',
    shown: 'ask somebody, somebody or somebody.',
  },
  {
    title: 'an id in code',
    body: '`@ann:example.org`',
    html: '<code>@ann:example.org</code>',
    shown: '`somebody`',
    shownHtml: '<code>somebody</code>',
  },
  {
    title: 'nobody who is longer by a letter',
    body: 'Ann (she)s @ann:example.organ xAnn (she)',
    html: pill,
    shown: 'Ann (she)s @ann:example.organ xAnn (she)',
    shownHtml: 'somebody',
  },
  {
    title: 'the words around as they were',
    body: ':blob: x',
    html: '<img data-mx-emoticon="" src="mxc://a/b" alt=":blob:">&lt;x&gt;',
    shown: ':blob: x',
    shownHtml: '<img data-mx-emoticon="" src="mxc://a/b" alt=":blob:">&lt;x&gt;',
  },
]

type Message = MatrixEvent & { readonly type: 'message' }
const message: Message = {
  type: 'message',
  eventId: asEventId('$1'),
  roomId: asRoomId('!r:example.org'),
  sender: bobby,
  ts: 1,
  kind: 'text',
  media: [],
  relation: { isFallback: false },
  text: { body: 'Who?', mentions: [] },
}

test('answers of a poll name nobody, and stay apart', () => {
  const body = '@ann:example.org'
  const option = (name: string) => ({ name, votes: 0 })
  const event: Message = {
    ...message,
    kind: 'poll',
    poll: {
      options: [
        option(body),
        { ...option(`${body} again`), html: `${pill} again` },
        option('me'),
        option('https://matrix.to/#/@ann:example.org'),
        option('somebody (2)'),
      ],
      isMultiple: false,
      isClosed: false,
    },
  }
  expect([...usersNamedBy(event)]).toEqual([ann])
  expect(unnamedIn(event, hidden)).toEqual({
    ...event,
    poll: {
      ...event.poll,
      options: [
        option('somebody'),
        { ...option('somebody again'), html: 'somebody again' },
        option('me'),
        option('somebody (3)'),
        option('somebody (2)'),
      ],
    },
  })
})

test('what files are called and show, why they are veiled, and a place name nobody', () => {
  const mxc = asMxc('mxc://example.org/1')
  const id = '@ann:example.org'
  const named = {
    name: `with ${id}`,
    alt: `[Ann](https://matrix.to/#/${id}) on a bench`,
    spoiler: `${id} eats`,
  }
  const event: Message = {
    ...message,
    kind: 'media',
    media: [
      { kind: 'image', mxc, ...named },
      { kind: 'image', mxc, name: 'bench.png' },
    ],
    place: { latitude: 1, longitude: 2, name: `home of ${id}` },
  }
  expect([...usersNamedBy(event)]).toEqual([ann])
  expect(unnamedIn(event, hidden)).toEqual({
    ...event,
    media: [
      {
        kind: 'image',
        mxc,
        name: 'with somebody',
        alt: 'somebody on a bench',
        spoiler: 'somebody eats',
      },
      { kind: 'image', mxc, name: 'bench.png' },
    ],
    place: { latitude: 1, longitude: 2, name: 'home of somebody' },
  })
})

test.each(rows)('$title', ({ body, html, shown, shownHtml }) => {
  const text = { body, ...(html === undefined ? {} : { html }), mentions: [ann] }
  const result = unnamed(text, hidden)
  expect(result.body).toBe(shown)
  expect(result.html).toBe(shownHtml)
  expect(result.mentions).toEqual([])
})

test('who is named by a pill, a link or an id', () => {
  const text = { body: '@carl:example.org:8448, x', html: `${pill} ${bob}`, mentions: [] }
  expect([...usersIn(text)]).toEqual([ann, '@bob:example.org', '@carl:example.org:8448'])
  const code = { body: '', html: '<pre>@ann:example.org</pre>', mentions: [] }
  expect([...usersIn(code)]).toEqual([ann])
})
