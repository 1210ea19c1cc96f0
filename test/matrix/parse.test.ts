import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseEvent } from '../../src/matrix/parse.ts'
import { stripBodyFallback, stripHtmlFallback } from '../../src/matrix/parse-message.ts'

const head = { eventId: '$e', roomId: '!r', sender: '@alice:hs.test', ts: 1000 }

const raw = (type: string, content: unknown, more: object = {}): object => ({
  event_id: '$e',
  room_id: '!r',
  sender: '@alice:hs.test',
  origin_server_ts: 1000,
  type,
  content,
  ...more,
})

const text = { msgtype: 'm.text', body: 'hi' }
const plain = { body: 'hi', mentions: [] }
const alone = { isFallback: false }
const message = (kind: string, more: object = {}) => ({
  ...head,
  type: 'message',
  kind,
  text: plain,
  media: [],
  relation: alone,
  ...more,
})
const related = (relation: object): object => ({ ...text, 'm.relates_to': relation })
const member = (content: object, more: object = {}): object =>
  raw('m.room.member', content, { state_key: '@bob:hs.test', ...more })

describe('messages', () => {
  test.each<[string, object, object]>([
    ['text', raw('m.room.message', text), message('text')],
    ['emote', raw('m.room.message', { ...text, msgtype: 'm.emote' }), message('emote')],
    ['notice', raw('m.room.message', { ...text, msgtype: 'm.notice' }), message('notice')],
    ['location', raw('m.room.message', { ...text, msgtype: 'm.location' }), message('location')],
    [
      'half characters, which no other server takes',
      raw('m.room.message', {
        ...{ msgtype: 'm.text', body: 'a\ud800', format: 'org.matrix.custom.html' },
        formatted_body: '<b>\udc00</b>',
      }),
      message('text', { text: { body: 'a\ufffd', html: '<b>\ufffd</b>', mentions: [] } }),
    ],
    ['unknown kind', raw('m.room.message', { ...text, msgtype: 'constructor' }), message('other')],
    [
      'unknown kind with a file',
      raw('m.room.message', { msgtype: 'x.scan', body: 'a.pdf', url: 'mxc://hs.test/a' }),
      message('media', {
        text: { body: '', mentions: [] },
        media: [{ kind: 'file', mxc: 'mxc://hs.test/a', name: 'a.pdf' }],
      }),
    ],
    [
      'unknown kind with an encrypted file, which cannot be read',
      raw('m.room.message', { msgtype: 'x.scan', body: 'a.pdf', file: {} }),
      message('media', { text: { body: '', mentions: [] } }),
    ],
    ...['m.key.verification.request', 'm.server_notice'].map(
      (msgtype): [string, object, object] => [
        `what no person wrote: ${msgtype}`,
        raw('m.room.message', { ...text, msgtype }),
        { ...head, type: 'other', name: msgtype },
      ],
    ),
    [
      'HTML and mentions, each once, none that is no user id',
      raw('m.room.message', {
        ...text,
        format: 'org.matrix.custom.html',
        formatted_body: '<b>hi</b>',
        'm.mentions': { user_ids: ['@b:c', '@b:c', 'b', 5, null], room: true },
      }),
      message('text', { text: { body: 'hi', html: '<b>hi</b>', mentions: ['@b:c'] } }),
    ],
    [
      'HTML of an unknown format is left out',
      raw('m.room.message', { ...text, format: 'x', formatted_body: '<b>hi</b>' }),
      message('text'),
    ],
    [
      'a reply',
      raw('m.room.message', related({ 'm.in_reply_to': { event_id: '$p' } })),
      message('text', { relation: { replyTo: '$p', isFallback: false } }),
    ],
    [
      'in a thread, with a reply for other clients',
      raw(
        'm.room.message',
        related({
          rel_type: 'm.thread',
          event_id: '$root',
          is_falling_back: true,
          'm.in_reply_to': { event_id: '$p' },
        }),
      ),
      message('text', { relation: { replyTo: '$p', threadRoot: '$root', isFallback: true } }),
    ],
    [
      'in a thread, a true reply',
      raw(
        'm.room.message',
        related({ rel_type: 'm.thread', event_id: '$root', 'm.in_reply_to': { event_id: '$p' } }),
      ),
      message('text', { relation: { replyTo: '$p', threadRoot: '$root', isFallback: false } }),
    ],
    [
      'a falling back that belongs to no thread means nothing',
      raw('m.room.message', related({ is_falling_back: true, event_id: 5, rel_type: 'm.thread' })),
      message('text'),
    ],
    [
      'an edit, by its new content',
      raw('m.room.message', {
        msgtype: 'm.text',
        body: '* hi',
        'm.mentions': {},
        'm.relates_to': { rel_type: 'm.replace', event_id: '$t' },
        'm.new_content': { ...text, 'm.mentions': { user_ids: ['@b:c'] } },
      }),
      {
        ...head,
        type: 'edit',
        target: '$t',
        kind: 'text',
        text: { body: 'hi', mentions: ['@b:c'] },
        media: [],
      },
    ],
  ])('%s', (_, event, expected) => {
    expect(parseEvent(event)).toEqual(expected)
  })
})

describe('other events', () => {
  const annotation = { rel_type: 'm.annotation', event_id: '$t', key: '❤️' }
  test.each<[string, object, object]>([
    [
      'a reaction',
      raw('m.reaction', { 'm.relates_to': annotation }),
      { ...head, type: 'reaction', target: '$t', key: '❤️' },
    ],
    [
      'a reaction with a picture, which has a name',
      raw('m.reaction', {
        'm.relates_to': { ...annotation, key: 'mxc://a/b' },
        shortcode: 5,
        'com.beeper.reaction.shortcode': ':blob:',
      }),
      { ...head, type: 'reaction', target: '$t', key: 'mxc://a/b', shortcode: ':blob:' },
    ],
    [
      'pictures that a room offers, less those that are none or for stickers',
      raw(
        'm.room.image_pack',
        {
          images: {
            blob: { url: 'mxc://a/blob', info: {} },
            text: { url: 'mxc://a/text', usage: ['emoticon', 'sticker'] },
            sticker: { url: 'mxc://a/sticker', usage: ['sticker'] },
            'a b': { url: 'mxc://a/b' },
            '<b>': { url: 'mxc://a/b' },
            ['x'.repeat(101)]: { url: 'mxc://a/b' },
            web: { url: 'https://a/b' },
            none: null,
          },
        },
        { state_key: 'x' },
      ),
      {
        ...head,
        type: 'image-pack',
        pack: {
          type: 'm.room.image_pack',
          stateKey: 'x',
          pictures: [
            { shortcode: 'blob', mxc: 'mxc://a/blob' },
            { shortcode: 'text', mxc: 'mxc://a/text' },
          ],
        },
      },
    ],
    [
      'a pack of stickers, by its older name',
      raw(
        'im.ponies.room_emotes',
        {
          pack: { usage: ['sticker'] },
          images: {
            sticker: { url: 'mxc://a/sticker' },
            blob: { url: 'mxc://a/blob', usage: ['emoticon'] },
          },
        },
        { state_key: '' },
      ),
      {
        ...head,
        type: 'image-pack',
        pack: {
          type: 'im.ponies.room_emotes',
          stateKey: '',
          pictures: [{ shortcode: 'blob', mxc: 'mxc://a/blob' }],
        },
      },
    ],
    [
      'a pack that went',
      raw('m.room.image_pack', { images: [] }, { state_key: '' }),
      {
        ...head,
        type: 'image-pack',
        pack: { type: 'm.room.image_pack', stateKey: '', pictures: [] },
      },
    ],
    [
      'a redaction of old rooms',
      raw('m.room.redaction', {}, { redacts: '$t' }),
      { ...head, type: 'redaction', target: '$t' },
    ],
    [
      'a redaction of new rooms',
      raw('m.room.redaction', { redacts: '$t', reason: 'x' }),
      { ...head, type: 'redaction', target: '$t' },
    ],
    [
      'a redaction that says the same twice',
      raw('m.room.redaction', { redacts: '$t' }, { redacts: '$t' }),
      { ...head, type: 'redaction', target: '$t' },
    ],
    [
      'an invite to a direct chat',
      member({
        membership: 'invite',
        is_direct: true,
        displayname: 'Bob',
        avatar_url: 'mxc://a/b',
      }),
      {
        ...head,
        type: 'member',
        user: '@bob:hs.test',
        membership: 'invite',
        displayName: 'Bob',
        avatar: 'mxc://a/b',
        isDirect: true,
      },
    ],
    [
      'a member that was there before; an avatar that is no mxc is none',
      member(
        { membership: 'join', displayname: null, avatar_url: 'https://x' },
        { unsigned: { prev_content: { membership: 'invite' } } },
      ),
      {
        ...head,
        type: 'member',
        user: '@bob:hs.test',
        membership: 'join',
        previous: 'invite',
        isDirect: false,
      },
    ],
    [
      'encryption switched on',
      raw('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' }, { state_key: '' }),
      { ...head, type: 'encryption' },
    ],
    [
      'pins, as far as they are events',
      raw('m.room.pinned_events', { pinned: ['$a', 7, '$b'] }, { state_key: '' }),
      { ...head, type: 'pins', pinned: ['$a', '$b'] },
    ],
    [
      'pins that are none',
      raw('m.room.pinned_events', { pinned: 'x' }, { state_key: '' }),
      { ...head, type: 'pins', pinned: [] },
    ],
    [
      'an encrypted message',
      raw('m.room.encrypted', { ciphertext: 'x' }),
      { ...head, type: 'encrypted' },
    ],
    [
      'what we do not bridge',
      raw('m.call.invite', { x: 1 }),
      { ...head, type: 'other', name: 'm.call.invite' },
    ],
    [
      'a message set as state is no message',
      raw('m.room.message', text, { state_key: '' }),
      { ...head, type: 'other', name: 'm.room.message' },
    ],
    [
      'a message redacted before it came',
      raw('m.room.message', {}),
      { ...head, type: 'other', name: 'm.room.message without content' },
    ],
  ])('%s', (_, event, expected) => {
    expect(parseEvent(event)).toEqual(expected)
  })
})

describe('malformed', () => {
  test.each<[string, unknown]>([
    ['nothing', null],
    ['a list', []],
    ['a text', 'event'],
    ['an event without type', raw('m.room.message', text, { type: undefined })],
    ['an empty type', raw('', text)],
    ['a type without end', raw('x'.repeat(300), text)],
    ['no event id', raw('m.room.message', text, { event_id: 5 })],
    ['an event id without end', raw('m.room.message', text, { event_id: `$${'x'.repeat(300)}` })],
    ['a sender that is none', raw('m.room.message', text, { sender: 'alice' })],
    ['a room that is none', raw('m.room.message', text, { room_id: '#alias:hs.test' })],
    ['a date before all dates', raw('m.room.message', text, { origin_server_ts: -1 })],
    ['a date after all dates', raw('m.room.message', text, { origin_server_ts: 1e300 })],
    ['a content that is none', raw('m.room.message', 'hi')],
    ['a message without body', raw('m.room.message', { msgtype: 'm.text' })],
    ['a body that is no text', raw('m.room.message', { msgtype: 'm.text', body: { a: 1 } })],
    ['a body larger than any event', raw('m.room.message', { ...text, body: 'x'.repeat(65_537) })],
    [
      'an edit without new content',
      raw('m.room.message', related({ rel_type: 'm.replace', event_id: '$t' })),
    ],
    [
      'an edit of nothing',
      raw('m.room.message', { ...related({ rel_type: 'm.replace' }), 'm.new_content': text }),
    ],
    [
      'a reaction without key',
      raw('m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$t' } }),
    ],
    ['a redaction of nothing', raw('m.room.redaction', { reason: 'x' })],
    ['a redaction of two things', raw('m.room.redaction', { redacts: '$a' }, { redacts: '$b' })],
    ['an unknown membership', member({ membership: 'guest' })],
    ['a member that is no user', member({ membership: 'join' }, { state_key: 'bob' })],
  ])('%s', (_, event) => {
    expect(parseEvent(event)).toMatchObject({ skip: 'malformed' })
  })

  test('whatever comes, nothing is thrown', () => {
    const types = ['m.room.message', 'm.reaction', 'm.room.redaction', 'm.room.member', 'm.sticker']
    const event = fc.record({
      type: fc.constantFrom(...types),
      content: fc.object(),
      more: fc.object(),
    })
    fc.assert(
      fc.property(event, ({ type, content, more }) => {
        expect(typeof parseEvent(raw(type, content, more))).toBe('object')
      }),
    )
  })
})

describe('the quote that older clients put before a reply', () => {
  test.each([
    ['> <@bob:hs.test> first\n> second\n\nanswer\nmore', 'answer\nmore'],
    ['> * <@bob:hs.test> waves\n\nanswer', 'answer'],
    ['> <@bob:hs.test> sent an image.\n>\n\n\nanswer', '\nanswer'],
    ['> <@bob:hs.test> only a quote', ''],
    ['> a quote that I typed\n\nanswer', '> a quote that I typed\n\nanswer'],
    ['answer\n> <@bob:hs.test> x', 'answer\n> <@bob:hs.test> x'],
  ])('leaves the body: %j → %j', (body, expected) => {
    expect(stripBodyFallback(body)).toBe(expected)
  })

  test.each([
    ['<mx-reply><blockquote>secret</blockquote></mx-reply>answer', 'answer'],
    ['<MX-REPLY class="x">secret</mx-reply >answer<mx-reply>more</mx-reply>', 'answer'],
    ['<mx-reply>never closed', '<mx-reply>never closed'],
    ['<mx-replying>kept</mx-replying>', '<mx-replying>kept</mx-replying>'],
  ])('leaves the HTML: %j → %j', (html, expected) => {
    expect(stripHtmlFallback(html)).toBe(expected)
  })

  test('costs no more than its length', () => {
    const hostile = '<mx-reply>'.repeat(6_000)
    const start = performance.now()
    expect(stripHtmlFallback(hostile)).toBe(hostile)
    expect(performance.now() - start).toBeLessThan(100)
  })
})
