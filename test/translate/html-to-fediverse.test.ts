import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { asActorId, asUserId } from '../../src/model/ids.ts'
import { toFediverseHtml } from '../../src/translate/html-to-fediverse.ts'
import { findMentions, messageTree, tokenize } from '../../src/translate/mentions.ts'

type Row = {
  title: string
  body: string
  matrix?: string
  prefix?: string
  html: string
  mentioned?: string[]
  hashtags?: string[]
}
const rows = JSON.parse(
  readFileSync(new URL('../fixtures/html-to-fediverse.json', import.meta.url), 'utf8'),
) as Row[]

const bob = {
  actorId: asActorId('https://social.test/users/bob'),
  handle: '@bob@social.test',
  url: 'https://social.test/@bob',
}
const found = {
  pills: new Map([[asUserId('@_ap_bob_social.test:example.org'), bob]]),
  handles: new Map([['@bob@social.test', bob]]),
  hashtagUrl: (name: string) => `https://fedi.test/tags/${name}`,
}

test.each(rows)('$title', ({ body, matrix, prefix, html, mentioned = [], hashtags = [] }) => {
  const result = toFediverseHtml({
    body,
    ...(matrix === undefined ? {} : { html: matrix }),
    ...(prefix === undefined ? {} : { prefix }),
    ...found,
  })
  expect({
    html: result.html,
    mentioned: result.mentioned.map(({ handle }) => handle),
    hashtags: result.hashtags.map(({ name }) => name),
  }).toEqual({ html, mentioned, hashtags })
})

describe('whom a message names', () => {
  test('pills, handles and hashtags, each once, none from code', () => {
    const html =
      '<p><a href="https://matrix.to/#/%40_ap_bob_social.test%3Aexample.org">Bob</a> and ' +
      '@Carol@third.test:8080, @carol@THIRD.test:8080 #one #two #one ' +
      'https://matrix.to/#/@eve:example.org</p><pre>@x@y.test #z</pre>' +
      '<a href="https://fourth.test/@dan">@dan@fourth.test</a>'
    expect(findMentions({ body: '@not@used.test', html })).toEqual({
      pills: ['@_ap_bob_social.test:example.org', '@eve:example.org'],
      handles: [
        { username: 'carol', host: 'third.test:8080' },
        { username: 'dan', host: 'fourth.test' },
      ],
      hashtags: ['one', 'two'],
    })
  })

  test.each([
    ['@bob@social.test', ['@bob@social.test']],
    ['(@bob@social.test)', ['@bob@social.test']],
    ['@bob@social.test, @carol@third.test.', ['@bob@social.test', '@carol@third.test']],
    ['@bob@fedi.test:8080: hi', ['@bob@fedi.test:8080']],
    ['mail bob@social.test', []],
    ['x@bob@social.test', []],
    ['@bob@social', []],
    ['@alice:example.org', []],
    ['@@social.test', []],
  ])('%s', (text, handles) => {
    const tokens = tokenize(text)
    expect(tokens.filter(({ kind }) => kind === 'handle').map((token) => token.text)).toEqual(
      handles,
    )
    expect(tokens.map((token) => token.text).join('')).toBe(text)
  })
})

test.each([
  ['handles', '@a@b.test '.repeat(6000)],
  ['at signs', '@a'.repeat(32_000)],
  ['addresses', 'https://a.test/ '.repeat(4000)],
  ['schemes', 'http://'.repeat(9000)],
  ['brackets', `https://a.test/${'('.repeat(60_000)}`],
  ['hashtags', '#a '.repeat(20_000)],
])('a message full of %s stays small and quick', (_, body) => {
  const before = process.cpuUsage().user
  const { html } = toFediverseHtml({ body, ...found })
  expect((process.cpuUsage().user - before) / 1000).toBeLessThan(2000)
  expect(html.length).toBeLessThan(3 * body.length)
})

test.each([
  ['few elements is read from them', 1_000, '<p><b>a</b>'],
  ['more elements than people write is its plain body, with nothing left out', 2_000, '<p>words'],
])('a message of %s', (_, count, start) => {
  const html = '<b>a</b>'.repeat(count)
  expect(toFediverseHtml({ body: 'words', html }).html.slice(0, start.length)).toBe(start)
})

test('a message is read once, however often it is looked at', async () => {
  const html = `<p>${'<b>a</b> b '.repeat(1_400)}</p>`
  const message = { body: 'a b', html }
  const first = messageTree(message)
  expect(messageTree({ ...message })).toBe(first)
  messageTree({ body: '', html: '<b>c</b>' })
  expect(messageTree(message)).toEqual(first)
})
