import type { Chance } from '../simulation/chance.ts'
import { markup } from './markup.ts'
import { oddText, pickFrom } from './values.ts'

type Json = Readonly<Record<string, unknown>>

const head = {
  ...{ event_id: '$event', room_id: '!room:us.test', sender: '@alice:us.test' },
  ...{ origin_server_ts: 1_777_000_000_000, unsigned: { age: 5 } },
}
const event = (type: string, content: Json, more: Json = {}): Json => ({
  ...head,
  type,
  content,
  ...more,
})
const state = (type: string, content: Json, key = ''): Json =>
  event(type, content, { state_key: key })
const message = (content: Json): Json =>
  event('m.room.message', { msgtype: 'm.text', body: 'Hello @bob@social.test #tea', ...content })

const reply = { 'm.in_reply_to': { event_id: '$target' } }
const thread = { rel_type: 'm.thread', event_id: '$root', is_falling_back: true, ...reply }
const info = {
  mimetype: 'image/png',
  size: 900,
  w: 30,
  h: 20,
  duration: 1000,
  'xyz.amorgan.blurhash': 'LEHV',
}
const picture = { url: 'mxc://us.test/picture', info, filename: 'a.png' }
const html = {
  format: 'org.matrix.custom.html',
  formatted_body:
    '<p>Hello <a href="https://matrix.to/#/@_ap_bob_social.test:us.test">bob</a> <b>x</b></p>',
}

function pollOf(type: string, text: string): Json {
  const start = {
    question: { [text]: 'Tea?' },
    kind: 'org.matrix.msc3381.poll.disclosed',
    ...{
      max_selections: 2,
      answers: ['a', 'b'].map((id) => ({ id, 'm.id': id, [text]: `answer ${id}` })),
    },
  }
  return event(type, { [type]: start, [text]: 'Tea? 1. a 2. b' })
}

const replaced = (content: Json): Json => ({
  ...{ 'm.new_content': { msgtype: 'm.text', body: 'new', ...content } },
  'm.relates_to': { rel_type: 'm.replace', event_id: '$target' },
})

/** Of every type that is read, as clients send them. */
export const validEvents: readonly Json[] = [
  ...[
    message({}),
    message(html),
    message({ 'm.relates_to': reply }),
    message({ 'm.relates_to': thread }),
  ],
  message({ ...html, 'm.mentions': { user_ids: ['@_ap_bob_social.test:us.test'], room: true } }),
  ...['m.image', 'm.video', 'm.audio', 'm.file'].map((msgtype) => message({ msgtype, ...picture })),
  ...['m.emote', 'm.notice', 'm.location', 'm.key.verification.request'].map((msgtype) =>
    message({ msgtype, geo_uri: 'geo:1.5,2;u=3' }),
  ),
  message(replaced({})),
  message(replaced({ ...html, ...picture, msgtype: 'm.image' })),
  message({
    'org.matrix.msc1767.text': 'x',
    'm.text': [{ body: 'x' }, { body: '<b>x</b>', mimetype: 'text/html' }],
  }),
  message({ body: 'cw: food\nI eat' }),
  message({ body: '!ap follow @bob@social.test' }),
  event('m.sticker', { body: 'cat', ...picture }),
  event('m.reaction', {
    'm.relates_to': { rel_type: 'm.annotation', event_id: '$target', key: '🎉' },
    shortcode: ':blob:',
  }),
  event('m.room.redaction', { redacts: '$target', reason: 'x' }, { redacts: '$target' }),
  pollOf('m.poll.start', 'm.text'),
  pollOf('org.matrix.msc3381.poll.start', 'org.matrix.msc1767.text'),
  event('m.poll.response', {
    'm.selections': ['a'],
    'm.relates_to': { rel_type: 'm.reference', event_id: '$target' },
  }),
  event('org.matrix.msc3381.poll.response', {
    'org.matrix.msc3381.poll.response': { answers: ['a'] },
    'm.relates_to': { rel_type: 'm.reference', event_id: '$target' },
  }),
  event('org.matrix.msc3381.poll.end', {
    'org.matrix.msc3381.poll.end': {},
    'm.relates_to': { rel_type: 'm.reference', event_id: '$target' },
  }),
  event('m.room.encrypted', { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x' }),
  state('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' }),
  state(
    'm.room.member',
    { membership: 'join', displayname: 'Alice', avatar_url: 'mxc://us.test/a' },
    '@alice:us.test',
  ),
  state('m.room.member', { membership: 'invite', is_direct: true }, '@_ap_bob_social.test:us.test'),
  state('m.room.pinned_events', { pinned: ['$a', '$b'] }),
  state('im.ponies.room_emotes', {
    images: { blob: { url: 'mxc://us.test/blob', usage: ['emoticon'] } },
    pack: { display_name: 'x' },
  }),
  state('m.room.tombstone', { replacement_room: '!new:us.test', body: 'x' }),
  state('m.room.power_levels', { users: { '@alice:us.test': 100 } }),
]

/** A message whose words are hostile rather than its form. */
export function hostileWords(chance: Chance): Json {
  const words = { body: chance.happens(0.5) ? oddText(chance) : markup(chance) }
  const formatted = { format: 'org.matrix.custom.html', formatted_body: markup(chance) }
  const relation = pickFrom<Json>(
    chance,
    [{}, {}, { 'm.relates_to': reply }, { 'm.relates_to': thread }],
    {},
  )
  const content = { ...words, ...(chance.happens(0.7) ? formatted : {}), ...relation }
  return message(chance.happens(0.2) ? { ...content, ...replaced(content) } : content)
}
