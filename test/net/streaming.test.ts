import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

import { createGuardedHttp } from '../../src/net/guarded.ts'
import { createHomeserverHttp } from '../../src/net/homeserver.ts'
import type { HttpHead, HttpRequest, HttpSink } from '../../src/model/http.ts'
import { type Loopback, outcomeOf, startLoopback } from './loopback.ts'

const megabyte = 1024 * 1024
const large = 30 * megabyte

/** The same bytes for whoever asks, a piece at a time. */
function* pieces(size: number): Generator<Buffer> {
  for (let at = 0, n = 0; at < size; n += 1) {
    const piece = Buffer.alloc(Math.min(65_536, size - at), n % 251)
    at += piece.length
    yield piece
  }
}

const digestOf = (chunks: Iterable<Uint8Array>): string => {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

async function pour(response: ServerResponse, size: number): Promise<void> {
  for (const piece of pieces(size)) {
    if (!response.writable) return
    poured += piece.length
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve))
  }
  response.end()
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of request) hash.update(chunk as Buffer)
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  response.end(JSON.stringify({ digest: hash.digest('hex'), length, encoding }))
}

let server: Loopback
let world: ReturnType<typeof createGuardedHttp>
let home: ReturnType<typeof createHomeserverHttp>
let poured = 0

const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {
  '/large': (_, response) => pour(response.writeHead(200, { 'content-length': large }), large),
  '/endless': (_, response) => {
    const more = (): void => {
      while (response.writable && response.write(Buffer.alloc(8_192))) poured += 8_192
    }
    response.on('drain', more)
    more()
  },
  '/missing': (_, response) => pour(response.writeHead(404), large),
  '/stalled': (_, response) => response.writeHead(200).write('begin'),
  '/packed': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(megabyte))),
  '/upload': take,
  '/refuse': (_, response) => response.writeHead(413, { connection: 'close' }).end('{}'),
}

beforeAll(async () => {
  server = await startLoopback((request, response) => {
    void answers[request.url ?? '']?.(request, response)
  })
  const allowed = { allowPrivate: ['127.0.0.1'], allowHttp: [server.host] }
  world = createGuardedHttp({ ...allowed, userAgent: 'Footbridge' })
  home = createHomeserverHttp({ baseUrl: server.origin })
})
afterAll(async () => {
  await Promise.all([world.close(), home.close()])
  await server.close()
})

/** What was under way when it ended is poured still. */
async function untilStill(): Promise<void> {
  let before = -1
  while (before !== poured) {
    before = poured
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

type Head = NonNullable<HttpRequest['sink']>

const get = (path: string, sink: Head, more: Partial<HttpRequest> = {}) =>
  world.http({
    method: 'GET',
    url: server.origin + path,
    headers: {},
    timeout: 10_000,
    maxBytes: 40 * megabyte,
    sink,
    ...more,
  })

/** Counts what it was given. */
function createMeter(wait = Promise.resolve()): HttpSink & { size(): number; digest(): string } {
  const hash = createHash('sha256')
  let size = 0
  return {
    write: async (chunk) => {
      await wait
      size += chunk.length
      hash.update(chunk)
    },
    size: () => size,
    digest: () => hash.digest('hex'),
  }
}

describe('a body that is taken piece by piece', () => {
  test('comes whole and in order', async () => {
    const meter = createMeter()
    const { status, body } = await get('/large', () => meter)
    expect({ status, body: body.length, size: meter.size() }).toEqual({
      status: 200,
      body: 0,
      size: large,
    })
    expect(meter.digest()).toBe(digestOf(pieces(large)))
  })

  test('waits at its server until there is room for it', async () => {
    poured = 0
    const meter = createMeter(new Promise((resolve) => setTimeout(resolve, 300)))
    const wanted = get('/large', () => meter)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(poured).toBeLessThan(large / 2)
    await wanted
    expect(meter.size()).toBe(large)
  })

  test('is cut where it has no end', async () => {
    const begun = poured
    const meter = createMeter()
    const wanted = get('/endless', () => meter, { maxBytes: megabyte })
    expect(await outcomeOf(wanted)).toBe('RejectedError too-large')
    expect(meter.size()).toBeLessThanOrEqual(megabyte)
    await untilStill()
    expect(poured - begun).toBeLessThan(large)
  })

  test('is not asked for where the announced length is too much', async () => {
    const meter = createMeter()
    const wanted = get('/large', () => meter, { maxBytes: megabyte })
    expect([await outcomeOf(wanted), meter.size()]).toEqual(['RejectedError too-large', 0])
  })

  test('is not read when only the head is wanted', async () => {
    const heads: HttpHead[] = []
    const answer = await get('/missing', (head) => void heads.push(head))
    expect([answer.status, answer.body.length, heads.map(({ status }) => status)]).toEqual([
      404,
      0,
      [404],
    ])
  })

  test('that stalls ends with the time that it was given', async () => {
    const wanted = get('/stalled', () => createMeter(), { timeout: 100 })
    expect(await outcomeOf(wanted)).toBe('TransientError')
  })

  test('that is packed reaches nobody', async () => {
    const meter = createMeter()
    const wanted = get('/packed', () => meter)
    expect([await outcomeOf(wanted), meter.size()]).toEqual(['RejectedError hostile', 0])
  })

  test.each<[string, string, HttpSink]>([
    ['while its server stalls', '/stalled', createMeter()],
    ['while its taker stalls', '/large', { write: () => new Promise(() => undefined) }],
  ])('ends when nobody wants it any more, %s', async (_, path, sink) => {
    const begun = poured
    const over = new AbortController()
    const wanted = get(path, () => sink, { signal: over.signal })
    setTimeout(() => over.abort(new Error('enough')), 50)
    await expect(wanted).rejects.toThrow('enough')
    await untilStill()
    expect(poured - begun).toBeLessThan(large)
  })

  test('is not asked for when nobody wants it from the beginning', async () => {
    await untilStill()
    const before = poured
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(get('/large', () => createMeter(), { signal })).rejects.toThrow('enough')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(poured).toBe(before)
  })

  test('ends when it cannot be kept', async () => {
    const write = async (): Promise<void> => {
      throw new Error('disk full')
    }
    await expect(get('/large', () => ({ write }))).rejects.toThrow('disk full')
  })
})

const upload = (path: string, size: number, source: Iterable<Uint8Array>): HttpRequest => ({
  method: 'POST',
  url: server.origin + path,
  headers: { 'content-type': 'image/png' },
  source: {
    size,
    chunks: async function* () {
      yield* source
    },
  },
  timeout: 10_000,
  maxBytes: 1_000,
})

describe('a body that is sent piece by piece', () => {
  test('arrives byte for byte with its length', async () => {
    const { body } = await home.http(upload('/upload', large, pieces(large)))
    const expected = { digest: digestOf(pieces(large)), length: String(large) }
    expect(JSON.parse(body.toString())).toEqual(expected)
  })

  test('that is refused before it was sent is an answer, not a failure', async () => {
    const refused = home.http(upload('/refuse', large, pieces(large)))
    expect(await refused).toMatchObject({ status: 413 })
  })

  test('that is shorter than it said is no request', async () => {
    const outcome = await outcomeOf(home.http(upload('/upload', large, pieces(megabyte))))
    expect(outcome).toBe('TransientError')
  })
})
