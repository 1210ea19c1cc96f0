import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { TransientError } from '../../src/model/errors.ts'
import type { HttpRequest } from '../../src/model/http.ts'
import { readSignature, verifySignature } from '../../src/activitypub/signature.ts'
import { signedHttpOf } from '../support/signed-http.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const by = { keyId: 'https://here.example/actor#main-key', privateKey }
const start = Date.UTC(2024, 0, 1)
const day = 86_400_000
const url = 'https://remote.example/inbox?a=1'

type Answer = number | Error

/**
 * A server that answers each scheme with the next of its statuses, the last one for ever. It takes
 * nothing whose signature is wrong.
 */
function setUp(answers: {
  readonly cavage: readonly Answer[]
  readonly rfc9421: readonly Answer[]
}) {
  const requests: HttpRequest[] = []
  const marks = new Map<string, string>()
  const counts = { cavage: 0, rfc9421: 0 }
  let taken = 0
  const clock = { time: start, now: () => clock.time, sleep: async () => undefined }
  const http = async (request: HttpRequest) => {
    requests.push(request)
    const scheme = readSignature(request.headers)?.scheme ?? 'cavage'
    const list = answers[scheme]
    const answer = list[Math.min(counts[scheme]++, list.length - 1)] ?? 500
    if (answer instanceof Error) throw answer
    const verdict = verifySignature({
      ...{ method: request.method, target: '/inbox?a=1', headers: request.headers, publicKey },
      ...{ body: request.body === undefined ? undefined : Buffer.from(request.body) },
      now: clock.time,
    })
    const status = verdict.ok ? answer : 599
    if (status < 300) taken += 1
    return { status, headers: {}, body: Buffer.alloc(0) }
  }
  const send = async (
    method: 'GET' | 'POST' = 'POST',
    client = signedHttpOf(http, clock, marks),
  ) => {
    const body = method === 'GET' ? {} : { body: '{}' }
    const request = { method, url, headers: { accept: 'x' }, timeout: 30_000, maxBytes: 100 }
    return (await client({ ...request, ...body }, by)).status
  }
  const client = signedHttpOf(http, clock, marks)
  return {
    ...{ requests, marks, clock },
    taken: () => taken,
    /** Of one process. */
    send: (method?: 'GET' | 'POST') => send(method, client),
    /** Of a process that was started just now. */
    sendAfresh: (method?: 'GET' | 'POST') => send(method),
    /** The schemes that were tried since this was last asked. */
    tried: () => requests.splice(0).map(({ headers }) => readSignature(headers)?.scheme),
  }
}

describe('a server that takes both schemes', () => {
  test('is asked with draft-cavage, and nothing is written down', async () => {
    const { send, tried, marks } = setUp({ cavage: [202], rfc9421: [202] })
    expect([await send(), await send('GET'), tried(), marks.size]).toEqual([
      ...[202, 202],
      ['cavage', 'cavage'],
      0,
    ])
  })

  test.each([404, 410, 413, 429, 500, 503])(
    'that answers %i is not asked twice',
    async (status) => {
      const { send, tried } = setUp({ cavage: [status], rfc9421: [202] })
      expect([await send(), tried()]).toEqual([status, ['cavage']])
    },
  )

  test.each([400, 403])('means something else by %i once it took a signature', async (status) => {
    const { send, tried, clock } = setUp({ cavage: [202, status], rfc9421: [202] })
    await send()
    expect([await send(), tried()]).toEqual([status, ['cavage', 'cavage']])
    clock.time += day + 1
    expect([await send(), tried()]).toEqual([202, ['cavage', 'rfc9421']])
  })

  test('proves nothing by giving what everybody may read', async () => {
    const { send, tried } = setUp({ cavage: [200, 403], rfc9421: [202] })
    await send('GET')
    expect([await send(), tried()]).toEqual([202, ['cavage', 'cavage', 'rfc9421']])
  })
})

describe('a server that takes RFC 9421 alone', () => {
  test.each<readonly ['GET' | 'POST', number]>([
    ['POST', 400],
    ['POST', 401],
    ['POST', 403],
    ['GET', 401],
    ['GET', 403],
  ])('answers %s %i first, then takes it, once', async (method, status) => {
    const { send, tried, taken } = setUp({ cavage: [status], rfc9421: [202] })
    expect([await send(method), tried(), taken()]).toEqual([202, ['cavage', 'rfc9421'], 1])
    expect([await send(method), tried(), taken()]).toEqual([202, ['rfc9421'], 2])
  })

  test('to read says nothing of what it takes', async () => {
    const { send, sendAfresh, tried } = setUp({ cavage: [403, 202], rfc9421: [200] })
    expect([await send('GET'), tried()]).toEqual([200, ['cavage', 'rfc9421']])
    expect([await send(), await sendAfresh(), tried()]).toEqual([202, 202, ['cavage', 'cavage']])
    expect([await sendAfresh('GET'), tried()]).toEqual([200, ['rfc9421']])
  })

  test('is remembered over a restart, for a week', async () => {
    const { send, sendAfresh, tried, clock } = setUp({ cavage: [401], rfc9421: [202] })
    await send()
    tried()
    clock.time += 7 * day - 1
    expect([await sendAfresh(), tried()]).toEqual([202, ['rfc9421']])
    clock.time += 1
    expect([await sendAfresh(), tried()]).toEqual([202, ['cavage', 'rfc9421']])
    expect([await sendAfresh(), tried()]).toEqual([202, ['rfc9421']])
  })

  test('is written down once for many deliveries', async () => {
    const { send, marks } = setUp({ cavage: [401], rfc9421: [202] })
    const before = marks.set.bind(marks)
    let writes = 0
    marks.set = (key, value) => {
      writes += 1
      return before(key, value)
    }
    await Promise.all(Array.from({ length: 20 }, () => send()))
    expect([writes, [...marks]]).toEqual([
      1,
      [['signature remote.example', String(start + 7 * day)]],
    ])
  })

  test('and goes back to draft-cavage is asked so again', async () => {
    const { send, sendAfresh, tried } = setUp({ cavage: [401, 202], rfc9421: [202, 401] })
    await send()
    expect([await send(), tried()]).toEqual([202, ['cavage', 'rfc9421', 'rfc9421', 'cavage']])
    expect([await send(), await sendAfresh(), tried()]).toEqual([202, 202, ['cavage', 'cavage']])
  })
})

describe('a server that refuses both', () => {
  test('gives its first answer, and is asked once only for five minutes', async () => {
    const { send, tried, clock, taken } = setUp({ cavage: [403], rfc9421: [401] })
    expect([await send(), await send(), tried()]).toEqual([
      403,
      403,
      ['cavage', 'rfc9421', 'cavage'],
    ])
    clock.time += 300_000
    expect([await send(), tried(), taken()]).toEqual([403, ['cavage', 'rfc9421'], 0])
  })

  test('to read is asked both ways to take something', async () => {
    const { send, tried } = setUp({ cavage: [403], rfc9421: [403] })
    expect([await send('GET'), await send(), tried().length]).toEqual([403, 403, 4])
  })

  test.each([404, 500])('the second with %i means that', async (status) => {
    const { send, marks } = setUp({ cavage: [401], rfc9421: [status] })
    expect([await send(), marks.size]).toEqual([status, 0])
  })

  test('and then is silent may have taken it, so that is no refusal', async () => {
    const { send } = setUp({ cavage: [401], rfc9421: [new TransientError('timed out')] })
    await expect(send()).rejects.toThrow('timed out')
  })
})

test('both tries have the time of one, and each a signature of its own time', async () => {
  const { send, requests, clock } = setUp({ cavage: [401], rfc9421: [202] })
  const now = clock.now
  let steps = 0
  clock.now = () => now() + 1_000 * steps++
  await send()
  const [first, second] = requests
  expect((second?.timeout ?? 0) < (first?.timeout ?? 0)).toBe(true)
  expect(first?.headers['date']).not.toBe(second?.headers['date'])
  expect(second?.headers).toMatchObject({ accept: 'x', host: 'remote.example' })
})
