import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { createGuardedHttp } from '../../src/net/guarded.ts'
import type { HttpSink } from '../../src/model/http.ts'

const body = 'a picture'
const ok = 'HTTP/1.1 200 OK\r\n'

/** Pieces of an answer, each written by itself; then the connection is closed, as small servers do. */
const answers: Readonly<Record<string, readonly string[]>> = {
  'that announces its length': [`${ok}content-length: 9\r\n\r\n`, body],
  'that comes all at once': [`${ok}content-length: 9\r\n\r\n${body}`],
  'that says that it closes': [`${ok}connection: close\r\ncontent-length: 9\r\n\r\n`, body],
  'whose end is the end of the connection': [`${ok}connection: close\r\n\r\n`, body],
  'in chunks': [`${ok}transfer-encoding: chunked\r\n\r\n9\r\n${body}\r\n0\r\n\r\n`],
  'in chunks, and an end by itself': [
    `${ok}transfer-encoding: chunked\r\n\r\n`,
    `9\r\n${body}`,
    '\r\n0\r\n\r\n',
  ],
}

let server: Server
let world: ReturnType<typeof createGuardedHttp>
let answer: readonly string[] = []
let origin = ''

beforeAll(async () => {
  server = createServer((socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      void (async () => {
        for (const piece of answer) {
          socket.write(piece)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
        socket.end()
      })()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  origin = `http://${host}`
  world = createGuardedHttp({
    allowPrivate: ['127.0.0.1'],
    allowHttp: [host],
    userAgent: 'Footbridge',
  })
})
afterAll(async () => {
  await world.close()
  server.close()
})

function slowSink(): HttpSink & { readonly text: () => string } {
  let text = ''
  return {
    async write(chunk) {
      const piece = Buffer.from(chunk).toString()
      await new Promise((resolve) => setTimeout(resolve, 30))
      text += piece
    },
    text: () => text,
  }
}

const get = (sink: HttpSink) =>
  world.http({
    ...{ method: 'GET', url: `${origin}/`, headers: {}, timeout: 5_000, maxBytes: 1_000 },
    sink: () => sink,
  })

describe('a body whose server goes away at once is taken whole', () => {
  test.each(Object.entries(answers))('%s', async (_, pieces) => {
    answer = pieces
    const sink = slowSink()
    expect(await get(sink)).toMatchObject({ status: 200 })
    expect(sink.text()).toBe(body)
  })
})

describe('a body that is cut is no answer', () => {
  test.each<[string, readonly string[]]>([
    ['before its announced end', [`${ok}content-length: 10\r\n\r\n`, body]],
    ['although it was said', [`${ok}connection: close\r\ncontent-length: 10\r\n\r\n`, body]],
    ['before its last chunk', [`${ok}transfer-encoding: chunked\r\n\r\n9\r\n${body}\r\n`]],
  ])('%s', async (_, pieces) => {
    answer = pieces
    await expect(get(slowSink())).rejects.toThrow(/closed|length|EOF/)
  })
})
