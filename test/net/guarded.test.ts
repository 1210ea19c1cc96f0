import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { type Loopback, outcomeOf, startLoopback } from './loopback.ts'
import { createGuardedHttp, type GuardedHttpOptions } from '../../src/net/guarded.ts'
import type { HttpRequest } from '../../src/model/http.ts'

let server: Loopback
const seen: IncomingMessage[] = []

const answers: Record<string, (response: ServerResponse) => void> = {
  '/ok?q=1': (response) => response.setHeader('X-One', ['a', 'b']).end('fine'),
  '/redirect': (response) => response.writeHead(302, { location: '/ok' }).end(),
  '/announced': (response) => response.writeHead(200, { 'content-length': 5000 }).end('x'),
  '/endless': (response) => {
    const more = () => {
      while (response.writable && response.write('x'.repeat(512)));
    }
    response.on('drain', more)
    more()
  },
  '/packed': (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000))),
  '/silent': () => undefined,
  '/stalled': (response) => void response.writeHead(200).write('begin'),
  '/cut': (response) => {
    response.writeHead(200, { 'content-length': 500 }).write('begin')
    setImmediate(() => response.destroy())
  },
  '/long-header': (response) => response.setHeader('x-long', 'x'.repeat(40_000)).end(),
}

beforeAll(async () => {
  server = await startLoopback((request, response) => {
    seen.push(request)
    const answer = answers[request.url ?? ''] ?? ((r: ServerResponse) => r.writeHead(404).end())
    answer(response)
  })
})
afterAll(() => server.close())

const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeout: 5_000,
  maxBytes: 1_000,
  ...more,
})

async function withHttp<T>(
  options: Partial<GuardedHttpOptions>,
  use: (http: ReturnType<typeof createGuardedHttp>['http']) => Promise<T>,
): Promise<T> {
  const guarded = createGuardedHttp({
    allowPrivate: [],
    allowHttp: [],
    userAgent: 'Footbridge/0 (+https://fedi.example.org)',
    ...options,
  })
  try {
    return await use(guarded.http)
  } finally {
    await guarded.close()
  }
}

describe('what is not requested', () => {
  const address = 'RejectedError forbidden-address'
  const url = 'RejectedError forbidden-url'
  test.each([
    ['https://127.0.0.1:PORT/', address],
    ['https://127.1:PORT/', address],
    ['https://2130706433:PORT/', address],
    ['https://0x7f000001:PORT/', address],
    ['https://0x7f.0.0.1:PORT/', address],
    ['https://017700000001:PORT/', address],
    ['https://127.0.0.1.:PORT/', address],
    ['https://①②⑦.0.0.1:PORT/', address],
    ['https://0.0.0.0:PORT/', address],
    ['https://0:PORT/', address],
    ['https://[::]:PORT/', address],
    ['https://[::1]:PORT/', address],
    ['https://[::ffff:127.0.0.1]:PORT/', address],
    ['https://[::127.0.0.1]:PORT/', address],
    ['https://[64:ff9b::7f00:1]:PORT/', address],
    ['https://[2002:7f00:1::]:PORT/', address],
    ['https://localhost:PORT/', address],
    ['https://LOCALHOST:PORT/', address],
    ['https://169.254.169.254/latest/meta-data/', address],
    ['https://10.0.0.1/', address],
    ['http://127.0.0.1:PORT/', url],
    ['http://localhost:PORT/', url],
    ['https://user:pass@example.org/', url],
    ['https://example.org:22/', url],
    ['https://example.org:6667/', url],
    ['https://example.org:0/', url],
    ['ftp://127.0.0.1:PORT/', url],
    ['file:///etc/passwd', url],
    ['data:text/plain,hello', url],
    ['gopher://127.0.0.1:PORT/_', url],
    ['//127.0.0.1:PORT/', url],
    ['not a url', url],
    ['', url],
    [`https://example.org/${'x'.repeat(5_000)}`, url],
  ])('%s is refused without a connection', async (template, expected) => {
    const before = server.connections()
    const target = template.replace('PORT', String(server.port))
    const outcome = await withHttp({}, (http) => outcomeOf(http(get(target))))
    expect({ outcome, connections: server.connections() - before }).toEqual({
      outcome: expected,
      connections: 0,
    })
  })

  test('plain http to a host that may, at a private address that may not, is refused', async () => {
    const before = server.connections()
    const options = { allowHttp: ['127.0.0.1', 'localhost'] }
    for (const host of ['127.0.0.1', 'localhost']) {
      const request = get(`http://${host}:${String(server.port)}/ok`)
      const outcome = await withHttp(options, (http) => outcomeOf(http(request)))
      expect(outcome).toBe('RejectedError forbidden-address')
    }
    expect(server.connections()).toBe(before)
  })

  test('the user is told without an address of the inner network', async () => {
    const error: unknown = await withHttp({}, (http) =>
      http(get('https://localhost/')).catch((caught: unknown) => caught),
    )
    expect(error).toMatchObject({ tell: 'localhost is not a server on the public internet.' })
  })
})

describe('what is allowed', () => {
  test.each([
    [['127.0.0.0/8'], '127.0.0.1'],
    [['127.0.0.1'], '127.0.0.1'],
    [['LocalHost'], 'localhost'],
    [['127.0.0.0/8', '::1'], 'localhost'],
  ])('private %j lets %s through', async (allowPrivate, name) => {
    const host = `${name}:${String(server.port)}`
    const options = { allowPrivate, allowHttp: [host] }
    const outcome = await withHttp(options, (http) => http(get(`http://${host}/ok?q=1#fragment`)))
    expect({ ...outcome, headers: outcome.headers['x-one'] }).toEqual({
      status: 200,
      headers: 'a, b',
      body: Buffer.from('fine'),
    })
    const {
      host: sentHost,
      'user-agent': agent,
      'accept-encoding': encoding,
    } = seen.at(-1)?.headers ?? {}
    expect([sentHost, agent, encoding]).toEqual([
      host,
      'Footbridge/0 (+https://fedi.example.org)',
      'identity',
    ])
  })

  test('a range that is none is an error at once', () => {
    expect(() =>
      createGuardedHttp({ allowPrivate: ['10.0.0.0/33'], allowHttp: [], userAgent: 'x' }),
    ).toThrow('not an address range: 10.0.0.0/33')
  })
})

describe('bounds', () => {
  const allowed = () => ({ allowPrivate: ['127.0.0.1'], allowHttp: [server.host] })
  test.each([
    ['/redirect', {}, { status: 302 }],
    ['/missing', {}, { status: 404 }],
    ['/announced', {}, 'RejectedError too-large'],
    ['/endless', {}, 'RejectedError too-large'],
    ['/packed', {}, 'RejectedError hostile'],
    ['/silent', { timeout: 100 }, 'TransientError'],
    ['/stalled', { timeout: 100 }, 'TransientError'],
    ['/cut', {}, 'TransientError'],
    ['/long-header', {}, 'RejectedError too-large'],
  ])('%s with %j', async (path, more, expected) => {
    const outcome = await withHttp(allowed(), (http) =>
      outcomeOf(http(get(server.origin + path, more))),
    )
    if (typeof expected === 'string') expect(outcome).toBe(expected)
    else expect(outcome).toMatchObject(expected)
  })

  test('a server that is not there is a transient error with its cause', async () => {
    const options = { allowPrivate: ['127.0.0.1'], allowHttp: ['127.0.0.1'] }
    const closed = await startLoopback(() => undefined)
    await closed.close()
    const error: unknown = await withHttp(options, (http) =>
      http(get(closed.origin)).catch((caught: unknown) => caught),
    )
    expect(error).toMatchObject({
      name: 'TransientError',
      of: 'remote',
      cause: { code: 'ECONNREFUSED' },
    })
  })

  test('connections are kept, and no more than the bound are made to one origin', async () => {
    const before = server.connections()
    await withHttp({ ...allowed(), connectionsPerOrigin: 2 }, async (http) => {
      const all = Array.from({ length: 10 }, () => http(get(`${server.origin}/ok?q=1`)))
      expect((await Promise.all(all)).map((response) => response.status)).toEqual(
        Array.from({ length: 10 }, () => 200),
      )
    })
    expect(server.connections() - before).toBe(2)
  })

  test('a request that timed out waiting for a connection is never sent', async () => {
    await withHttp({ ...allowed(), connectionsPerOrigin: 1 }, async (http) => {
      const first = outcomeOf(http(get(`${server.origin}/silent`, { timeout: 300 })))
      const second = outcomeOf(http(get(`${server.origin}/late`, { timeout: 50 })))
      expect([await second, await first]).toEqual(['TransientError', 'TransientError'])
      await http(get(`${server.origin}/after`))
    })
    expect(seen.map((request) => request.url)).not.toContain('/late')
  })
})
