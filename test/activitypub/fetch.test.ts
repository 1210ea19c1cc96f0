import { describe, expect, test } from '@jest/globals'

import { createWeb, documentFetchOf, failureOf, instanceKey, type Page } from './web.ts'
import { isActivityType } from '../../src/activitypub/fetch.ts'
import { TransientError } from '../../src/model/errors.ts'
import { verifySignature } from '../../src/activitypub/signature.ts'

const id = 'https://social.test/notes/1'
const note = { id, type: 'Note', content: 'hello' }
const redirect = (location: string): Page => ({ status: 302, headers: { location } })

describe('a document', () => {
  test('is fetched with a signature of the instance actor', async () => {
    const web = createWeb({ [`${id}?a=1`]: { json: { ...note, id: `${id}?a=1` } } })
    const found = await documentFetchOf(web)(`${id}?a=1#part`)
    expect(found).toEqual({
      url: `${id}?a=1`,
      document: { ...note, id: `${id}?a=1` },
      fetchedAt: web.clock.time,
    })
    const [request] = web.requests
    expect([request?.headers.accept, request?.headers['user-agent'], request?.maxBytes]).toEqual([
      'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
      'Footbridge/0 (+https://fedi.example.org)',
      1_000_000,
    ])
    expect(
      verifySignature({
        method: 'GET',
        target: '/notes/1?a=1',
        headers: request?.headers ?? {},
        body: undefined,
        now: web.clock.time,
        publicKey: instanceKey.publicKey,
      }),
    ).toMatchObject({ ok: true })
  })

  test('is fetched once for many who ask at once, and again for who asks later', async () => {
    const web = createWeb({ [id]: { json: note } })
    const fetchDocument = documentFetchOf(web)
    await Promise.all(Array.from({ length: 10 }, () => fetchDocument(id)))
    expect(web.asked()).toEqual([id])
    await fetchDocument(id)
    expect(web.asked()).toEqual([id, id])
  })

  test('with a byte order mark is read', async () => {
    const web = createWeb({ [id]: { json: `\uFEFF${JSON.stringify(note)}` } })
    await expect(documentFetchOf(web)(id)).resolves.toMatchObject({ document: note })
  })
})

describe('redirects', () => {
  test('are followed three times, each signed for its own URL', async () => {
    const web = createWeb({
      'https://a.test/1': redirect('/2'),
      'https://a.test/2': redirect('https://b.test/3#x'),
      'https://b.test/3': redirect(id),
      [id]: { json: note },
    })
    await expect(documentFetchOf(web)('https://a.test/1')).resolves.toMatchObject({ url: id })
    expect(web.requests.map((request) => request.headers.host)).toEqual([
      'a.test',
      'a.test',
      'b.test',
      'social.test',
    ])
  })

  test.each<readonly [string, Record<string, Page>, string]>([
    [
      'a fourth one',
      Object.fromEntries([1, 2, 3, 4].map((n) => [`https://a.test/${n}`, redirect(`/${n + 1}`)])),
      'not-activitypub',
    ],
    ['a loop', { 'https://a.test/1': redirect('/1') }, 'not-activitypub'],
    ['to http', { 'https://a.test/1': redirect('http://a.test/2') }, 'hostile'],
    ['to a file', { 'https://a.test/1': redirect('file:///etc/passwd') }, 'hostile'],
    ['without a place', { 'https://a.test/1': { status: 302 } }, 'not-activitypub'],
  ])('%s is refused', async (_name, pages, code) => {
    expect(await failureOf(documentFetchOf(createWeb(pages))('https://a.test/1'))).toMatchObject({
      name: 'RejectedError',
      code,
    })
  })

  test('all hops together have 30 s', async () => {
    const web = createWeb({
      'https://a.test/1': redirect('/2'),
      'https://a.test/2': redirect('/3'),
    })
    const slow = {
      ...web,
      http: (request: Parameters<typeof web.http>[0]) => {
        web.clock.time += 20_000
        return web.http(request)
      },
    }
    expect(await failureOf(documentFetchOf(slow)('https://a.test/1'))).toEqual({
      name: 'TransientError',
    })
    expect(web.requests.map((request) => request.timeout)).toEqual([30_000, 10_000])
  })
})

describe('an id that is not the URL', () => {
  const page = 'https://social.test/@bob/1'
  test.each<readonly [string, Record<string, Page>, unknown]>([
    [
      'is fetched from where it says it is',
      { [page]: { json: note }, [id]: { json: note } },
      { resolved: { url: id } },
    ],
    [
      'that says another again is refused',
      { [page]: { json: note }, [id]: { json: { ...note, id: page } } },
      { code: 'hostile' },
    ],
    [
      'of another host is refused',
      {
        [page]: { json: { ...note, id: 'https://victim.test/1' } },
        'https://victim.test/1': { json: note },
      },
      { code: 'hostile' },
    ],
    ['that is missing is refused', { [page]: { json: { type: 'Note' } } }, { code: 'hostile' }],
    [
      'spelt another way is the same',
      { [page]: { json: { id: 'https://SOCIAL.test/@bob/1' } } },
      { resolved: { url: page } },
    ],
  ])('%s', async (_name, pages, expected) => {
    expect(await failureOf(documentFetchOf(createWeb(pages))(page))).toMatchObject(
      expected as Record<string, unknown>,
    )
  })

  test('does not matter where anything of that host will do', async () => {
    const web = createWeb({
      [page]: { json: { type: 'OrderedCollectionPage' } },
      'https://social.test/away': redirect('https://other.test/x'),
      'https://other.test/x': { json: {} },
    })
    const fetchDocument = documentFetchOf(web)
    await expect(fetchDocument(page, 'anything')).resolves.toMatchObject({ url: page })
    expect(await failureOf(fetchDocument('https://social.test/away', 'anything'))).toMatchObject({
      code: 'hostile',
    })
  })
})

describe('what is no document', () => {
  const deep = `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`
  test.each<readonly [string, Page, unknown]>([
    [
      '410',
      { status: 410 },
      { name: 'RejectedError', code: 'gone', tell: 'social.test says that this was deleted.' },
    ],
    [
      '404',
      { status: 404 },
      {
        name: 'RejectedError',
        code: 'not-found',
        tell: 'social.test says that this does not exist.',
      },
    ],
    ['401', { status: 401 }, { code: 'not-permitted' }],
    [
      '403',
      { status: 403 },
      { code: 'not-permitted', tell: 'social.test does not let this server read it.' },
    ],
    ['406', { status: 406 }, { code: 'not-activitypub' }],
    ['204', { status: 204 }, { code: 'not-activitypub' }],
    ['500', { status: 500 }, { name: 'TransientError' }],
    [
      '429',
      { status: 429, headers: { 'retry-after': '120' } },
      { name: 'TransientError', retryAt: Date.UTC(2026, 7, 1, 12, 2) },
    ],
    [
      '503 until a date',
      { status: 503, headers: { 'retry-after': 'Sat, 01 Aug 2026 13:00:00 GMT' } },
      { retryAt: Date.UTC(2026, 7, 1, 13) },
    ],
    [
      '503 for a year',
      { status: 503, headers: { 'retry-after': '31536000' } },
      { retryAt: Date.UTC(2026, 7, 2, 12) },
    ],
    [
      '503 for nonsense',
      { status: 503, headers: { 'retry-after': 'soon' } },
      { name: 'TransientError' },
    ],
    ['silence', new TransientError('timed out'), { name: 'TransientError' }],
    ['HTML', { json: '<html>', type: 'text/html' }, { code: 'not-activitypub' }],
    ['plain JSON', { json: note, type: 'application/json' }, { code: 'not-activitypub' }],
    ['no JSON', { json: '{"id":' }, { code: 'not-activitypub' }],
    ['a list', { json: [note] }, { code: 'not-activitypub' }],
    ['33 levels', { json: deep }, { code: 'hostile' }],
  ])('%s', async (_name, page, expected) => {
    expect(await failureOf(documentFetchOf(createWeb({ [id]: page }))(id))).toMatchObject(
      expected as Record<string, unknown>,
    )
  })
})

test.each([
  ['application/activity+json', true],
  ['Application/Activity+JSON; charset=utf-8', true],
  ['application/ld+json; profile="https://www.w3.org/ns/activitystreams"', true],
  ['application/ld+json;charset=utf-8;profile="https://www.w3.org/ns/activitystreams"', true],
  [
    'application/ld+json; profile="https://w3id.org/security https://www.w3.org/ns/activitystreams#"',
    true,
  ],
  ['application/ld+json', false],
  ['application/ld+json; profile="https://evil.test/"', false],
  ['application/json', false],
  ['text/html', false],
  ['', false],
  [undefined, false],
])('type %j is ActivityPub: %j', (type, expected) => expect(isActivityType(type)).toBe(expected))
