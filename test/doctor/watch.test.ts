import { describe, expect, test } from '@jest/globals'
import { watchPublicUrl } from '../../src/doctor/watch.ts'
import { echoHeader, echoProof } from '../../src/model/echo.ts'
import type { HttpRequest, HttpResponse } from '../../src/model/http.ts'
import { TransientError } from '../../src/model/errors.ts'

const publicUrl = 'https://fedi.example.org'

type Look = 'us' | 'another server' | 'nobody' | 'another bridge'

function answer(look: Look, request: HttpRequest): HttpResponse {
  if (look === 'nobody') throw new TransientError('GET https://fedi.example.org: ECONNREFUSED')
  const asked = Number((request.headers[echoHeader] ?? '').split('.')[0])
  const proof = echoProof(look === 'us' ? 'hs-token' : 'theirs', asked)
  const echo = { proof, method: 'GET', target: '/', headers: {}, size: 0 }
  const body = look === 'another server' ? '<h1>Hello</h1>' : JSON.stringify(echo)
  return { status: 200, headers: {}, body: Buffer.from(body) }
}

/** One look for each word, and what was noted and logged of it. */
async function watch(looks: readonly Look[], isLeading = () => true) {
  const noted: string[] = []
  const pauses: number[] = []
  const logged: string[] = []
  const end = new AbortController()
  let next = 0
  const note = (fields: object, message: string) =>
    void logged.push(`${message} ${JSON.stringify(fields)}`)
  await watchPublicUrl(
    {
      publicUrl,
      hsToken: 'hs-token',
      isLeading,
      web: async (request) => answer(looks[next++] ?? 'us', request),
      note: async (seen) => void noted.push(seen.isUp ? 'up' : seen.reason),
      clock: {
        now: () => 1_700_000_000_000,
        sleep: async (ms) => {
          pauses.push(ms / 60_000)
          if (next >= looks.length) end.abort()
        },
      },
      log: { debug: note, info: note, warn: note, error: note },
    },
    end.signal,
  )
  return { noted, pauses, logged }
}

describe('the look at our own public URL', () => {
  test('notes that it leads here', async () => {
    expect(await watch(['us', 'us'])).toEqual({
      noted: ['up', 'up'],
      pauses: [1, 5, 5],
      logged: [],
    })
  })

  test('says nothing of a web server that is restarted', async () => {
    const { noted, logged } = await watch(['us', 'nobody', 'nobody', 'us'])
    expect([noted, logged]).toEqual([['up', 'up'], []])
  })

  test('is sure after three, says it once in the log, and notes it until it is over', async () => {
    const { noted, pauses, logged } = await watch(['nobody', 'nobody', 'nobody', 'nobody', 'us'])
    const reason = 'GET https://fedi.example.org: ECONNREFUSED'
    expect(noted).toEqual([reason, reason, 'up'])
    expect(pauses).toEqual([1, 1, 1, 5, 5, 5])
    expect(logged).toEqual([
      `our public URL does not lead here ${JSON.stringify({
        url: publicUrl,
        reason,
        see: 'docs/troubleshooting.md#public-url-unreachable',
      })}`,
    ])
  })

  test.each(['another server', 'another bridge'] as const)(
    'takes %s for none of ours',
    async (look) => {
      expect((await watch([look, look, look])).noted).toEqual(['it answers 200'])
    },
  )

  test('counts a handle domain that does not lead here', async () => {
    const { noted } = await watch(['us', 'us', 'us'], () => false)
    expect(noted).toEqual(['the domain of the handles does not lead here'])
  })
})
