import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import http from 'node:http'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import type { Handle } from '../../src/model/handle.ts'
import { fillTemplate, readAccount } from '../../src/web/pages/remote-follow.ts'
import { startPages, type PagesStage } from '../support/pages.ts'

const template = 'https://social.example/authorize_interaction?uri={uri}'

let stage: PagesStage
let asked: Handle[]
let answer: () => Promise<string | undefined>
let wait: number
beforeAll(async () => {
  stage = await startPages({
    askTemplate: (handle) => {
      asked.push(handle)
      return answer()
    },
    takeLookup: () => wait,
  })
  await stage.person('alice')
  await stage.person('closed', {}, 'off')
  await stage.person('gone', { deletedAt: 1 })
  await stage.post('alice', 'post')
  await stage.post('closed', 'shy')
  await stage.post('alice', 'direct', { record: { visibility: 'direct' } })
})
beforeEach(() => {
  asked = []
  wait = 0
  answer = async () => template
})
afterAll(() => stage.close())

const post = (path: string, account: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(stage.publicUrl + path, {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: new URLSearchParams({ account }),
  })

const away = (uri: string) =>
  `https://social.example/authorize_interaction?uri=${encodeURIComponent(uri)}`

test.each<[string, () => string]>([
  ['/@alice/follow', () => 'alice@hs.test'],
  ['/@closed/follow', () => 'closed@hs.test'],
  ['/objects/post/answer', () => stage.objectId('post')],
])('%s leads to the own server of who asks', async (path, uri) => {
  const response = await post(path, ' @Me@Social.Example ')
  expect([response.status, response.headers.get('location')]).toEqual([303, away(uri())])
  expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(asked).toEqual([{ username: 'Me', host: 'social.example' }])
})

test.each([
  ['/@nobody/follow', 404],
  ['/@gone/follow', 410],
  ['/objects/direct/answer', 404],
  ['/objects/nothing/answer', 404],
  ['/objects/shy/answer', 200],
])('%s asks nobody', async (path, status) => {
  expect((await post(path, '@me@social.example')).status).toBe(status)
  expect(asked).toEqual([])
})

describe('what somebody writes', () => {
  test.each<[string, string | undefined]>([
    ['@me@social.example', 'me@social.example'],
    ['me@social.example', 'me@social.example'],
    ['acct:me@social.example:8443', 'me@social.example:8443'],
    ['https://social.example/@me', 'me@social.example'],
    ['https://social.example/users/me/', 'me@social.example'],
    ['me@bücher.example', 'me@xn--bcher-kva.example'],
    ['me', undefined],
    ['', undefined],
    ['me@', undefined],
    ['@me@a@b', undefined],
    ['me@social.example/path', undefined],
    ['me@user:pass@social.example', undefined],
    [`me@${'a'.repeat(400)}.example`, undefined],
  ])('%s is %s', (text, expected) => {
    const handle = readAccount(text)
    expect(handle && `${handle.username}@${handle.host}`).toBe(expected)
  })

  test('is in the field again beside what was wrong with it', async () => {
    const response = await post('/@alice/follow', '"><b>me')
    const text = await response.text()
    expect(response.status).toBe(400)
    expect(text).toContain('Write your account like @you@your.server.')
    expect(text).toContain('value="&quot;&gt;&lt;b&gt;me"')
    expect(text).toMatch(/<details class="remote"\s+open/)
    expect(text).toContain('aria-invalid="true"')
    expect(asked).toEqual([])
  })

  test('of a server that is this one is answered with the bot', async () => {
    const text = await (await post('/@alice/follow', 'bob@hs.test')).text()
    expect(text).toContain('on Matrix, write to @apbot:hs.test')
    expect(asked).toEqual([])
  })
})

describe('the template of another server', () => {
  test.each<[string, string | undefined]>([
    [template, away('alice@hs.test')],
    ['https://social.example/x?a={uri}&b=1', 'https://social.example/x?a=alice%40hs.test&b=1'],
    ['http://social.example/x?uri={uri}', undefined],
    ['javascript:alert("{uri}")', undefined],
    ['data:text/html,{uri}', undefined],
    ['https://user:pass@social.example/{uri}', undefined],
    ['/relative/{uri}', undefined],
    ['https://social.example/none', undefined],
    [`https://social.example/${'a'.repeat(3_000)}{uri}`, undefined],
  ])('%s', (given, expected) => {
    expect(fillTemplate(given, 'alice@hs.test', 'https://fedi.hs.test')).toBe(expected)
  })

  test('may be without TLS only where we are', () => {
    const given = 'http://social.example/x?uri={uri}'
    expect(fillTemplate(given, 'a', 'http://fedi.test')).toBe('http://social.example/x?uri=a')
  })
})

describe('a server that does not help', () => {
  const rejected = (code: string) => async () => {
    throw new RejectedError('no', { code, tell: '`follow https://…` is for Matrix alone' })
  }
  test.each<[string, () => Promise<string | undefined>, number, string]>([
    ['has no such account', rejected('not-found'), 404, 'There is no account @me@social.example.'],
    ['is none of the fediverse', rejected('not-activitypub'), 404, 'no server of the fediverse'],
    ['is kept away', rejected('domain-blocked'), 403, 'nothing to do with social.example'],
    ['may not be reached', rejected('forbidden-address'), 404, 'no server of the fediverse'],
    [
      'is away',
      async () => {
        throw new TransientError('timeout')
      },
      502,
      'does not answer right now',
    ],
    ['has no template', async () => undefined, 404, 'Search there for @alice@hs.test instead'],
    ['has a bad template', async () => 'javascript:{uri}', 404, 'does not say how to follow'],
  ])('because it %s', async (...[, answers, status, words]) => {
    answer = answers
    const response = await post('/@alice/follow', 'me@social.example')
    expect([response.status, await response.text()]).toEqual([
      status,
      expect.stringContaining(words),
    ])
  })

  test('because it is slow keeps nobody waiting', async () => {
    answer = () => new Promise(() => undefined)
    const response = post('/@alice/follow', 'me@social.example')
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await stage.clock.advance(10_000)
    expect((await response).status).toBe(502)
  })
})

test('who asks too often is told when to come again, and nobody is asked', async () => {
  wait = 4_200
  const response = await post('/@alice/follow', 'me@social.example')
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5'])
  expect(await response.text()).toContain('Too many tries')
  expect(asked).toEqual([])
})

/** Headers that `fetch` sets itself. */
const sent = (headers: http.OutgoingHttpHeaders): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const request = http.request(
      `${stage.publicUrl}/@alice/follow`,
      { method: 'POST', headers: { ...type, ...headers } },
      (response) => {
        response.resume()
        resolve(response.statusCode)
      },
    )
    request.once('error', reject).end('account=me%40social.example')
  })

describe('a form', () => {
  test.each<[string, () => http.OutgoingHttpHeaders, number]>([
    ['of our own page', () => ({ 'sec-fetch-site': 'same-origin', origin: stage.publicUrl }), 303],
    ['of an older browser', () => ({ origin: stage.publicUrl }), 303],
    ['that a person typed in', () => ({}), 303],
    ['of another site', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
    ['of a site beside ours', () => ({ 'sec-fetch-site': 'same-site' }), 403],
    ['of another site in an older browser', () => ({ origin: 'https://evil.example' }), 403],
    ['of a page without origin', () => ({ origin: 'null' }), 403],
  ])('%s', async (_, headers, status) => {
    expect(await sent(headers())).toBe(status)
    expect(asked).toHaveLength(status === 303 ? 1 : 0)
  })

  test('that is far too large is refused', async () => {
    const response = await post('/@alice/follow', 'a'.repeat(10_000))
    expect([response.status, asked]).toEqual([413, []])
    expect(await response.text()).toContain('That did not work')
  })

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
    'as %s says nothing',
    async (type) => {
      const body = '{"account":"me@social.example"}'
      const response = await fetch(`${stage.publicUrl}/@alice/follow`, {
        ...{ method: 'POST', headers: { 'content-type': type }, body },
      })
      expect([response.status, asked]).toEqual([400, []])
    },
  )

  test('that names the account twice says nothing', async () => {
    const response = await fetch(`${stage.publicUrl}/@alice/follow`, {
      method: 'POST',
      body: new URLSearchParams('account=a@b.example&account=c@d.example'),
    })
    expect([response.status, asked]).toEqual([400, []])
  })
})
