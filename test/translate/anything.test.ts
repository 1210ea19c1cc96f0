import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Activity } from '../../src/model/activity.ts'
import type { Translation } from '../../src/model/action.ts'
import { RejectedError } from '../../src/model/errors.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { parseActivity } from '../../src/activitypub/parse.ts'
import { parseEvent } from '../../src/matrix/parse.ts'
import { toActivityPub } from '../../src/translate/to-activitypub.ts'
import { toFediverseHtml } from '../../src/translate/html-to-fediverse.ts'
import { toMatrix } from '../../src/translate/to-matrix.ts'
import { toMatrixHtml } from '../../src/translate/html-to-matrix.ts'
import { generousKnown, now } from '../corpus/known.ts'
import { knownForFediverse } from './known-for-fediverse.ts'
import { publicUrl } from './people.ts'

/*
 * No input crashes a translator: together at least 100,000 cases. Failures are thrown, not expected:
 * that many expectations cost more than the translations.
 */
const runs = { html: 20_000, documents: 45_000, events: 40_000 }
// A red run must be red again: other seeds are for long runs by hand.
const seed = 20_261_129

/** An event may have 65,536 bytes; ids, signatures and relations need their share. */
const maxEvent = 60_000

const markup = fc.constantFrom(
  ...['<p>', '</p>', '<p', '<b>', '</i>', '<br>', '<hr/>', '<ul><li>', '</ul>', '<pre>', '</pre>'],
  ...['<code class="language-a b">', '</code>', '<blockquote>', '</blockquote>', '<table><tr><td>'],
  ...['<a href="https://a.test/', '<a href="javascript:x">', '</a>', '">', "<img src='x' alt=y>"],
  ...['<span class="invisible">', '</span>', '<span data-mx-spoiler="', '<details><summary>'],
  ...['<mx-reply>', '</mx-reply>', '<script>', '</script>', '<!--', '-->', '<math><annotation>'],
  ...['<ruby>a<rt>b', '<h1>', '</h1>', '<font color=red>', '<video src=https://a.test/v>', '<svg>'],
)
const word = fc.constantFrom(
  ...['hello', 'wörld', '漢字', '😀', '&amp;', '&lt;script&gt;', '&#0;', '&nbsp;', '<', '"', '\n'],
  ...[
    '@bob@social.test',
    '#tag',
    'https://a.test/?b=c&d',
    'cw: food\n',
    '![',
    '](',
    '**',
    '\ud800',
  ],
  ...['@room', '\u202e', '\u0000', '$&', '%s', '__proto__', ':blob:', 'matrix:u/a:b', ' '],
)
const text = fc.array(fc.oneof(markup, word), { maxLength: 8 }).map((parts) => parts.join(''))
const anyText = fc.oneof({ weight: 5, arbitrary: text }, fc.string({ unit: 'binary' }))

const bob = 'https://social.test/bob'
const ids = fc.constantFrom(
  ...[bob, `${bob}/1`, 'https://us.test/alice', 'https://other.test/1', 'as:Public', 'x:', ''],
  ...[
    `${bob}/\ud800`,
    `${bob}/followers`,
    'https://www.w3.org/ns/activitystreams#Public',
    'tag:a,2020:b',
  ],
)
const odd = fc.constantFrom<unknown>(
  ...[null, true, 0, -1, 1e308, [], {}, '2026-05-01T10:00:00Z', 'PT3S', 'text/markdown', 'de', 7],
)
const scalar = fc.oneof(anyText, ids, odd)
const thing = fc.dictionary(
  fc.constantFrom('id', 'type', 'href', 'url', 'name', 'mediaType', 'icon', 'rel', 'content', 'de'),
  fc.oneof(scalar, fc.constantFrom('Mention', 'Emoji', 'Link', 'Image', 'image/png', 'Place')),
  { maxKeys: 5 },
)
const value = fc.oneof(scalar, thing, fc.array(fc.oneof(scalar, thing), { maxLength: 3 }))
const members = [
  ...['content', 'contentMap', 'name', 'summary', 'to', 'cc', 'tag', 'attachment', 'url', 'icon'],
  ...[
    'inReplyTo',
    'published',
    'updated',
    'sensitive',
    'location',
    'startTime',
    'endTime',
    'image',
  ],
  ...['oneOf', 'anyOf', 'quote', 'context', 'duration', 'mediaType', 'timezone', 'object', 'actor'],
]
const anyMembers = fc.dictionary(fc.constantFrom(...members), value, { maxKeys: 6 })
const object = fc
  .tuple(
    fc.constantFrom('Note', 'Article', 'Video', 'Event', 'Question', 'Page', 'Odd', 'ChatMessage'),
    anyText,
    anyMembers,
  )
  .map(([type, content, rest]) => ({
    ...{ id: `${bob}/1`, type, attributedTo: bob, content },
    ...rest,
  }))
const document = fc
  .tuple(
    fc.constantFrom(
      ...['Create', 'Create', 'Create', 'Update', 'Announce', 'Like', 'EmojiReact', 'Undo'],
      ...['Delete', 'Follow', 'Accept', 'Block', 'Move'],
    ),
    fc.oneof({ weight: 4, arbitrary: object }, ids, value),
    fc.oneof(fc.constant({}), anyMembers),
  )
  .map(([type, inner, rest]) => ({
    ...{ id: `${bob}/activity`, type, actor: bob, object: inner },
    ...rest,
  }))

function readOrRefuse(input: unknown): Activity | undefined {
  try {
    return parseActivity(input, now)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

/** Throws where a message says nothing, or is too large for an event. */
function inspect(translation: Translation): number {
  let messages = 0
  for (const action of translation.actions ?? []) {
    if (action.do !== 'send' && action.do !== 'edit') continue
    messages += 1
    for (const { body, html = '' } of [action.text, action.media?.fallback ?? action.text]) {
      if (body.trim() === '' && action.media === undefined) throw new Error('says nothing')
      if (body.length + html.length > maxEvent) throw new Error('is too large')
      if (!body.isWellFormed() || !html.isWellFormed()) throw new Error('is no text')
    }
    if (action.media?.fallback.body === '') throw new Error('says nothing without its file')
  }
  return messages
}

test('whatever the fediverse sends is shown, obeyed or refused', () => {
  let messages = 0
  const property = fc.property(document, (input) => {
    const activity = readOrRefuse(input)
    if (activity === undefined) return
    const carried = 'object' in activity && typeof activity.object !== 'string'
    const note = carried ? activity.object.embedded : undefined
    messages += inspect(toMatrix(activity, generousKnown(activity, note)))
  })
  fc.assert(property, { numRuns: runs.documents, seed })
  expect(messages).toBeGreaterThan(runs.documents / 10)
})

const mxc = fc.constantFrom('mxc://us.test/a', 'mxc://', 'https://a.test/x', '')
const relation = fc.constantFrom<unknown>(
  ...[undefined, 7, {}, { rel_type: 'm.thread', event_id: '$root' }],
  ...[{ 'm.in_reply_to': { event_id: '$target' } }, { rel_type: 'm.replace', event_id: '$target' }],
  ...[{ rel_type: 'm.annotation', event_id: '$target', key: '🎉' }, { rel_type: 'm.annotation' }],
)
const content = fc
  .record(
    {
      msgtype: fc.constantFrom(
        ...['m.text', 'm.emote', 'm.image', 'm.video', 'm.location', 'm.file', 'm.odd', 'm.notice'],
      ),
      body: fc.oneof(anyText, odd),
      formatted_body: fc.oneof(anyText, odd),
      format: fc.constantFrom('org.matrix.custom.html', 'x', 7),
      'm.relates_to': relation,
      'm.mentions': fc.oneof(odd, fc.constant({ user_ids: ['@bob:us.test', 7] })),
      'm.new_content': fc.record({ msgtype: fc.constant('m.text'), body: anyText }),
      url: mxc,
      filename: fc.oneof(word, odd),
      info: fc.oneof(odd, fc.record({ mimetype: word, w: odd, h: odd, duration: odd })),
      geo_uri: fc.constantFrom('geo:1,2', 'geo:a', 'geo:91,181;u=3', 7),
      key: word,
    },
    { requiredKeys: ['msgtype', 'body'] },
  )
  .map((found) => JSON.parse(JSON.stringify(found)) as Record<string, unknown>)
const event = fc.record({
  type: fc.constantFrom(
    ...['m.room.message', 'm.room.message', 'm.room.message', 'm.room.message', 'm.reaction'],
    ...['m.sticker'],
    ...['m.room.redaction', 'm.poll.start', 'org.matrix.msc3381.poll.start', 'm.room.encrypted'],
  ),
  event_id: fc.constant('$event'),
  room_id: fc.constant('!room:us.test'),
  sender: fc.constant('@alice:us.test'),
  origin_server_ts: fc.constant(now),
  content,
  redacts: fc.constantFrom('$target', undefined),
})
const place = fc.constantFrom(
  ...[
    { portal: { kind: 'profile', of: 'alice' } } as const,
    { portal: { kind: 'direct', of: 'alice bob' }, participants: 'bob' } as const,
    { portalPosts: 'on' } as const,
    { target: { object: 'bob/1' } } as const,
    { target: { object: 'alice/1' }, portal: { kind: 'profile', of: 'alice' } } as const,
    { target: { object: 'bob/1', reaction: 'alice' } } as const,
  ],
)

function mustBeText(_: string, value: unknown): unknown {
  if (typeof value === 'string' && !value.isWellFormed()) throw new Error('is no text')
  return value
}

test('whatever Matrix sends is published, told or left alone', () => {
  const { serialize } = createSerializer({
    ...{ publicUrl, handleDomain: 'us.test', bridgeName: 'B' },
    ...{ findKeys: () => undefined, clock: { now: () => 0 } },
  })
  let published = 0
  const property = fc.property(event, place, (raw, known) => {
    const parsed = parseEvent(raw)
    if ('skip' in parsed) return
    const media = 'media' in parsed ? parsed.media : []
    const facts = knownForFediverse({}, known)
    const files = media.map((_, index) => `file${index}`)
    const translation = toActivityPub(parsed, { ...facts, ids: { ...facts.ids, media: files } })
    for (const action of translation.actions ?? []) {
      if (action.do !== 'publish') continue
      published += 1
      // What is no text, or no JSON, is refused by everybody; JSON would escape what is no text.
      JSON.parse(serialize(action.activity), mustBeText)
    }
  })
  fc.assert(property, { numRuns: runs.events, seed })
  expect(published).toBeGreaterThan(runs.events / 10)
})

test('whatever is sent as HTML is text', () => {
  const property = fc.property(anyText, (input) => {
    const there = toFediverseHtml({ body: 'x', html: input }).html
    const here = toMatrixHtml(input)
    for (const one of [there, here.body, here.html ?? ''])
      if (!one.isWellFormed()) throw new Error('is no text')
  })
  fc.assert(property, { numRuns: runs.html, seed })
})

test('that is a hundred thousand cases', () => {
  const all = Object.values(runs).reduce((sum, one) => sum + one, 0)
  expect(all).toBeGreaterThanOrEqual(100_000)
})
