import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { createHomeserverHttp } from '../../src/net/homeserver.ts'
import type { HttpRequest, HttpSink } from '../../src/model/http.ts'
import { certificate, privateKey } from './localhost-certificate.ts'
import { startLoopback, type Loopback } from './loopback.ts'

const megabyte = 1024 * 1024

/** No two pieces are alike. */
function* pieces(size: number, seed: number): Generator<Buffer> {
  for (let at = 0, n = seed; at < size; n += 1) {
    const piece = Buffer.alloc(Math.min(50_000 + (n % 7) * 9_973, size - at), `${n};`)
    at += piece.length
    yield piece
  }
}

function digestOf(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

/** `/<bytes>/<seed>` with its length, `/chunked/…` without; anything else is a small answer. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, chunked, size, seed] = /^(\/chunked)?\/(\d+)\/(\d+)$/.exec(request.url ?? '') ?? []
  if (size === undefined || seed === undefined) {
    response.end(JSON.stringify({ path: request.url }))
    return
  }
  if (chunked === undefined) response.setHeader('content-length', size)
  for (const piece of pieces(Number(size), Number(seed))) {
    if (!response.writable) return
    if (!response.write(piece)) await once(response, 'drain')
  }
  response.end()
}

let plain: Loopback
const secure = createServer({ cert: certificate, key: privateKey }, (request, response) => {
  void answer(request, response)
})
const before = tls.getCACertificates('default')

beforeAll(async () => {
  plain = await startLoopback((request, response) => void answer(request, response))
  secure.listen(0, 'localhost')
  await once(secure, 'listening')
  tls.setDefaultCACertificates([...before, certificate])
})
afterAll(async () => {
  tls.setDefaultCACertificates(before)
  secure.closeAllConnections()
  secure.close()
  await plain.close()
})

const originOf = (scheme: string): string =>
  scheme === 'http' ? plain.origin : `https://localhost:${(secure.address() as AddressInfo).port}`

/**
 * Takes a body at its own pace. While it takes its time, the piece that it holds must stay as it is.
 */
function createTaker(pace: 'at once' | 'slowly' | 'now and then') {
  const hash = createHash('sha256')
  const buffers = new Set<ArrayBufferLike>()
  let count = 0
  let spoilt = 0
  const sink: HttpSink = {
    write(chunk) {
      count += 1
      buffers.add(chunk.buffer)
      if (pace === 'at once' || (pace === 'now and then' && count % 5 !== 0)) {
        hash.update(chunk)
        return undefined
      }
      const copy = Buffer.from(chunk)
      return new Promise((resolve) => {
        setTimeout(() => {
          if (!copy.equals(chunk)) spoilt += 1
          hash.update(chunk)
          resolve()
        }, 2)
      })
    },
  }
  return {
    sink,
    outcome: () => ({ digest: hash.digest('hex'), spoilt }),
    buffers: () => buffers.size,
  }
}

describe.each(['http', 'https'])('buffers that are used again, over %s', (scheme) => {
  const get = (
    home: ReturnType<typeof createHomeserverHttp>,
    path: string,
    more: Partial<HttpRequest> = {},
  ) =>
    home.http({
      method: 'GET',
      url: `${originOf(scheme)}${path}`,
      headers: {},
      timeout: 30_000,
      maxBytes: 100 * megabyte,
      ...more,
    })
  const make = () => createHomeserverHttp({ baseUrl: originOf(scheme), reusesBuffers: true })

  test.each(['at once', 'slowly', 'now and then'] as const)(
    'bring every byte to those who take them %s',
    async (pace) => {
      const home = make()
      const size = pace === 'slowly' ? megabyte : 10 * megabyte
      const wanted = Array.from({ length: 6 }, async (_, seed) => {
        const path = `${seed % 2 === 0 ? '' : '/chunked'}/${size + seed}/${seed}`
        const taker = createTaker(pace)
        await get(home, path, { sink: () => taker.sink })
        expect(taker.outcome()).toEqual({ digest: digestOf(pieces(size + seed, seed)), spoilt: 0 })
      })
      await Promise.all(wanted)
      await home.close()
    },
  )

  test('leave small answers whole, before and after', async () => {
    const home = make()
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(['/a', '/b', '/c'].map((path) => get(home, path)))
      expect(answers.map(({ body }) => body.toString())).toEqual(
        ['/a', '/b', '/c'].map((path) => JSON.stringify({ path })),
      )
      const { body } = await get(home, `/${megabyte}/${round}`)
      expect(digestOf([body])).toBe(digestOf(pieces(megabyte, round)))
    }
    await home.close()
  })

  test('are few', async () => {
    const home = make()
    const taker = createTaker('at once')
    await get(home, `/${30 * megabyte}/1`, { sink: () => taker.sink })
    expect(taker.buffers()).toBeLessThan(100)
    await home.close()
  })
})
