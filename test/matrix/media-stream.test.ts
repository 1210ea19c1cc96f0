import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { startLoopback, type Loopback } from '../net/loopback.ts'
import { createMediaStream, type MediaHead } from '../../src/matrix/media-stream.ts'
import { createHomeserverHttp } from '../../src/net/homeserver.ts'
import { asMxc } from '../../src/model/ids.ts'

const bytes = Buffer.from('abcdefghij'.repeat(1_000))
const base = '/_matrix/client/v1/media/download/hs.test/'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const answers: Readonly<Record<string, Answer>> = {
  whole: (_, response) => response.setHeader('content-length', bytes.length).end(bytes),
  chunked: (_, response) => response.writeHead(200).end(bytes),
  packed: (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes)),
  part: ({ headers }, response) => {
    const [, first = 0, last = 0] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    const part = bytes.subarray(Number(first), Number(last) + 1)
    const range = `bytes ${first}-${last}/${bytes.length}`
    response.writeHead(206, { 'content-range': range }).end(part)
  },
  strange: (_, response) => response.writeHead(206).end(bytes),
  absent: (_, response) => response.writeHead(404).end('{"errcode":"M_NOT_FOUND"}'),
  busy: (_, response) => response.writeHead(429).end('{}'),
  forbidden: (_, response) => response.writeHead(401).end('{}'),
  silent: () => undefined,
  stalled: (_, response) => response.writeHead(200, { 'content-length': 9 }).write('abc'),
  cut: (_, response) => {
    response.writeHead(200, { 'content-length': 9 }).write('abc')
    setTimeout(() => response.destroy(), 20)
  },
}

let server: Loopback
let home: ReturnType<typeof createHomeserverHttp>
let last: IncomingMessage | undefined

beforeAll(async () => {
  server = await startLoopback((request, response) => {
    last = request
    answers[(request.url ?? '').slice(base.length)]?.(request, response)
  })
  home = createHomeserverHttp({ baseUrl: server.origin })
})
afterAll(async () => {
  await server.close()
})

type More = { range?: { first: number; last: number }; signal?: AbortSignal; delay?: number }

/** Reads that file; what came of it. */
async function read(name: string, more: More = {}) {
  const { signal = new AbortController().signal, delay = 0, ...rest } = more
  const open = createMediaStream({ ...home, baseUrl: server.origin, asToken: 'as-secret' }, 400)
  const heads: MediaHead[] = []
  const chunks: Buffer[] = []
  const isThere = await open(asMxc(`mxc://hs.test/${name}`), {
    ...rest,
    signal,
    take: (head) => {
      heads.push(head)
      return {
        write: async (chunk) => {
          if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
          chunks.push(Buffer.from(chunk))
        },
      }
    },
  })
  return { isThere, heads, text: Buffer.concat(chunks).toString() }
}

describe('a file of the homeserver', () => {
  test('comes whole, by our token, with its size', async () => {
    expect(await read('whole')).toEqual({
      isThere: true,
      heads: [{ start: 0, size: bytes.length }],
      text: bytes.toString(),
    })
    expect(last?.headers).toMatchObject({
      authorization: 'Bearer as-secret',
      'accept-encoding': 'identity',
    })
    expect(last?.headers.range).toBeUndefined()
  })

  test('may have no size', async () => {
    expect(await read('chunked')).toMatchObject({ heads: [{ start: 0 }], text: bytes.toString() })
  })

  test('that is packed all the same has none that we could believe', async () => {
    expect((await read('packed')).heads).toEqual([{ start: 0 }])
  })

  test('comes in part where the homeserver gives parts', async () => {
    const range = { first: 5, last: 9 }
    expect(await read('part', { range })).toEqual({
      isThere: true,
      heads: [{ start: 5, size: bytes.length }],
      text: 'fghij',
    })
  })

  test('comes whole where it gives none', async () => {
    expect(await read('whole', { range: { first: 5, last: 9 } })).toMatchObject({
      heads: [{ start: 0, size: bytes.length }],
      text: bytes.toString(),
    })
  })

  test('that is not there is no trouble', async () => {
    expect(await read('absent')).toEqual({ isThere: false, heads: [], text: '' })
  })

  test.each(['mxc://../whole', 'mxc://hs.test/..', 'mxc://hs.test/a/b', 'https://x', ''])(
    'is never asked for by what is no media id: %s',
    async (mxc) => {
      last = undefined
      const open = createMediaStream({ ...home, baseUrl: server.origin, asToken: 'as-secret' })
      const signal = new AbortController().signal
      expect(await open(asMxc(mxc), { signal, take: () => undefined })).toBe(false)
      expect(last).toBeUndefined()
    },
  )

  test('waits for whoever takes it', async () => {
    expect(await read('whole', { delay: 900 })).toMatchObject({ text: bytes.toString() })
  })
})

describe('a homeserver', () => {
  test.each([
    ['busy', 429],
    ['forbidden', 401],
    ['silent', undefined],
    ['stalled', undefined],
    ['cut', undefined],
  ])('that is %s may be asked again', async (name, status) => {
    await expect(read(name)).rejects.toMatchObject({
      name: 'TransientError',
      of: 'homeserver',
      status,
    })
  })

  test('that answers what is no answer is not believed', async () => {
    await expect(read('strange')).rejects.toThrow('which part')
  })

  test('is left when nobody wants the file any more', async () => {
    const over = new AbortController()
    setTimeout(() => over.abort(new Error('enough')), 20)
    await expect(read('stalled', { signal: over.signal })).rejects.toThrow('enough')
  })
})
