import { afterEach, describe, expect, test } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { Clock } from '../../src/model/clock.ts'
import {
  createAppserviceRouter,
  defaultLimits,
  type AppserviceOptions,
} from '../../src/matrix/appservice.ts'
import type { RawEvent } from '../../src/matrix/intake.ts'
import { createRecordingLog } from './setup.ts'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A clock whose sleepers wake when the test says so, or when they are told to stop. */
function createHandClock() {
  const wakers: (() => void)[] = []
  const sleep: Clock['sleep'] = (_, signal) =>
    new Promise((resolve) => {
      wakers.push(resolve)
      signal?.addEventListener('abort', () => resolve())
    })
  const ring = (): void => {
    for (const wake of wakers.splice(0)) wake()
  }
  return { clock: { now: () => 0, sleep }, ring }
}

const unused = async (): Promise<never> => {
  throw new Error('not expected')
}

async function start(options: Partial<AppserviceOptions> = {}) {
  const received: RawEvent[] = []
  const { log, lines } = createRecordingLog()
  const router = createAppserviceRouter({
    isToken: (token) => token === 'hs-secret',
    receive: async (events) => {
      received.push(...events)
    },
    userExists: unused,
    aliasExists: unused,
    thirdParty: {
      usersNamed: unused,
      usersOf: unused,
      locationsNamed: unused,
      locationsOf: unused,
    },
    clock: createHandClock().clock,
    log,
    limits: defaultLimits,
    ...options,
  })
  const server = createServer(express().use(router))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const call = async (path: string, init: RequestInit = {}, token = 'Bearer hs-secret') => {
    const headers = token === '' ? {} : { authorization: token }
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, ...init })
    const text = await response.text()
    const body = JSON.parse(text) as { readonly errcode?: string }
    return { status: response.status, type: response.headers.get('content-type'), body }
  }
  const put = (body: string, token?: string) =>
    call('/_matrix/app/v1/transactions/1', { method: 'PUT', body }, token)
  return { call, put, received, lines }
}

const event = (id: string, more: object = {}): object => ({
  event_id: id,
  room_id: '!r',
  sender: '@alice:hs.test',
  type: 'm.room.message',
  content: { msgtype: 'm.text', body: 'hi' },
  ...more,
})
const transaction = (...events: readonly unknown[]): string => JSON.stringify({ events })
const brief = ({ status, body }: { status: number; body: { errcode?: string } }) => [
  status,
  body.errcode,
]

describe('a transaction', () => {
  test('is answered only after everything is stored', async () => {
    const order: string[] = []
    let isStored = (): void => undefined
    const stored = new Promise<void>((resolve) => (isStored = resolve))
    let isReached = (): void => undefined
    const reached = new Promise<void>((resolve) => (isReached = resolve))
    const { put } = await start({
      receive: async () => {
        isReached()
        await stored
        order.push('stored')
      },
    })
    const answered = put(transaction(event('$1'))).then(({ status }) => order.push(String(status)))
    await reached
    isStored()
    await answered
    expect(order).toEqual(['stored', '200'])
  })

  test('comes through whole and in order', async () => {
    const { put, received } = await start()
    const answer = await put(transaction(event('$1'), event('$2')))
    expect(answer).toEqual({ status: 200, type: 'application/json; charset=utf-8', body: {} })
    expect(received).toEqual([event('$1'), event('$2')])
  })

  test('with an id that came before is received again: its events decide', async () => {
    const { put, received } = await start()
    await put(transaction(event('$1')))
    await put(transaction(event('$2')))
    expect(received.map(({ event_id }) => event_id)).toEqual(['$1', '$2'])
  })

  test('keeps its sound events when others are malformed, and says how many', async () => {
    const { put, received, lines } = await start()
    const bad = [null, 5, [], {}, event('$x', { type: undefined }), event('$x', { room_id: 1 })]
    const answer = await put(transaction(...bad, event('$1')))
    expect([answer.status, received]).toEqual([200, [event('$1')]])
    expect(lines).toEqual([
      { level: 'warn', fields: { dropped: 6, kept: 1 }, message: 'malformed events dropped' },
    ])
  })

  test('without events is fine', async () => {
    expect((await (await start()).put(transaction())).status).toBe(200)
  })

  test('of 100 events of 60 kB is taken', async () => {
    const { put, received } = await start()
    const large = { msgtype: 'm.text', body: 'x'.repeat(60_000) }
    const events = Array.from({ length: 100 }, (_, n) => event(`$${n}`, { content: large }))
    expect((await put(transaction(...events))).status).toBe(200)
    expect(received).toHaveLength(100)
  })

  test.each<[string, string, unknown]>([
    ['no JSON', '{"events":', [400, 'M_NOT_JSON']],
    ['empty', '', [400, 'M_NOT_JSON']],
    ['a list', '[]', [400, 'M_BAD_JSON']],
    ['null', 'null', [400, 'M_BAD_JSON']],
    ['events that are none', '{"events":{}}', [400, 'M_BAD_JSON']],
  ])('that is %s is refused', async (_, body, expected) => {
    const { put, received } = await start()
    expect([brief(await put(body)), received]).toEqual([expected, []])
  })

  test('over the limit is 413, and the next one is taken', async () => {
    const { put } = await start({ limits: { ...defaultLimits, maxBody: 10_000 } })
    expect(brief(await put('x'.repeat(3_000_000)))).toEqual([413, 'M_TOO_LARGE'])
    expect((await put(transaction(event('$1')))).status).toBe(200)
  })

  test('that cannot be stored is 500, so that it comes again', async () => {
    const { put, lines } = await start({
      receive: async () => {
        throw new Error('disk full')
      },
    })
    expect(brief(await put(transaction(event('$1'))))).toEqual([500, 'M_UNKNOWN'])
    expect(lines.map(({ level }) => level)).toEqual(['error'])
  })
})

describe('the token', () => {
  test.each<[string, string, unknown]>([
    ['missing', '', [401, 'M_UNAUTHORIZED']],
    ['of another kind', 'Basic aHM=', [401, 'M_UNAUTHORIZED']],
    ['empty', 'Bearer ', [401, 'M_UNAUTHORIZED']],
    ['wrong', 'Bearer hs-secreT', [403, 'M_FORBIDDEN']],
    ['longer', 'Bearer hs-secret2', [403, 'M_FORBIDDEN']],
    ['right', 'Bearer hs-secret', [200, undefined]],
    ['right, the scheme in small letters', 'bearer hs-secret', [200, undefined]],
  ])('%s', async (_, token, expected) => {
    const { put, received } = await start()
    expect(brief(await put(transaction(event('$1')), token))).toEqual(expected)
    expect(received).toHaveLength(token.endsWith('hs-secret') ? 1 : 0)
  })

  test('in the query is none', async () => {
    const { call } = await start()
    const path = '/_matrix/app/v1/users/x?access_token=hs-secret'
    expect(brief(await call(path, {}, ''))).toEqual([401, 'M_UNAUTHORIZED'])
  })
})

describe('queries', () => {
  const user = '/_matrix/app/v1/users/%40_ap_bob_fedi.test%3Ahs.test'
  const alias = '/_matrix/app/v1/rooms/%23_ap_bob_fedi.test%3Ahs.test'

  test('are answered by what they ask for', async () => {
    const asked: string[] = []
    const { call } = await start({
      userExists: async (userId) => asked.push(userId) > 0,
      aliasExists: async (roomAlias) => asked.push(roomAlias) === 0,
    })
    expect(brief(await call(user))).toEqual([200, undefined])
    expect(brief(await call(alias))).toEqual([404, 'M_NOT_FOUND'])
    expect(asked).toEqual(['@_ap_bob_fedi.test:hs.test', '#_ap_bob_fedi.test:hs.test'])
  })

  test('that fail are 500', async () => {
    const { call, lines } = await start()
    expect(brief(await call(user))).toEqual([500, 'M_UNKNOWN'])
    expect(lines.map(({ level }) => level)).toEqual(['error'])
  })

  test('that take too long are answered and told to stop', async () => {
    const { clock, ring } = createHandClock()
    const signals: AbortSignal[] = []
    const { call } = await start({
      clock,
      aliasExists: (_, signal) => {
        signals.push(signal)
        queueMicrotask(ring)
        return new Promise(() => undefined)
      },
    })
    expect(brief(await call(alias))).toEqual([500, 'M_UNKNOWN'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  test('of a path that is no encoding are 400', async () => {
    const { call } = await start()
    expect(brief(await call('/_matrix/app/v1/users/%E0%A4%A'))).toEqual([400, 'M_INVALID_PARAM'])
  })
})

describe('endpoints', () => {
  test.each<[string, string, unknown]>([
    ['POST', '/_matrix/app/v1/ping', [200, undefined]],
    ['GET', '/_matrix/app/v1/ping', [405, 'M_UNRECOGNIZED']],
    ['POST', '/_matrix/app/v1/transactions/1', [405, 'M_UNRECOGNIZED']],
    ['DELETE', '/_matrix/app/v1/users/x', [405, 'M_UNRECOGNIZED']],
    ['PUT', '/_matrix/app/v1/rooms/x', [405, 'M_UNRECOGNIZED']],
    ['GET', '/_matrix/app/v1/thirdparty/protocol/x', [404, 'M_UNRECOGNIZED']],
    ['GET', '/', [404, 'M_UNRECOGNIZED']],
  ])('%s %s', async (method, path, expected) => {
    const { call } = await start()
    expect(brief(await call(path, { method }))).toEqual(expected)
  })

  test('without prefix serve older homeservers', async () => {
    const { call, received } = await start()
    const init = { method: 'PUT', body: transaction(event('$1')) }
    expect((await call('/transactions/1', init)).status).toBe(200)
    expect(received).toHaveLength(1)
  })
})
