import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TransientError } from '../../src/model/errors.ts'
import { parseActor } from '../../src/activitypub/parse.ts'
import { alice, publicUrl, startRoutes } from './routes-setup.ts'

let world: Awaited<ReturnType<typeof startRoutes>>
beforeAll(async () => {
  world = await startRoutes()
})
afterAll(() => world.close())

const activityJson = 'application/activity+json; charset=utf-8'
const newestFirst = ['2', '1'].map((name) => `${publicUrl}/objects/${name}`)
const json = (text: string): unknown => JSON.parse(text)

describe('WebFinger', () => {
  const ask = (resource: string) =>
    world.get(`/.well-known/webfinger?resource=${encodeURIComponent(resource)}`)

  const self = (href: string) => [
    { rel: 'self', type: 'application/activity+json', href },
    {
      rel: 'self',
      type: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
      href,
    },
  ]
  const page = `${publicUrl}/@alice`
  const ofAlice = {
    subject: 'acct:alice@here.example',
    aliases: [page, alice],
    links: [
      { rel: 'http://webfinger.net/rel/profile-page', type: 'text/html', href: page },
      ...self(alice),
    ],
  }
  test.each([
    'acct:alice@here.example',
    'acct:@alice@here.example',
    'alice@here.example',
    '@ALICE@Here.Example',
    'acct:alice@fedi.here.example',
    alice,
    page,
  ])('knows a local actor as %s', async (resource) => {
    const { status, type, text, response } = await ask(resource)
    expect([status, type, response.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'application/jrd+json; charset=utf-8',
      '*',
    ])
    expect(json(text)).toEqual(ofAlice)
  })

  test.each([
    'acct:fedi.here.example@fedi.here.example',
    `${publicUrl}/`,
    publicUrl,
    `${publicUrl}/actor`,
  ])('knows the server as %s', async (resource) => {
    const id = `${publicUrl}/actor`
    expect(json((await ask(resource)).text)).toEqual({
      subject: 'acct:fedi.here.example@fedi.here.example',
      aliases: [id, `${publicUrl}/`],
      links: self(id),
    })
  })

  test.each([
    ['acct:nobody@here.example', 404],
    ['acct:alice@elsewhere.example', 404],
    ['https://elsewhere.example/@alice', 404],
    [`${publicUrl}/objects/public`, 404],
    ['mailto:alice@here.example', 404],
    ['acct:gone@here.example', 410],
    [`${publicUrl}/actors/gone`, 410],
    ['alice', 400],
    ['acct:@here.example', 400],
    ['a@b@here.example', 400],
    ['', 400],
  ])('answers %p with %i', async (resource, status) => {
    expect((await ask(resource)).status).toBe(status)
  })

  test('without a resource is malformed', async () => {
    expect((await world.get('/.well-known/webfinger')).status).toBe(400)
  })
})

describe('the server', () => {
  test('tells where WebFinger is, for those who ask the old way', async () => {
    const { type, text } = await world.get('/.well-known/host-meta')
    const template = `${publicUrl}/.well-known/webfinger?resource={uri}`
    expect(type).toBe('application/xrd+xml; charset=utf-8')
    expect(text).toContain(`<Link rel="lrdd" template="${template}"/>`)
    expect(json((await world.get('/.well-known/host-meta.json')).text)).toEqual({
      links: [{ rel: 'lrdd', template }],
    })
  })

  test('tells what it is, with counted numbers only', async () => {
    const links = json((await world.get('/.well-known/nodeinfo')).text)
    const schema = 'http://nodeinfo.diaspora.software/ns/schema'
    expect(links).toEqual({
      links: ['2.1', '2.0'].map((v) => ({
        rel: `${schema}/${v}`,
        href: `${publicUrl}/nodeinfo/${v}`,
      })),
    })
    const expected = {
      version: '2.0',
      software: { name: 'footbridge', version: '1.2.3' },
      protocols: ['activitypub'],
      services: { inbound: [], outbound: [] },
      openRegistrations: false,
      usage: { users: { total: 1 }, localPosts: 2 },
      metadata: { nodeName: 'The bridge', nodeDescription: 'Test', bridge: { protocol: 'matrix' } },
    }
    expect(json((await world.get('/nodeinfo/2.0')).text)).toEqual(expected)
    const newer = await world.get('/nodeinfo/2.1')
    expect(newer.type).toBe(`application/json; profile="${schema}/2.1#"`)
    const software = { ...expected.software, repository: 'https://code.example/footbridge' }
    expect(json(newer.text)).toEqual({ ...expected, version: '2.1', software })
  })

  test('has an actor that everybody can read', async () => {
    const { status, text } = await world.get('/actor')
    expect(status).toBe(200)
    expect(parseActor(json(text), 0)).toMatchObject({
      id: `${publicUrl}/actor`,
      kind: 'Application',
    })
  })
})

describe('an actor', () => {
  const html = 'text/html,application/xhtml+xml,*/*;q=0.8'
  test.each([
    ['/actors/A1', 'application/activity+json', 200],
    ['/actors/A1', 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"', 200],
    ['/actors/A1', '*/*', 200],
    ['/actors/A1', html, 418],
    ['/@Alice', 'application/activity+json', 200],
    ['/@alice', '*/*', 418],
    ['/@alice', html, 418],
    ['/actors/gone', 'application/activity+json', 410],
    ['/actors/a1', 'application/activity+json', 404],
    ['/actors/A1/', 'application/activity+json', 404],
    ['/actors/%zz', 'application/activity+json', 400],
  ])('GET %s for %s is answered %i', async (path, accept, status) => {
    const answer = await world.get(path, undefined, accept)
    expect(answer.status).toBe(status)
    if (status !== 200) return
    expect([answer.type, parseActor(json(answer.text), 0).id]).toEqual([activityJson, alice])
  })

  test('is not gone because we could not look', async () => {
    const broken = await startRoutes({
      findLocalActor: async () => {
        throw new Error('database is locked')
      },
    })
    const { status, response } = await broken.get('/actors/A1')
    await broken.close()
    expect([status, response.headers.get('retry-after')]).toEqual([503, '60'])
  })
})

type Reader = 'bob' | 'follower' | 'stranger' | undefined
const readers: [string, Reader, number][] = [
  ['public', undefined, 200],
  ['followers', undefined, 404],
  ['followers', 'follower', 200],
  ['followers', 'bob', 404],
  ['followers', 'stranger', 404],
  ['direct', undefined, 404],
  ['direct', 'bob', 200],
  ['direct', 'follower', 404],
  ['deleted', undefined, 410],
  ['deleted-direct', undefined, 404],
  ['deleted-direct', 'bob', 410],
  ['nothing', 'bob', 404],
]

describe('an object', () => {
  const all: [string, Reader, number][] = [...readers, ['foreign', undefined, 404]]
  test.each(all)('%s read by %p is answered %i', async (name, reader, status) => {
    const answer = await world.get(`/objects/${name}`, reader)
    expect(answer.status).toBe(status)
    if (status !== 200) return
    expect([answer.type, answer.text]).toEqual([activityJson, `{"name":"${name}"}`])
    const cache = name === 'public' ? null : 'no-store'
    expect(answer.response.headers.get('cache-control')).toBe(cache)
  })

  test('that is deleted says so in full', async () => {
    expect(json((await world.get('/objects/deleted')).text)).toEqual({
      '@context': 'https://www.w3.org/ns/activitystreams',
      id: `${publicUrl}/objects/deleted`,
      type: 'Tombstone',
      formerType: 'Note',
      deleted: '2024-01-01T00:00:00.000Z',
    })
  })

  test('is left to the web pages when a browser asks', async () => {
    expect((await world.get('/objects/public', undefined, 'text/html')).status).toBe(418)
  })

  test('that is not public waits while the key of its reader cannot be had', async () => {
    const away = async (): Promise<never> => {
      throw new TransientError('away')
    }
    const waiting = await startRoutes({ keyring: { keyFor: away, refetch: away } })
    const { status } = await waiting.get('/objects/direct', 'bob')
    await waiting.close()
    expect(status).toBe(503)
  })

  test('that is not public is kept from who is blocked', async () => {
    const strict = await startRoutes({ isBlocked: async () => true })
    const { status } = await strict.get('/objects/direct', 'bob')
    await strict.close()
    expect(status).toBe(404)
  })
})

test.each(readers)('the activity that made %s read by %p is answered %i', async (...row) => {
  const [name, reader, status] = row
  expect((await world.get(`/activities/${name}`, reader)).status).toBe(status)
})

describe('a collection', () => {
  const head = { '@context': 'https://www.w3.org/ns/activitystreams' }
  const person = (n: number) => `https://remote.example/users/${n}`
  test.each([
    ['/actors/A1/outbox', { totalItems: 1, first: `${alice}/outbox?page=1` }],
    ['/actors/A1/followers', { totalItems: 3, first: `${alice}/followers?page=1` }],
    ['/actors/A1/following', { totalItems: 0, first: `${alice}/following?page=1` }],
    ['/actors/A1/featured', { totalItems: 2, orderedItems: newestFirst }],
    ['/actor/outbox', { totalItems: 0 }],
    [
      '/objects/public/replies',
      { totalItems: 1, first: `${publicUrl}/objects/public/replies?page=1` },
    ],
  ])('%s tells how many it has', async (path, expected) => {
    const { type, text } = await world.get(path)
    expect(type).toBe(activityJson)
    expect(json(text)).toEqual({
      ...head,
      id: publicUrl + path,
      type: 'OrderedCollection',
      ...expected,
    })
  })

  test.each([
    ['/actors/A1/outbox', '?page=1', { orderedItems: [{ type: 'Create' }] }],
    [
      '/actors/A1/followers',
      '?page=1',
      { orderedItems: [person(3), person(2)], next: `${alice}/followers?page=1&before=2` },
    ],
    ['/actors/A1/followers', '?page=1&before=2', { orderedItems: [person(1)] }],
    ['/objects/public/replies', '?page=1', { orderedItems: ['https://remote.example/notes/1'] }],
  ])('%s%s is a page', async (path, query, expected) => {
    expect(json((await world.get(path + query)).text)).toEqual({
      ...head,
      id: publicUrl + path + query,
      type: 'OrderedCollectionPage',
      partOf: publicUrl + path,
      ...expected,
    })
  })

  test.each<[string, Reader, number]>([
    ['/actors/gone/outbox', undefined, 410],
    ['/actors/x/outbox', undefined, 404],
    ['/actors/A1/outbox?page=1&before=x', undefined, 400],
    ['/actors/A1/outbox?page=1&before=1&before=2', undefined, 400],
    ['/objects/direct/replies', undefined, 404],
    ['/objects/direct/replies', 'bob', 200],
    ['/objects/deleted/replies', undefined, 410],
  ])('%s read by %p is answered %i', async (path, reader, status) => {
    expect((await world.get(path, reader)).status).toBe(status)
  })
})
