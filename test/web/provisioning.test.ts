import { afterEach, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { parse } from 'yaml'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import { asUserId } from '../../src/model/ids.ts'
import { provisioningRoutes, type ProvisioningOptions } from '../../src/web/provisioning.ts'
import { createRecordingLog } from '../matrix/setup.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const alice = asUserId('@alice:hs.test')

async function start(
  options: Partial<ProvisioningOptions> = {},
  [token]: readonly string[] = ['token-of-the-admin'],
) {
  const asked: unknown[] = []
  const note =
    (name: string) =>
    async (...given: unknown[]): Promise<object> => {
      asked.push([name, ...given])
      return { text: name }
    }
  const { log, lines } = createRecordingLog()
  const router = provisioningRoutes({
    provisioning: {
      whoami: note('whoami'),
      resolve: note('resolve'),
      list: note('list'),
      follow: note('follow'),
      unfollow: note('unfollow'),
    },
    ...(token === undefined ? {} : { token }),
    checkOpenId: async (token) => (token === 'of-alice' ? alice : 'unknown'),
    isLocal: (userId) => userId.endsWith(':hs.test'),
    log,
    ...options,
  })
  const server = createServer(express().set('query parser', 'simple').use(router))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const call = async (
    path: string,
    { token = 'of-alice', body }: { token?: string; body?: unknown } = {},
  ) => {
    const response = await fetch(`http://127.0.0.1:${port}/provisioning/v1/${path}`, {
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined
        ? {}
        : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
    }
  }
  return { call, asked, lines, port }
}

const bob = '@bob@social.test'

test.each<[string, { token?: string; body?: unknown }, unknown[]]>([
  ['whoami', {}, ['whoami', alice]],
  ['following', {}, ['list', alice]],
  ['resolve?account=%40bob%40social.test', {}, ['resolve', alice, bob]],
  ['unfollow', { body: { account: bob } }, ['unfollow', alice, bob]],
  [
    'follow',
    { body: { account: bob } },
    ['follow', alice, { account: bob, isHome: false, withReplies: false, withBoosts: true }],
  ],
  [
    'follow',
    { body: { account: bob, home: true, replies: true, boosts: false } },
    ['follow', alice, { account: bob, isHome: true, withReplies: true, withBoosts: false }],
  ],
  [
    'whoami?user_id=%40carl%3Ahs.test',
    { token: 'token-of-the-admin' },
    ['whoami', asUserId('@carl:hs.test')],
  ],
  // Whose token it is counts, whoever else is named.
  ['whoami?user_id=%40carl%3Ahs.test', {}, ['whoami', alice]],
])('%s %j', async (path, given, expected) => {
  const { call, asked } = await start()
  expect((await call(path, given)).status).toBe(200)
  expect(asked).toEqual([expected])
})

test.each<[string, { token?: string; body?: unknown }, readonly [number, string]]>([
  ['whoami', { token: '' }, [401, 'M_MISSING_TOKEN']],
  ['whoami', { token: 'made-up' }, [401, 'M_UNKNOWN_TOKEN']],
  ['whoami', { token: 'token-of-the-admin' }, [400, 'M_INVALID_PARAM']],
  ['whoami?user_id=alice', { token: 'token-of-the-admin' }, [400, 'M_INVALID_PARAM']],
  ['whoami?user_id=%40eve%3Aother.test', { token: 'token-of-the-admin' }, [400, 'M_INVALID_PARAM']],
  ['resolve', {}, [400, 'M_BAD_JSON']],
  [`resolve?account=${'a'.repeat(2_049)}`, {}, [400, 'M_BAD_JSON']],
  ['follow', { body: {} }, [400, 'M_BAD_JSON']],
  ['follow', { body: [bob] }, [400, 'M_BAD_JSON']],
  ['follow', { body: { account: 7 } }, [400, 'M_BAD_JSON']],
  ['follow', { body: '{' }, [400, 'M_NOT_JSON']],
  ['follow', { body: { account: bob, more: 'x'.repeat(20_000) } }, [413, 'M_NOT_JSON']],
  ['nothing', {}, [404, 'M_UNRECOGNIZED']],
])('%s %j is refused', async (path, given, expected) => {
  const { call, asked } = await start()
  const answer = await call(path, given)
  expect([answer.status, answer.body?.['errcode']]).toEqual(expected)
  expect(asked).toEqual([])
})

test.each([
  ['not-permitted', 403],
  ['no-account', 404],
  ['away', 502],
  ['refused', 400],
])('%s is told with its words', async (refused, status) => {
  const list = async () => ({ refused, text: 'Why not.' })
  const { call } = await start({
    provisioning: { list } as unknown as ProvisioningOptions['provisioning'],
  })
  const answer = await call('following')
  expect([answer.status, answer.body?.['error']]).toEqual([status, 'Why not.'])
})

test('without a token of the admin nobody acts for others', async () => {
  const { call } = await start({}, [])
  const answer = await call('whoami?user_id=%40carl%3Ahs.test', { token: 'token-of-the-admin' })
  expect(answer.status).toBe(401)
})

test('a homeserver that cannot be asked is told of, and what went wrong is not', async () => {
  const checkOpenId = async (): Promise<never> => {
    throw new TransientError('secret detail')
  }
  const { call, lines } = await start({ checkOpenId })
  const answer = await call('whoami')
  expect(answer.status).toBe(503)
  expect(JSON.stringify(answer.body)).not.toContain('secret')
  expect(lines.map(({ message }) => message)).toEqual(['a provisioning request failed'])
})

test('what another server refused is no fault of the request', async () => {
  const list = async (): Promise<never> => {
    throw new RejectedError('it said no', { status: 403 })
  }
  const { call } = await start({
    provisioning: { list } as unknown as ProvisioningOptions['provisioning'],
  })
  const answer = await call('following')
  expect([answer.status, answer.body?.['errcode']]).toEqual([503, 'M_UNKNOWN'])
})

test('too many tokens are asked about later', async () => {
  const { call } = await start({ checkOpenId: async () => 'too-often' })
  expect((await call('whoami')).status).toBe(429)
})

test('each visitor is held to their own number of tokens', async () => {
  const visitors: string[] = []
  const { port } = await start({
    checkOpenId: async (_, visitor) => {
      visitors.push(visitor)
      return alice
    },
  })
  for (const from of ['203.0.113.7', '1.1.1.1, 203.0.113.8'])
    await fetch(`http://127.0.0.1:${port}/provisioning/v1/whoami`, {
      headers: { authorization: 'Bearer x', 'x-forwarded-for': from },
    })
  expect(visitors).toEqual(['203.0.113.7', '203.0.113.8'])
})

test('pages of other origins may ask, and browsers are told so first', async () => {
  const { port } = await start()
  const response = await fetch(`http://127.0.0.1:${port}/provisioning/v1/follow`, {
    method: 'OPTIONS',
  })
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(response.headers.get('access-control-allow-headers')).toContain('authorization')
})

test('docs/provisioning.yaml names what there is', async () => {
  const text = readFileSync(new URL('../../docs/provisioning.yaml', import.meta.url), 'utf8')
  type Paths = Record<string, Record<string, unknown>>
  const { paths } = parse(text) as { paths: Paths }
  const { call, asked } = await start()
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) {
      const body = method === 'post' ? { account: bob } : undefined
      const query = path === '/resolve' ? '?account=a' : ''
      const answer = await call(`${path.slice(1)}${query}`, body === undefined ? {} : { body })
      expect([path, answer.status]).toEqual([path, 200])
    }
  expect(asked).toHaveLength(5)
})
