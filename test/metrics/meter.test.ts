import { describe, expect, test } from '@jest/globals'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import { createCollect } from '../../src/metrics/collect.ts'
import { countEvents } from '../../src/metrics/counts.ts'
import { metered } from '../../src/metrics/metered.ts'
import { callOf, createMeasuring, type Measuring } from '../../src/metrics/meter.ts'
import { metrics } from '../../src/metrics/table.ts'
import type { Http, HttpRequest } from '../../src/model/http.ts'

const nothing = async (): Promise<void> => undefined

/** Lines of our own numbers that are not zero. */
async function linesOf(
  measuring: Measuring,
  collect: Parameters<Measuring['read']>[0] = nothing,
): Promise<readonly string[]> {
  const text = await measuring.read(collect)
  return text
    .split('\n')
    .filter((line) => /^(?:bridge|matrix|remote|footbridge)_/.test(line) && !/ 0$/.test(line))
    .filter((line) => !line.includes('_bucket'))
}

const request = (url: string, method: HttpRequest['method'] = 'GET'): HttpRequest => ({
  ...{ method, url, headers: {}, timeout: 1, maxBytes: 1 },
})

test.each([
  ['https://hs.test/_matrix/client/v3/rooms/!a:hs.test/send/m.room.message/abc', 'send'],
  ['https://hs.test/_matrix/client/v3/rooms/!a:hs.test/state/m.room.member/@a:hs.test', 'state'],
  ['https://hs.test/_matrix/client/v3/rooms/!a:hs.test/redact/$e/abc', 'redact'],
  ['https://hs.test/_matrix/client/v3/join/!a:hs.test', 'join'],
  ['https://hs.test/_matrix/client/v3/directory/room/%23a:hs.test', 'directory'],
  ['https://hs.test/_matrix/client/v3/profile/@a:hs.test/displayname', 'profile'],
  ['https://hs.test/_matrix/media/v3/upload?filename=send', 'media'],
  ['https://hs.test/_matrix/client/versions', 'versions'],
  ['https://hs.test/_matrix/client/v3/rooms/!a:hs.test/joined_members', 'members'],
  ['https://hs.test/', 'other'],
])('%s is a call of %s', (url, call) => {
  expect(callOf(url)).toBe(call)
})

describe('what we ask others', () => {
  test('is counted by side, kind and answer, also where there is none', async () => {
    const measuring = createMeasuring('1')
    const answers: (number | Error)[] = [
      200,
      404,
      new TransientError('silence'),
      new TransientError('busy', { status: 503 }),
      new RejectedError('no', { status: 403 }),
      new Error('bug'),
    ]
    const http: Http = async () => {
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      return { status: answer ?? 0, headers: {}, body: Buffer.alloc(0) }
    }
    const counted = { meter: measuring.meter, clock: { now: () => 0 } }
    const ask = metered(http, 'fediverse', counted)
    for (let n = 0; n < 6; n++) await ask(request('https://a.example/', 'POST')).catch(() => 0)
    expect(await linesOf(measuring)).toEqual([
      'bridge_info{version="1"} 1',
      'remote_api_calls{method="POST"} 6',
      'remote_api_calls_failed{method="POST"} 5',
      'footbridge_http_requests_total{side="fediverse",status="2xx"} 1',
      'footbridge_http_requests_total{side="fediverse",status="4xx"} 2',
      'footbridge_http_requests_total{side="fediverse",status="none"} 2',
      'footbridge_http_requests_total{side="fediverse",status="5xx"} 1',
      'footbridge_http_request_seconds_count{side="fediverse"} 6',
    ])
  })

  test('passes on what comes of it, and costs nothing where nothing is counted', async () => {
    const http: Http = () => Promise.reject(new RejectedError('no'))
    const counted = { meter: createMeasuring('1').meter, clock: { now: () => 0 } }
    await expect(metered(http, 'homeserver', counted)(request('https://a/'))).rejects.toThrow('no')
    expect(metered(http, 'homeserver', { ...counted, meter: undefined })).toBe(http)
  })
})

test('requests to an inbox are counted by what they came to', async () => {
  const measuring = createMeasuring('1')
  for (const status of [202, 202, 401, 403, 429, 503, 418]) measuring.meter.receivedAtInbox(status)
  expect((await linesOf(measuring)).slice(1)).toEqual([
    'footbridge_inbox_requests_total{result="accepted"} 2',
    'footbridge_inbox_requests_total{result="bad_signature"} 1',
    'footbridge_inbox_requests_total{result="blocked"} 1',
    'footbridge_inbox_requests_total{result="too_many"} 1',
    'footbridge_inbox_requests_total{result="come_later"} 1',
    'footbridge_inbox_requests_total{result="other"} 1',
  ])
})

test('work is counted by each try, and timed by its end', async () => {
  const measuring = createMeasuring('1')
  const { jobEnded } = measuring.meter
  jobEnded('delivery', 'retry', 5)
  jobEnded('delivery', 'done', 65)
  jobEnded('event', 'parked', 1)
  jobEnded('event', 'done', 2)
  jobEnded('activity', 'skipped', 3)
  expect((await linesOf(measuring)).slice(1)).toEqual([
    'matrix_request_seconds_sum{outcome="done"} 2',
    'matrix_request_seconds_count{outcome="done"} 1',
    'remote_request_seconds_sum{outcome="skipped"} 3',
    'remote_request_seconds_count{outcome="skipped"} 1',
    'footbridge_jobs_total{kind="delivery",result="retry"} 1',
    'footbridge_jobs_total{kind="delivery",result="done"} 1',
    'footbridge_jobs_total{kind="event",result="parked"} 1',
    'footbridge_jobs_total{kind="event",result="done"} 1',
    'footbridge_jobs_total{kind="activity",result="skipped"} 1',
    'footbridge_deliveries_total{result="retry"} 1',
    'footbridge_deliveries_total{result="done"} 1',
    'footbridge_delivery_seconds_sum 65',
    'footbridge_delivery_seconds_count 1',
  ])
})

test('events that claim to come from the future are not late; odd ones are not counted', async () => {
  const measuring = createMeasuring('1')
  const events = [
    { origin_server_ts: 9_000 },
    { origin_server_ts: 99_000 },
    {},
    { origin_server_ts: 'x' },
  ]
  countEvents(events, measuring.meter, { now: () => 10_000 })
  expect((await linesOf(measuring)).slice(1)).toEqual([
    'footbridge_event_lag_seconds_sum 1',
    'footbridge_event_lag_seconds_count 2',
  ])
})

test('what is looked up is so when somebody asks, and whole tables rarely', async () => {
  const measuring = createMeasuring('1')
  let now = 1_000_000
  let counts = 0
  const collect = createCollect({
    depth: async () => [
      { kind: 'event', waiting: 2, failed: 1, oldest: 940_000 },
      { kind: 'delivery', waiting: 0, failed: 0 },
    ],
    busiest: async () => [
      { kind: 'delivery', host: 'a.example', waiting: 1, oldest: 0, failingSince: 5 },
      { kind: 'delivery', host: 'b.example', waiting: 1, oldest: 0 },
    ],
    stats: async () => ({
      ...{ localActors: 3, activeMonth: 2, activeHalfyear: 3, localPosts: 9, localComments: 9 },
    }),
    countRows: async () => {
      counts += 1
      return { ghost: 7, mapping: 8 }
    },
    countRooms: async () => new Map([['actor', 4]]),
    databaseSize: () => 4_096,
    clock: { now: () => now },
  })
  const lines = await linesOf(measuring, collect)
  expect(lines).toEqual([
    'bridge_info{version="1"} 1',
    'bridge_rooms{kind="actor"} 4',
    'bridge_users 3',
    'bridge_active_users{within="month"} 2',
    'bridge_active_users{within="half_year"} 3',
    'bridge_ghosts 7',
    'bridge_messages 8',
    'footbridge_queue_waiting{kind="event"} 2',
    'footbridge_queue_oldest_seconds{kind="event"} 60',
    'footbridge_queue_failed{kind="event"} 1',
    'footbridge_hosts_failing 1',
    'footbridge_database_bytes 4096',
  ])
  expect(await linesOf(measuring, collect)).toEqual(lines)
  expect(counts).toBe(1)
  now += 300_000
  await linesOf(measuring, collect)
  expect(counts).toBe(2)
})

test('no label has a value that does not stand in the table, whatever comes', async () => {
  const measuring = createMeasuring('1')
  const { meter } = measuring
  for (let n = 0; n < 500; n++) {
    meter.receivedAtInbox(n)
    const odd = {
      method: `M${n}`,
      url: `https://h${n}.example/${n}/send${n}`,
      status: n,
      seconds: n,
    }
    meter.requested('fediverse', { ...odd, status: 100 + n })
    meter.requested('homeserver', { ...odd, status: 200 })
  }
  const text = await measuring.read(nothing)
  const all = Object.values(metrics)
  for (const [, series = '', inner = ''] of text.matchAll(/^([a-z_]+)\{([^}]*)\}/gm)) {
    const name = series.replace(/_(?:bucket|sum|count)$/, '')
    const { labels = {} } = all.find((one) => one.name === name || one.name === series) ?? {}
    for (const [, label = '', value = ''] of inner.matchAll(/(\w+)="([^"]*)"/g))
      if (label !== 'le' && /^(?:matrix|remote|footbridge)_/.test(series))
        expect([series, label, labels[label]]).toEqual([
          series,
          label,
          expect.arrayContaining([value]),
        ])
  }
})
