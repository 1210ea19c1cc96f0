import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { type Loopback, outcomeOf, startLoopback } from './loopback.ts'
import { createHomeserverHttp } from '../../src/net/homeserver.ts'

let server: Loopback
beforeAll(async () => {
  server = await startLoopback((request, response) => {
    if (request.url === '/silent') return
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      response.end(JSON.stringify([request.method, request.url, request.headers['x-a'], body]))
    })
  })
})
afterAll(() => server.close())

const request = { method: 'PUT' as const, headers: { 'x-a': '1' }, timeout: 2_000, maxBytes: 1_000 }

describe('the homeserver', () => {
  test('gets the request as it is, over connections that are kept', async () => {
    const { http, close } = createHomeserverHttp({ baseUrl: `${server.origin}/`, connections: 1 })
    const before = server.connections()
    for (const body of ['{"a":"ä"}', Buffer.from('{"a":"ä"}')]) {
      const response = await http({ ...request, url: `${server.origin}/_matrix/x?y=%2F`, body })
      expect([response.status, JSON.parse(response.body.toString())]).toEqual([
        200,
        ['PUT', '/_matrix/x?y=%2F', '1', '{"a":"ä"}'],
      ])
    }
    expect(server.connections() - before).toBe(1)
    await close()
  })

  test('that is silent or away is a transient error of the homeserver', async () => {
    const { http, close } = createHomeserverHttp({ baseUrl: server.origin })
    const error: unknown = await http({
      ...request,
      url: `${server.origin}/silent`,
      timeout: 50,
    }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'TransientError', of: 'homeserver' })
    await close()
  })

  test.each([
    'http://127.0.0.1:1/x',
    'https://evil.test/',
    'SERVER.evil.test/',
    'SERVER@evil.test/',
  ])('is the only one that is asked: %s is refused', async (url) => {
    const { http, close } = createHomeserverHttp({ baseUrl: server.origin })
    const outcome = await outcomeOf(http({ ...request, url: url.replace('SERVER', server.origin) }))
    expect(outcome).toBe('RejectedError forbidden-url')
    await close()
  })
})
