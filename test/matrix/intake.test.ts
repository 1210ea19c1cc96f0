import { describe, expect, test } from '@jest/globals'
import { isRawEvent, toEventJobs, type RawEvent } from '../../src/matrix/intake.ts'
import { parseEvent } from '../../src/matrix/parse.ts'
import { bob, bot, isOurs } from './setup.ts'

const event = (more: object = {}): RawEvent => ({
  event_id: '$e',
  room_id: '!r',
  sender: '@alice:hs.test',
  type: 'm.room.message',
  origin_server_ts: 1000,
  content: { msgtype: 'm.text', body: 'hi' },
  unsigned: { age: 5, transaction_id: 'x' },
  user_id: '@alice:hs.test',
  ...more,
})

const member = (sender: string, membership: string, previous?: string): RawEvent =>
  event({
    type: 'm.room.member',
    sender,
    state_key: '@carol:hs.test',
    content: { membership },
    unsigned: { age: 5, prev_content: { membership: previous, displayname: 'Carol' } },
  })

const jobsOf = (...events: readonly RawEvent[]) => toEventJobs(events, { isOurs })

test('an event becomes one job of its room with what the parser reads', () => {
  expect(jobsOf(event())).toEqual([
    {
      kind: 'event',
      key: '$e',
      lane: 'event:!r',
      payload: JSON.stringify({
        content: { msgtype: 'm.text', body: 'hi' },
        event_id: '$e',
        room_id: '!r',
        sender: '@alice:hs.test',
        type: 'm.room.message',
        origin_server_ts: 1000,
      }),
    },
  ])
})

test('order is kept', () => {
  const keys = jobsOf(event({ event_id: '$1' }), event({ event_id: '$2' })).map(({ key }) => key)
  expect(keys).toEqual(['$1', '$2'])
})

describe('the payload parses as the event itself would', () => {
  test.each<[string, RawEvent]>([
    ['a message', event()],
    ['a member', member('@alice:hs.test', 'leave', 'join')],
    ['a redaction', event({ type: 'm.room.redaction', content: { redacts: '$t' }, redacts: '$t' })],
    ['a sticker', event({ type: 'm.sticker', content: { body: 'cat' } })],
    [
      'encryption',
      event({ type: 'm.room.encryption', state_key: '', content: { algorithm: 'x' } }),
    ],
    ['a malformed message', event({ content: 'text' })],
  ])('%s', (_, given) => {
    const [job] = jobsOf(given)
    expect(parseEvent(JSON.parse(job?.payload ?? ''))).toEqual(parseEvent(given))
  })

  test('what is not bridged loses its content and keeps its name', () => {
    const [job] = jobsOf(event({ type: 'm.call.invite', content: { sdp: 'x'.repeat(10_000) } }))
    expect(job?.payload.length).toBeLessThan(200)
    expect(parseEvent(JSON.parse(job?.payload ?? ''))).toMatchObject({
      type: 'other',
      name: 'm.call.invite without content',
    })
  })
})

describe('echoes', () => {
  test.each<[string, RawEvent, boolean]>([
    ['what a user says', event(), true],
    ['what a ghost says', event({ sender: bob }), false],
    ['what the bot says', event({ sender: bot }), false],
    ['what the bot redacts', event({ sender: bot, type: 'm.room.redaction' }), false],
    ['whom the bot invites', member(bot, 'invite'), true],
    ['whom the bot removes', member(bot, 'leave', 'join'), true],
    ['a new name of a ghost', member(bob, 'join', 'join'), false],
    ['a new name of a user', member('@alice:hs.test', 'join', 'join'), true],
  ])('%s', (_, given, isKept) => {
    expect(jobsOf(given)).toHaveLength(isKept ? 1 : 0)
  })
})

test('content too deep to be written again loses its content, not the transaction', () => {
  const deep: unknown = JSON.parse('{"a":'.repeat(60_000) + '1' + '}'.repeat(60_000))
  const jobs = jobsOf(event({ content: { 'm.relates_to': deep } }), event({ event_id: '$2' }))
  expect(jobs.map(({ key }) => key)).toEqual(['$e', '$2'])
  expect(() => JSON.parse(jobs[0]?.payload ?? '') as unknown).not.toThrow()
})

test.each<[string, unknown, boolean]>([
  ['a whole one', event(), true],
  ['without content', event({ content: undefined }), true],
  ['null', null, false],
  ['a number', 5, false],
  ['a list', [event()], false],
  ['without type', event({ type: undefined }), false],
  ['without event id', event({ event_id: undefined }), false],
  ['with an endless event id', event({ event_id: `$${'x'.repeat(1000)}` }), false],
  ['without room', event({ room_id: undefined }), false],
  ['without sender', event({ sender: 7 }), false],
])('an event %s can become a job: %#', (_, value, expected) => {
  expect(isRawEvent(value)).toBe(expected)
})
