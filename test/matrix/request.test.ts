import { describe, expect, test } from '@jest/globals'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import type { HttpRequest, HttpResponse } from '../../src/model/http.ts'
import { asUserId } from '../../src/model/ids.ts'
import { createHomeserver } from '../../src/matrix/client.ts'
import { createHomeserverProbe } from '../../src/matrix/probe.ts'
import { bob, bot, createRecordingLog, createStillClock, setUp } from './setup.ts'

type Answer = { status: number; headers?: Record<string, string>; body?: string }

/** A client whose homeserver gives one answer after the other; the last for ever. */
function against(...answers: readonly (Answer | Error)[]) {
  const requests: HttpRequest[] = []
  const { log, lines } = createRecordingLog()
  const http = async (request: HttpRequest): Promise<HttpResponse> => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]
    requests.push(request)
    if (answer instanceof Error) throw answer
    if (answer === undefined) throw new Error('no answer given')
    return { headers: {}, ...answer, body: Buffer.from(answer.body ?? '{}') }
  }
  const access = { http, baseUrl: 'https://hs.test', asToken: 'as-secret', botUserId: bot }
  const all = { ...access, clock: createStillClock(1_000_000), log }
  const probe = createHomeserverProbe({ ...all, appserviceId: 'foot/bridge' })
  return { requests, lines, client: createHomeserver(all), probe }
}

const error = (errcode: string, more: object = {}): string =>
  JSON.stringify({ errcode, error: 'because', ...more })

async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no failure',
    (cause: unknown) => {
      if (cause instanceof TransientError)
        return { transient: cause.of, status: cause.status, retryAt: cause.retryAt }
      return cause instanceof RejectedError ? { rejected: cause.code, tell: cause.tell } : cause
    },
  )
}

const transient = (status?: number, retryAt?: number) => ({
  transient: 'homeserver',
  status,
  retryAt,
})

test.each<[string, Answer | Error, unknown]>([
  ['a dead line', new TransientError('reset'), transient()],
  ['500', { status: 500, body: error('M_UNKNOWN') }, transient(500)],
  ['503 of a proxy', { status: 503, body: '<html>' }, transient(503)],
  [
    'a remote server away',
    { status: 502, body: error('M_UNKNOWN') },
    { ...transient(502), transient: 'remote' },
  ],
  ['502 of a proxy', { status: 502, body: '<html>' }, transient(502)],
  ['404 of a proxy', { status: 404, body: '<html>' }, transient(404)],
  ['a redirect', { status: 302 }, transient(302)],
  ['200 with HTML', { status: 200, body: '<html>' }, transient(200)],
  ['200 with a list', { status: 200, body: '[]' }, transient(200)],
  ['a token it does not know', { status: 401, body: error('M_UNKNOWN_TOKEN') }, transient(401)],
  [
    'a limit in the body',
    { status: 429, body: error('M_LIMIT_EXCEEDED', { retry_after_ms: 2500 }) },
    transient(429, 1_002_500),
  ],
  [
    'a limit in seconds',
    { status: 429, headers: { 'retry-after': '7' }, body: error('M_LIMIT_EXCEEDED') },
    transient(429, 1_007_000),
  ],
  [
    'a limit as a date',
    { status: 429, headers: { 'retry-after': 'Thu, 01 Jan 1970 00:17:00 GMT' }, body: '' },
    transient(429, 1_020_000),
  ],
  ['a limit without a time', { status: 429, body: 'slow down' }, transient(429, 1_001_000)],
  [
    'a limit of a year',
    { status: 429, body: error('M_LIMIT_EXCEEDED', { retry_after_ms: 3e10 }) },
    transient(429, 4_600_000),
  ],
  [
    'a refusal',
    { status: 403, body: error('M_INVITE_BLOCKED') },
    { rejected: 'M_INVITE_BLOCKED', tell: 'The homeserver refused this (M_INVITE_BLOCKED).' },
  ],
])('%s', async (_, answer, expected) => {
  const { client } = against(answer)
  expect(await failure(client.setDisplayName(bob, 'Bob'))).toEqual(expected)
})

test('an answer without its event id is no success', async () => {
  const { client } = against({ status: 200, body: '{"event_id":5}' })
  const message = { type: 'm.room.message', txnId: 't', content: {} }
  const sent = client.send(bob, '!r' as Parameters<typeof client.send>[1], message)
  expect(await failure(sent)).toEqual(transient())
})

describe('a request', () => {
  test('names the ghost in the query and the token only in the header', async () => {
    const { client, requests } = against({ status: 200 })
    await client.setDisplayName(bob, 'Bob')
    await client.setDisplayName(bot, 'Bot')
    const [asGhost, asBot] = requests
    expect(asGhost).toEqual({
      method: 'PUT',
      url: 'https://hs.test/_matrix/client/v3/profile/%40_ap_bob_fedi.test%3Ahs.test/displayname?user_id=%40_ap_bob_fedi.test%3Ahs.test',
      headers: {
        authorization: 'Bearer as-secret',
        accept: 'application/json',
        'content-type': 'application/json',
      },
      body: '{"displayname":"Bob"}',
      timeout: 30_000,
      maxBytes: 33_554_432,
    })
    expect(new URL(asBot?.url ?? '').search).toBe('')
  })

  test('that fails at once is repeated where that is harmless', async () => {
    const { client, requests } = against(new TransientError('reset'), { status: 200 })
    await client.setDisplayName(bob, 'Bob')
    expect(requests).toHaveLength(2)
  })

  test('that sends something is never repeated by itself', async () => {
    const { client, requests } = against(new TransientError('reset'))
    const roomId = '!r' as Parameters<typeof client.send>[1]
    const message = { type: 'm.room.message', txnId: 't', content: {} }
    expect(await failure(client.send(bob, roomId, message))).toEqual(transient())
    expect(requests).toHaveLength(1)
  })

  test('leaves no token and no text in the log', async () => {
    const { client, lines } = against({ status: 500, body: error('M_UNKNOWN') })
    await failure(client.setDisplayName(bob, 'secret words'))
    expect(JSON.stringify(lines)).not.toMatch(/as-secret|secret words/)
    expect(lines).toHaveLength(1)
  })
})

describe('the probe', () => {
  test('pings by the id of the registration', async () => {
    const { probe, requests } = against({ status: 200, body: '{"duration_ms":3}' })
    expect(await probe.ping()).toBe('reached')
    expect(requests[0]?.url).toBe('https://hs.test/_matrix/client/v1/appservice/foot%2Fbridge/ping')
  })

  test.each<[string, Answer | Error]>([
    ['cannot reach us', { status: 502, body: error('M_BAD_STATUS') }],
    ['knows another id', { status: 403, body: error('M_FORBIDDEN') }],
    ['is none', { status: 404, body: '<html>' }],
    ['is away', new TransientError('refused')],
  ])('a ping does not reach us where the homeserver %s', async (_, answer) => {
    const { probe, lines } = against(answer)
    expect(await probe.ping()).toBe('unreached')
    expect(lines.map(({ level }) => level)).toContain('warn')
  })

  test.each<[string, Answer]>([
    ['Dendrite', { status: 404, body: error('M_UNRECOGNIZED') }],
    ['the specification', { status: 405, body: error('M_UNRECOGNIZED') }],
  ])('is told where there is no ping, in the words of %s', async (_, answer) => {
    const { probe, lines } = against(answer)
    expect(await probe.ping()).toBe('unknown')
    expect(lines.map(({ level }) => level)).not.toContain('warn')
  })

  test('tells versions and who we are', async () => {
    const { hs, clock } = setUp()
    const { log } = createRecordingLog()
    const access = { http: hs.http, baseUrl: 'http://hs.test', asToken: 'as-secret', clock, log }
    const probe = createHomeserverProbe({ ...access, botUserId: bot, appserviceId: 'x' })
    expect(await probe.versions()).toContain('v1.11')
    expect(await probe.whoami()).toBe(asUserId('@apbot:hs.test'))
  })
})

test.each<[string, Answer, unknown]>([
  ['a profile', { status: 200, body: '{"displayname":"Bob"}' }, true],
  ['an empty one', { status: 200, body: '{}' }, true],
  ['that there is none', { status: 404, body: error('M_NOT_FOUND') }, false],
  [
    'so in the words of Synapse',
    { status: 404, body: error('M_UNKNOWN', { error: 'No row found (profiles)' }) },
    false,
  ],
  [
    'a 404 of no known reason',
    { status: 404, body: error('M_UNKNOWN') },
    { rejected: 'M_UNKNOWN' },
  ],
  [
    'a 404 for another reason',
    { status: 404, body: error('M_UNRECOGNIZED') },
    { rejected: 'M_UNRECOGNIZED' },
  ],
  ['a 404 of a proxy', { status: 404, body: '<html>' }, transient(404)],
  [
    'that it may not be seen',
    { status: 403, body: error('M_FORBIDDEN') },
    { rejected: 'M_FORBIDDEN' },
  ],
  ['trouble of its own', { status: 500, body: error('M_UNKNOWN') }, transient(500)],
])(
  'whether there is a profile, when the homeserver answers %s',
  async (...[, answer, expected]) => {
    const call = against(answer).client.hasProfile(bob)
    const result = await call.catch(() => failure(call))
    if (typeof expected === 'boolean') expect(result).toBe(expected)
    else expect(result).toMatchObject(expected as object)
  },
)

test('who has no name is there, although the homeserver says that they have no profile', async () => {
  const { client, requests } = against(
    { status: 404, body: error('M_NOT_FOUND') },
    { status: 200, body: '{}' },
  )
  expect(await client.hasProfile(bob)).toBe(true)
  expect(requests.at(-1)?.url).toMatch(/\/displayname$/)
})
