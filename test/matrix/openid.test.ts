import { expect, test } from '@jest/globals'
import type { HttpRequest } from '../../src/model/http.ts'
import { createOpenIdCheck } from '../../src/matrix/openid.ts'
import { createManualClock } from '../support/clock.ts'

function setUp(status: number, body: string) {
  const asked: HttpRequest[] = []
  const clock = createManualClock()
  const check = createOpenIdCheck({
    http: async (request) => {
      asked.push(request)
      return { status, headers: {}, body: Buffer.from(body) }
    },
    baseUrl: 'http://hs.test',
    serverName: 'hs.test',
    take: (visitor) => (visitor === 'loud' ? 1 : 0),
    clock,
  })
  return { check: (token: string, visitor = 'calm') => check(token, visitor), asked, clock }
}

test('the homeserver says whose token it is, and is shown none of ours', async () => {
  const { check, asked } = setUp(200, '{"sub":"@alice:hs.test"}')
  expect(await check('a&b=c')).toBe('@alice:hs.test')
  expect(asked.map(({ url }) => url)).toEqual([
    'http://hs.test/_matrix/federation/v1/openid/userinfo?access_token=a%26b%3Dc',
  ])
  expect(asked[0]?.headers).not.toHaveProperty('authorization')
})

test.each([
  [200, '{"sub":"@alice:other.test"}'],
  [200, '{"sub":"@alice:hs.test:8448"}'],
  [200, '{"sub":"@alice:evil.hs.test"}'],
  [401, '{"errcode":"M_UNKNOWN_TOKEN"}'],
  [403, '{}'],
])('%d %s is nobody of ours', async (status, body) => {
  expect(await setUp(status, body).check('token')).toBe('unknown')
})

test.each([
  [200, '{}'],
  [200, 'no json'],
  [200, '{"sub":["@alice:hs.test"]}'],
  [404, '{"errcode":"M_UNRECOGNIZED"}'],
  [502, ''],
])('%d %s is no answer', async (status, body) => {
  await expect(setUp(status, body).check('token')).rejects.toThrow('openid/userinfo')
})

test.each(['', 'x'.repeat(1_001)])('%# the homeserver is not asked about that', async (token) => {
  const { check, asked } = setUp(200, '{"sub":"@alice:hs.test"}')
  expect(await check(token)).toBe('unknown')
  expect(asked).toEqual([])
})

test('the homeserver is asked 120 times a minute at most', async () => {
  const { check, asked, clock } = setUp(401, '{}')
  for (let i = 0; i < 130; i++) await check(`made-up-${i}`)
  expect(asked).toHaveLength(120)
  expect(await check('one-more')).toBe('too-often')
  await clock.advance(60_000)
  expect(await check('one-more')).toBe('unknown')
})

test('who has asked too often keeps nobody else from asking', async () => {
  const { check, asked } = setUp(200, '{"sub":"@alice:hs.test"}')
  for (let i = 0; i < 130; i++) expect(await check(`made-up-${i}`, 'loud')).toBe('too-often')
  expect(asked).toEqual([])
  expect(await check('token')).toBe('@alice:hs.test')
})
