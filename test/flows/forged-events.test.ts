import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse-account.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

const patience = 60_000
type Json = Readonly<Record<string, unknown>>

let flow: Flow
let alice: FakeUser
let bob: Account
let profile: RoomId
let portal: RoomId
let count = 0

beforeAll(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  profile = await flow.publish(alice)
  portal = await flow.follow(alice, bob)
  await flow.gain(alice, bob)
  alice.say(profile, 'the first')
  await flow.quiet()
}, patience)
afterAll(() => flow.close())

/** A pushed event of alice's in her public room, with what `change` says instead. */
const forged = (change: Json): Json => ({
  event_id: `$forged${++count}`,
  room_id: profile,
  sender: '@alice:hs.test',
  type: 'm.room.message',
  origin_server_ts: flow.time.now(),
  content: { msgtype: 'm.text', body: `forged ${count}` },
  ...change,
})

const member = (sender: string, user: string, membership: string): Json => ({
  type: 'm.room.member',
  sender,
  state_key: user,
  content: { membership, is_direct: true },
})

/** A transaction is answered when it is stored, which takes a moment. */
async function push(events: readonly Json[]): Promise<void> {
  const answered = flow.push(events)
  await flow.quiet()
  await answered
}

/** All that others could notice of us: what went out, what was said, who is where. */
function noticeable(): unknown {
  const everywhere = [profile, portal, ...alice.rooms('join')]
  return [
    flow.fediverse.deliveries.length,
    everywhere.map((roomId) => flow.homeserver.timeline(roomId).length),
    flow.user('stranger').rooms('join'),
  ]
}

const ghost = '@_ap_bob_remote.example:hs.test'
const rows: readonly (readonly [what: string, change: () => Json])[] = [
  ['words of a ghost', () => ({ sender: ghost })],
  [
    'a command of a ghost',
    () => ({ sender: ghost, content: { msgtype: 'm.text', body: '!ap whoami' } }),
  ],
  ['words of the bot', () => ({ sender: bot })],
  [
    'a command of the bot',
    () => ({ sender: bot, content: { msgtype: 'm.text', body: '!ap whoami' } }),
  ],
  ['words in a room that is nobody’s portal', () => ({ room_id: '!elsewhere:hs.test' })],
  ['words as state', () => ({ state_key: '' })],
  [
    'an invite of a user who is not ours',
    () => ({
      ...member('@alice:hs.test', '@stranger:hs.test', 'invite'),
      room_id: '!private:hs.test',
    }),
  ],
  [
    'an invite of a ghost’s namesake elsewhere',
    () => ({
      ...member('@alice:hs.test', '@_ap_bob_remote.example:other.test', 'invite'),
      room_id: '!private:hs.test',
    }),
  ],
  [
    'an invite of the bot by nobody of ours',
    () => ({ ...member('@mallory:other.test', bot, 'join'), room_id: '!private:hs.test' }),
  ],
  [
    'a ghost that somebody says has joined',
    () => ({ ...member('@mallory:other.test', ghost, 'join'), room_id: '!private:hs.test' }),
  ],
  [
    'new power that nobody has',
    () => ({
      type: 'm.room.power_levels',
      state_key: '',
      content: { users: { '@mallory:other.test': 100 } },
    }),
  ],
  [
    'an alias of ours',
    () => ({
      type: 'm.room.canonical_alias',
      state_key: '',
      content: { alias: '#_ap_bob_remote.example:hs.test' },
    }),
  ],
  [
    'a bridge that is not there',
    () => ({ type: 'm.bridge', state_key: 'x', content: { bridgebot: bot } }),
  ],
  [
    'an edit of another’s words',
    () => ({
      sender: '@carol:hs.test',
      content: {
        msgtype: 'm.text',
        body: '* changed',
        'm.new_content': { msgtype: 'm.text', body: 'changed' },
        'm.relates_to': { rel_type: 'm.replace', event_id: flow.eventOf(profile, 'the first') },
      },
    }),
  ],
  [
    'two targets of one redaction',
    () => ({
      type: 'm.room.redaction',
      redacts: flow.eventOf(profile, 'the first'),
      content: { redacts: '$another' },
    }),
  ],
  ['a date after the end of time', () => ({ origin_server_ts: Number.MAX_SAFE_INTEGER })],
  ['a date before all time', () => ({ origin_server_ts: -1 })],
]

test.each(rows)(
  '%s: nothing comes of it',
  async (_, change) => {
    await flow.quiet()
    const before = noticeable()
    await push([forged(change())])
    await flow.minutes(2)
    expect(noticeable()).toEqual(before)
  },
  patience,
)

test(
  'an event that comes again, in whatever transaction and with whatever content, counts once',
  async () => {
    const before = flow.received(bob, 'Create').length
    const event = forged({ event_id: '$once' })
    await push([event, event])
    await push([event])
    await flow.hours(1)
    await push([{ ...event, content: { msgtype: 'm.text', body: 'other words' } }])
    await flow.quiet()
    const heard = flow.received(bob, 'Create').slice(before)
    expect(heard.map(({ object }) => (object as Json)['content'])).toEqual([
      `<p>${String((event['content'] as Json)['body'])}</p>`,
    ])
  },
  patience,
)

test(
  'a date of long ago dates no post back',
  async () => {
    const before = flow.received(bob, 'Create').length
    await push([forged({ origin_server_ts: 1 })])
    await flow.quiet()
    const [note] = flow.received(bob, 'Create').slice(before)
    const published = Date.parse(String((note?.['object'] as Json)['published']))
    expect(flow.time.now() - published).toBeLessThan(60_000)
  },
  patience,
)

test(
  'what is said in a room that was a portal goes nowhere',
  async () => {
    const carol = flow.user('carol')
    const hers = await flow.publish(carol)
    flow.homeserver.shutDown(hers, { purge: true })
    await flow.minutes(1)
    const before = noticeable()
    await push([forged({ sender: carol.userId, room_id: hers })])
    await flow.minutes(2)
    expect(noticeable()).toEqual(before)
  },
  patience,
)
