import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { echoHeader, echoPath, echoProof, echoQuestion } from '../../src/model/echo.ts'
import { echoRoutes } from '../../src/web/echo.ts'

const now = 1_700_000_000_000
let server: Server
let url = ''
beforeAll(async () => {
  const clock = { now: () => now, sleep: async () => undefined }
  const routes = echoRoutes({ hsTokens: ['the-new-token', 'the-old-token'], clock })
  server = express().use(routes).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${echoPath}`
})
afterAll(() => void server.close())

const ask = (question: string | undefined, init: RequestInit = {}) =>
  fetch(`${url}?a=%2Fb`, {
    ...init,
    headers: {
      'x-signed': 'as it is',
      ...(question === undefined ? {} : { [echoHeader]: question }),
    },
  })

describe('what arrived of the doctor’s own request', () => {
  test.each(['the-new-token', 'the-old-token'])('is told to who knows %s', async (token) => {
    const answer = await ask(echoQuestion(token, now), { method: 'POST', body: 'four' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toMatchObject({
      proof: echoProof(token, now),
      method: 'POST',
      target: `${echoPath}?a=%2Fb`,
      headers: { 'x-signed': 'as it is' },
      size: 4,
    })
  })

  test.each([
    ['who does not ask for it', undefined],
    ['who knows another token', echoQuestion('a-guess', now)],
    ['who heard a question long ago', echoQuestion('the-new-token', now - 600_001)],
    ['who asks from the future', echoQuestion('the-new-token', now + 600_001)],
    ['who sets another time', echoQuestion('the-new-token', now).replace(/^\d+/, String(now + 1))],
    ['who writes nonsense', `${now}.`],
  ])('is nothing for %s', async (_, question) => {
    expect((await ask(question)).status).toBe(404)
  })

  test('has a bound', async () => {
    const body = 'x'.repeat(1_100_001)
    const answer = await ask(echoQuestion('the-new-token', now), { method: 'POST', body })
    expect(answer.status).toBe(413)
  })
})
