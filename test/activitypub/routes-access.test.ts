import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TransientError } from '../../src/model/errors.ts'
import { parseActor, parsePublicKeys } from '../../src/activitypub/parse.ts'
import { alice, context, publicUrl, startRoutes } from './routes-setup.ts'
import type { Reader } from './routes-setup.ts'

type World = Awaited<ReturnType<typeof startRoutes>>
let signed: World
let open: World
beforeAll(async () => {
  signed = await startRoutes()
  open = await startRoutes({ fetchMode: 'public' })
})
afterAll(() => Promise.all([signed.close(), open.close()]))

const activityJson = 'application/activity+json; charset=utf-8'
const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>
const html = 'text/html,application/xhtml+xml,*/*;q=0.8'

const everybody: readonly Reader[] = [
  ...([undefined, 'bob', 'follower', 'stranger', 'blocked'] as const),
  ...(['blockedFollower', 'blockedAddressee', 'outcast'] as const),
]
/** Answers in the order of `everybody`. */
const table: readonly [document: string, signed: readonly number[], open: readonly number[]][] = [
  // unsigned, bob, follower, stranger, blocked, blocked on a follower's server, on bob's, outcast
  ['public', [401, 200, 200, 200, 403, 403, 403, 403], [200, 200, 200, 200, 403, 403, 403, 403]],
  ['followers', [401, 404, 200, 404, 404, 404, 404, 404], [404, 404, 200, 404, 404, 404, 404, 404]],
  ['direct', [401, 200, 404, 404, 404, 404, 404, 404], [404, 200, 404, 404, 404, 404, 404, 404]],
  ['deleted', [401, 410, 410, 410, 403, 403, 403, 403], [410, 410, 410, 410, 403, 403, 403, 403]],
  [
    'deleted-direct',
    [401, 410, 404, 404, 404, 404, 404, 404],
    [404, 410, 404, 404, 404, 404, 404, 404],
  ],
  ['of-gone', [401, 410, 410, 410, 410, 410, 410, 403], [410, 410, 410, 410, 410, 410, 410, 403]],
  ['nothing', [401, 404, 404, 404, 404, 404, 404, 404], [404, 404, 404, 404, 404, 404, 404, 404]],
]
const ofObjects = table.flatMap(([name, ...rest]) =>
  ['', '/replies', '/likes', '/shares'].map((end) => [`/objects/${name}${end}`, ...rest] as const),
)
const ofActivities = table.map(([name, ...rest]) => [`/activities/${name}`, ...rest] as const)
/** What an actor shows to everybody who proves who they are. */
const shown = [
  [401, 200, 200, 200, 403, 403, 403, 403],
  [200, 200, 200, 200, 403, 403, 403, 403],
] as const
const ofActors = [
  'outbox',
  'followers',
  'following',
  'featured',
  'featured/tags',
  'outbox?page=1',
].map((name) => [`/actors/A1/${name}`, ...shown] as const)
const partial = '/actors/A1/followers/synchronization'
const documents = [
  ...ofObjects,
  ...ofActivities,
  ...ofActors,
  ['/contexts/c1', ...shown],
  ['/contexts/c1?page=1', ...shown],
  ['/contexts/other', [401, 404, 404, 404, 404, 404, 404, 404], Array<number>(8).fill(404)],
  [partial, shown[0], [401, ...shown[1].slice(1)]],
  // What was never ours is not for us to show.
  ['/objects/foreign', [401, ...Array<number>(7).fill(404)], Array<number>(8).fill(404)],
] as const

describe.each(documents)('%s', (path, whenSigned, whenOpen) => {
  test.each([
    ['signed', whenSigned],
    ['public', whenOpen],
  ] as const)('in the mode %s', async (mode, expected) => {
    const world = mode === 'signed' ? signed : open
    const answers = await Promise.all(everybody.map((reader) => world.get(path, reader)))
    expect(answers.map(({ status }) => status)).toEqual(expected)
    // Whatever depends on who asks is in no cache: some do not look at Vary.
    expect(new Set(answers.map(({ response }) => response.headers.get('cache-control')))).toEqual(
      new Set(['private, no-store']),
    )
    expect(answers[0]?.response.headers.get('vary')).toBe('Accept, Signature, Signature-Input')
  })
})

describe('an actor', () => {
  const stub = ['@context', 'assertionMethod', 'endpoints', 'generator', 'id', 'inbox'].concat([
    'preferredUsername',
    'publicKey',
    'type',
  ])
  const named = (text: string) => Object.keys(json(text)).sort()

  test('is, to who does not sign, what checks its keys', async () => {
    const { status, text, type } = await signed.get('/actors/A1')
    expect([status, type, named(text)]).toEqual([200, activityJson, [...stub, 'webfinger'].sort()])
    expect(parseActor(json(text), 0)).toMatchObject({ id: alice, inbox: `${alice}/inbox` })
    expect(parsePublicKeys(json(text)).map(({ id, owner }) => [id, owner])).toEqual([
      [`${alice}#main-key`, alice],
      [`${alice}#ed25519-key`, alice],
    ])
  })

  test('keeps keys of other kinds in that', async () => {
    const key = { id: `${alice}#ed25519-key`, type: 'Multikey' }
    const serializer = {
      serializeActor: () => JSON.stringify({ id: alice, name: 'x', assertionMethod: [key] }),
      serializeInstanceActor: () => '{}',
    }
    const world = await startRoutes({ serializer })
    const { text } = await world.get('/actors/A1')
    await world.close()
    expect(json(text)).toEqual({ id: alice, assertionMethod: [key] })
  })

  test.each([
    ['signed', 'blocked'],
    ['public', 'blockedFollower'],
  ] as const)(
    'is, in the mode %s, the same to whom it blocks: their server checks what it is told of that',
    async (mode, reader) => {
      const world = mode === 'signed' ? signed : open
      const { status, text } = await world.get('/actors/A1', reader)
      expect([status, named(text)]).toEqual([200, [...stub, 'webfinger'].sort()])
    },
  )

  test.each<[Reader, number]>([
    ['bob', 200],
    ['stranger', 200],
    ['outcast', 403],
  ])('read by %s is answered %i', async (reader, status) => {
    const answer = await signed.get('/actors/A1', reader)
    expect(answer.status).toBe(status)
    if (status === 200) expect(json(answer.text)).toMatchObject({ id: alice, name: 'alice' })
  })

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
    const answer = await open.get(path, undefined, { accept })
    expect(answer.status).toBe(status)
    if (status !== 200) return
    expect([answer.type, json(answer.text)['name']]).toEqual([activityJson, 'alice'])
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

  const away = async (): Promise<never> => {
    throw new TransientError('away')
  }
  test('whose reader has a key that cannot be had is its stub, never an error', async () => {
    const world = await startRoutes({ keyring: { keyFor: away, refetch: away } })
    const { status, text } = await world.get('/actors/A1', 'bob')
    await world.close()
    expect([status, named(text)]).toEqual([200, [...stub, 'webfinger'].sort()])
  })

  test('does not wait for a key whose server waits for ours', async () => {
    const never = () => new Promise<never>(() => undefined)
    const slept: number[] = []
    const world = await startRoutes({
      keyring: { keyFor: never, refetch: never },
      clock: { now: () => 0, sleep: async (ms) => void slept.push(ms) },
    })
    const { status, text } = await world.get('/actors/A1', 'bob')
    await world.close()
    expect([status, named(text), slept]).toEqual([200, [...stub, 'webfinger'].sort(), [4_000]])
  })

  test.each([['signed'], ['public']] as const)(
    'of the server, and what discovery asks, is open in the mode %s, and looks at no signature',
    async (fetchMode) => {
      const world = await startRoutes({ fetchMode, keyring: { keyFor: away, refetch: away } })
      const paths = [
        '/actor',
        '/actor/outbox',
        '/stamps/s1',
        '/.well-known/webfinger?resource=acct:alice@here.example',
        '/.well-known/host-meta',
        '/.well-known/nodeinfo',
        '/nodeinfo/2.1',
      ]
      for (const path of paths)
        expect([path, (await world.get(path, 'bob')).status]).toEqual([path, 200])
      await world.close()
    },
  )
})

describe('what is for some', () => {
  test('waits while the key of its reader cannot be had', async () => {
    const away = async (): Promise<never> => {
      throw new TransientError('away')
    }
    for (const fetchMode of ['signed', 'public'] as const) {
      const world = await startRoutes({ fetchMode, keyring: { keyFor: away, refetch: away } })
      expect((await world.get('/objects/direct', 'bob')).status).toBe(503)
      const ofAll = await world.get('/objects/public', 'bob')
      expect(ofAll.status).toBe(fetchMode === 'signed' ? 503 : 200)
      await world.close()
    }
  })

  test('takes no signature for another path, or another host', async () => {
    const { people, base } = signed
    const other = await signed.get('/objects/public', 'bob')
    expect(other.status).toBe(200)
    const headers = { signature: '', date: '' }
    const response = await fetch(`${base}/objects/direct`, { headers })
    expect([response.status, people.bob.host]).toEqual([401, 'remote.example'])
  })

  test('is looked up for nobody who may not ask', async () => {
    const asked: string[] = []
    const world = await startRoutes({ findObject: async (id) => void asked.push(id) })
    await world.get('/objects/public')
    await world.close()
    expect(asked).toEqual([])
  })
})

describe('a server that cannot sign', () => {
  const userAgent = (url: string) => ({ 'user-agent': `Reader/1.0 (${url})` })
  test.each([
    ['/objects/public', 'https://threads.net/', 200],
    ['/objects/public', '+https://www.threads.net', 200],
    ['/objects/public', 'https://notthreads.net', 401],
    ['/objects/public', 'threads.net', 401],
    ['/objects/public', 'https://threads.net.evil.example/', 401],
    ['/actors/A1/outbox', 'https://threads.net/', 200],
    ['/objects/direct', 'https://threads.net/', 404],
    ['/objects/followers', 'https://threads.net/', 404],
    [partial, 'https://threads.net/', 401],
  ])('reads %s as %s: %i', async (path, url, status) => {
    const world = await startRoutes({ unsignedFetchFrom: ['threads.net'] })
    const answer = await world.get(path, undefined, userAgent(url))
    await world.close()
    expect(answer.status).toBe(status)
  })
})

test('a post has the numbers of who likes and who boosted it', async () => {
  const id = `${publicUrl}/objects/public`
  const { text, type } = await signed.get('/objects/public', 'bob')
  expect([type, json(text)]).toEqual([
    activityJson,
    {
      name: 'public',
      likes: { id: `${id}/likes`, type: 'Collection', totalItems: 4 },
      shares: { id: `${id}/shares`, type: 'Collection', totalItems: 7 },
    },
  ])
})

test('a post that is signed as a whole stays as it is', async () => {
  const document = `{"id":"x","proof":{}}`
  const record = { author: alice, isLocal: true, visibility: 'public', document } as const
  const world = await startRoutes({
    findObject: async (id) => ({ ...record, id, to: [], cc: [], published: 0, mentions: [] }),
  })
  const { text } = await world.get('/objects/public', 'bob')
  await world.close()
  expect(text).toBe(document)
})

test('a post that is deleted says so in full', async () => {
  expect(json((await signed.get('/objects/deleted', 'bob')).text)).toEqual({
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: `${publicUrl}/objects/deleted`,
    type: 'Tombstone',
    formerType: 'Note',
    deleted: '2024-01-01T00:00:00.000Z',
  })
})

test('a post is left to the web pages when a browser asks', async () => {
  expect((await signed.get('/objects/public', undefined, { accept: html })).status).toBe(418)
})

describe('a collection', () => {
  const head = { '@context': 'https://www.w3.org/ns/activitystreams' }
  const person = (n: number) => `https://remote.example/users/${n}`
  const newestFirst = ['2', '1'].map((name) => `${publicUrl}/objects/${name}`)
  const post = `${publicUrl}/objects/public`
  test.each([
    ['/actors/A1/outbox', { totalItems: 1, first: `${alice}/outbox?page=1` }],
    ['/actors/A1/followers', { totalItems: 3, first: `${alice}/followers?page=1` }],
    ['/actors/A1/following', { totalItems: 0, first: `${alice}/following?page=1` }],
    ['/actors/A1/featured', { totalItems: 2, orderedItems: newestFirst }],
    ['/actors/A1/featured/tags', { totalItems: 0, orderedItems: [] }],
    ['/actor/outbox', { totalItems: 0 }],
    ['/objects/public/replies', { totalItems: 1, first: `${post}/replies?page=1` }],
    ['/objects/public/likes', { totalItems: 4 }],
    ['/objects/public/shares', { totalItems: 7 }],
    ['/contexts/c1', { totalItems: 1, first: `${context}?page=1`, attributedTo: alice }],
  ])('%s tells how many it has', async (path, expected) => {
    const { type, text } = await signed.get(path, 'stranger')
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
    ['/contexts/c1', '?page=1', { orderedItems: [post] }],
  ])('%s%s is a page', async (path, query, expected) => {
    expect(json((await signed.get(path + query, 'stranger')).text)).toEqual({
      ...head,
      id: publicUrl + path + query,
      type: 'OrderedCollectionPage',
      partOf: publicUrl + path,
      ...expected,
    })
  })

  test.each<[string, number]>([
    ['/actors/gone/outbox', 410],
    ['/actors/x/outbox', 404],
    ['/actors/A1/outbox?page=1&before=x', 400],
    ['/actors/A1/outbox?page=1&before=1&before=2', 400],
    ['/actors/gone/followers/synchronization', 410],
  ])('%s is answered %i', async (path, status) => {
    expect((await signed.get(path, 'bob')).status).toBe(status)
  })

  test('tells of followers only how many, where their owner wants that', async () => {
    const asked: string[] = []
    const world = await startRoutes({
      findSetting: async (userId, name) => {
        asked.push(`${userId} ${name}`)
        return 'hidden'
      },
    })
    for (const name of ['followers', 'following']) {
      const { text } = await world.get(`/actors/A1/${name}`, 'bob')
      expect(Object.keys(json(text))).not.toContain('first')
      expect(json(text)).toMatchObject({ totalItems: name === 'followers' ? 3 : 0 })
      expect((await world.get(`/actors/A1/${name}?page=1`, 'bob')).status).toBe(403)
    }
    expect((await world.get('/actors/A1/outbox?page=1', 'bob')).status).toBe(200)
    // Who follows from there is no news to that server.
    const { text } = await world.get(partial, 'follower')
    await world.close()
    expect(json(text)['totalItems']).toBe(2)
    expect(new Set(asked)).toEqual(new Set(['@a1:here.example follow_lists']))
  })

  test('of followers on the server of who asks has all of these and nobody else', async () => {
    const { text } = await signed.get(partial, 'follower')
    const { follower, blockedFollower } = signed.people
    expect(json(text)).toEqual({
      ...head,
      id: publicUrl + partial,
      type: 'OrderedCollection',
      totalItems: 2,
      orderedItems: [follower.id, blockedFollower.id],
    })
    expect(json((await signed.get(partial, 'stranger')).text)['orderedItems']).toEqual([])
  })

  test('of more followers than are compared is not there', async () => {
    const many = Array.from({ length: 5_001 }, () => alice)
    const world = await startRoutes({
      followersOn: async (_id, _base, limit) => many.slice(0, limit),
    })
    const { status } = await world.get(partial, 'follower')
    await world.close()
    expect(status).toBe(404)
  })
})
