import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { asActorId } from '../../src/model/ids.ts'
import { TransientError } from '../../src/model/errors.ts'
import type { NewJob } from '../../src/model/job.ts'
import { createInbox } from '../../src/activitypub/inbox.ts'
import { parseActor } from '../../src/activitypub/parse.ts'
import { alice, now, publicUrl, startRoutes } from './routes-setup.ts'

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

describe('an inbox', () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(world.base + path, { method: 'POST', body, headers }).then((r) => r.status)

  test('gets the raw bytes, the path as it was asked and whose it is', async () => {
    const body = '{"a": "ä" }'
    expect(await post('/inbox?x=1', body)).toBe(202)
    expect(await post('/actors/A1/inbox', body)).toBe(202)
    const [shared, personal] = world.received.splice(0)
    expect([shared?.target, shared?.recipient, shared?.body.toString()]).toEqual([
      '/inbox?x=1',
      undefined,
      body,
    ])
    expect([personal?.target, personal?.recipient]).toEqual(['/actors/A1/inbox', alice])
  })

  test('takes a signed activity off the wire into the queue, and no altered one', async () => {
    const { bob } = world.people
    const jobs: NewJob[] = []
    const keyFor = async () => ({ owner: asActorId(bob.id), key: bob.key.publicKey })
    const real = await startRoutes({
      inbox: createInbox({
        add: async (job) => jobs.push(job),
        waitingIn: () => ({ lane: 0, host: 0, all: 0 }),
        keyring: { keyFor, refetch: keyFor },
        isKnownActor: async () => true,
        isBlocked: async () => false,
        findLocalActor: async () => undefined,
        publicUrl: 'https://fedi.here.example',
        clock: { now: () => now, sleep: async () => undefined },
        log: { debug() {}, info() {}, warn() {}, error() {} },
      }),
    })
    const sent = bob.post({ content: 'hi' })
    const headers = new Headers(sent.headers)
    headers.delete('host')
    const send = (body: string) =>
      fetch(`${real.base}/inbox`, { method: 'POST', headers, body }).then((r) => r.status)
    const text = sent.body.toString()
    const statuses = [await send(text), await send(text.replace('hi', 'ho'))]
    await real.close()
    expect([statuses, jobs.map(({ key }) => key)]).toEqual([[202, 401], [sent.id]])
  })

  test('takes no more than 1 MB and nothing compressed', async () => {
    expect(await post('/inbox', 'x'.repeat(1_000_001))).toBe(413)
    expect(await post('/inbox', 'x', { 'content-encoding': 'gzip' })).toBe(415)
    expect(world.received).toEqual([])
  })

  test('stops reading a body that does not tell its length', async () => {
    const piece = Buffer.alloc(300_000)
    const body = ReadableStream.from([piece, piece, piece, piece])
    const response = await fetch(`${world.base}/inbox`, { method: 'POST', body, duplex: 'half' })
    expect([response.status, world.received]).toEqual([413, []])
  })

  test('has room for so many bodies at once: what comes then is to come again', async () => {
    const waiting: (() => void)[] = []
    const slow = await startRoutes({
      inboxRoom: 1_500_000,
      inbox: () => new Promise((resolve) => waiting.push(() => resolve({ status: 202 }))),
    })
    const send = () =>
      fetch(`${slow.base}/inbox`, { method: 'POST', body: 'x'.repeat(900_000) }).then((r) => [
        r.status,
        r.headers.get('retry-after'),
      ])
    const first = send()
    while (waiting.length === 0) await new Promise(setImmediate)
    expect(await send()).toEqual([503, '60'])
    waiting[0]?.()
    expect(await first).toEqual([202, null])
    const next = send()
    while (waiting.length === 1) await new Promise(setImmediate)
    waiting[1]?.()
    expect(await next).toEqual([202, null])
    await slow.close()
  })

  test('does not wait for ever for a body', async () => {
    const limits = { requestTimeout: 100, headersTimeout: 100, connectionsCheckingInterval: 20 }
    const strict = await startRoutes({}, limits)
    const socket = connect(strict.port, '127.0.0.1')
    socket.write('POST /inbox HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{')
    const answer = await new Promise<string>((resolve) => {
      let text = ''
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
      socket.on('close', () => resolve(text))
    })
    await strict.close()
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(strict.received).toEqual([])
  })
})
