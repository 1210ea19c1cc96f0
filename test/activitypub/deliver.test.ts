import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { asActivityId, asActorId } from '../../src/model/ids.ts'
import type { Http, HttpRequest } from '../../src/model/http.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import { createDelivery } from '../../src/activitypub/deliver.ts'
import { followersDigest } from '../../src/activitypub/followers-sync.ts'
import { readSignature, signRequest, verifySignature } from '../../src/activitypub/signature.ts'
import { signedHttpOf } from '../support/signed-http.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const now = Date.UTC(2024, 0, 1)
const activityId = asActivityId('https://here.example/activities/1')
const signer = asActorId('https://here.example/actors/a')
const inbox = 'https://remote.example:8443/inbox?x=1'
const payload = JSON.stringify({ activityId, inbox, signer })

const followers = ['https://remote.example:8443/users/1', 'https://other.example/users/2'].map(
  asActorId,
)

type Reply = { status: number; headers?: Record<string, string> }

/** A server that gives these answers in turn, one a minute. */
function setUp(replies: readonly Reply[], hasOldKey = false) {
  const requests: HttpRequest[] = []
  const documents = new Map<string, string>([[activityId, '{"a":"ä"}']])
  let time = now
  const clock = { now: () => time, sleep: async () => undefined }
  const http: Http = async (request) => {
    const { status, headers = {} } = replies[requests.length] ?? { status: 202 }
    requests.push(request)
    time += 60_000
    return { status, headers, body: Buffer.alloc(0) }
  }
  const deliver = createDelivery({
    http: signedHttpOf(http, clock),
    findActivity: async (id) => {
      const document = documents.get(id)
      return document === undefined ? undefined : { document }
    },
    followersOn: async (_id, base) => followers.filter((id) => id.startsWith(base)),
    signingKey: async (id) => ({ keyId: `${id}#main-key`, privateKey }),
    oldKey: async (id) => (hasOldKey ? { keyId: `${id}#old-key`, privateKey } : undefined),
    userAgent: 'footbridge/1 (https://here.example/)',
    clock,
  })
  return { deliver, requests, documents, clock: () => time }
}

const failure = async (promise: Promise<void>) => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof TransientError) {
    return { kind: 'transient', status: error.status, retryAt: error.retryAt }
  }
  if (error instanceof RejectedError) {
    return { kind: 'rejected', status: error.status, tell: error.tell }
  }
  return error
}

describe('news of a new key', () => {
  const news = JSON.stringify({ activityId, inbox, signer, withOldKey: true })
  const keyOf = ({ headers }: HttpRequest): string | undefined =>
    /keyId="[^"]*#([^"]*)"/.exec(headers['signature'] ?? '')?.[1]

  test('is signed with the one that is known, and with the new one when that was not enough', async () => {
    const { deliver, requests } = setUp([], true)
    await deliver(news)
    await deliver(news, true)
    await deliver(payload)
    expect(requests.map(keyOf)).toEqual(['old-key', 'main-key', 'main-key'])
  })

  test('is signed with the new one where the old one is gone', async () => {
    const { deliver, requests } = setUp([])
    await deliver(news)
    expect(requests.map(keyOf)).toEqual(['main-key'])
  })
})

describe('a delivery', () => {
  test('posts the stored text with a signature that its receiver can check', async () => {
    const { deliver, requests } = setUp([])
    await deliver(payload)
    const [request] = requests
    if (request === undefined) throw new Error('nothing was sent')
    const { headers, body, ...rest } = request
    expect(rest).toEqual({ method: 'POST', url: inbox, timeout: 30_000, maxBytes: 1_000_000 })
    expect(String(body)).toBe('{"a":"ä"}')
    expect(headers).toMatchObject({
      'content-type': 'application/activity+json',
      'user-agent': 'footbridge/1 (https://here.example/)',
      host: 'remote.example:8443',
    })
    const bytes = Buffer.from('{"a":"ä"}')
    const request1 = { method: 'POST', target: '/inbox?x=1', headers, now, publicKey }
    expect(verifySignature({ ...request1, body: bytes })).toMatchObject({ ok: true })
    expect(verifySignature({ ...request1, body: Buffer.from('{}') })).toEqual({
      ok: false,
      reason: 'digest',
    })
  })

  test('says what its activity says by then, whatever went to others before', async () => {
    const { deliver, requests, documents } = setUp([])
    const other = asActivityId('https://here.example/activities/2')
    documents.set(other, '{"b":1}')
    const to = (name: string, id: string) =>
      deliver(JSON.stringify({ activityId: id, inbox: `https://${name}.example/inbox`, signer }))
    await to('one', activityId)
    await to('one', other)
    await to('two', activityId)
    documents.set(activityId, '{"a":"edited"}')
    await to('three', activityId)
    await to('two', other)
    expect(requests.map(({ body }) => String(body))).toEqual([
      ...['{"a":"ä"}', '{"b":1}', '{"a":"ä"}', '{"a":"edited"}', '{"b":1}'],
    ])
    const verdicts = requests.map(({ headers, body = '' }) => {
      const request = { method: 'POST', target: '/inbox', headers, now: now + 300_000, publicKey }
      return verifySignature({ ...request, body: Buffer.from(body) })
    })
    expect(verdicts.map(({ ok }) => ok)).toEqual(requests.map(() => true))
  })

  test('is signed anew for every try', async () => {
    const { deliver, requests } = setUp([{ status: 500 }])
    await failure(deliver(payload))
    await deliver(payload)
    expect(requests.map((r) => r.headers['date'])).toEqual([
      'Mon, 01 Jan 2024 00:00:00 GMT',
      'Mon, 01 Jan 2024 00:01:00 GMT',
    ])
  })

  const later = now + 60_000
  const host = 'remote.example:8443'
  const gone = `${host} says that the account does not exist.`
  test.each<[number, Record<string, string>, unknown]>([
    [200, {}, undefined],
    [202, {}, undefined],
    [204, {}, undefined],
    [429, { 'retry-after': '120' }, { kind: 'transient', status: 429, retryAt: later + 120_000 }],
    [
      503,
      { 'retry-after': 'Mon, 01 Jan 2024 01:00:00 GMT' },
      { kind: 'transient', status: 503, retryAt: now + 3_600_000 },
    ],
    [500, { 'retry-after': 'soon' }, { kind: 'transient', status: 500, retryAt: undefined }],
    [408, {}, { kind: 'transient', status: 408, retryAt: undefined }],
    [404, {}, { kind: 'rejected', status: 404, tell: gone }],
    [410, {}, { kind: 'rejected', status: 410, tell: gone }],
    [401, {}, { kind: 'rejected', status: 401, tell: `${host} refused to take it (401).` }],
    [403, {}, { kind: 'rejected', status: 403, tell: `${host} refused to take it (403).` }],
    [400, {}, { kind: 'rejected', status: 400, tell: `${host} answered with an error (400).` }],
    [301, {}, { kind: 'transient', status: 301, retryAt: undefined }],
    [302, { 'retry-after': '120' }, { kind: 'transient', status: 302, retryAt: later + 120_000 }],
  ])('answered with %i %j becomes %j', async (status, headers, expected) => {
    expect(await failure(setUp([{ status, headers }]).deliver(payload))).toEqual(expected)
  })

  test('of an activity that is not stored is final and sends nothing', async () => {
    const { deliver, requests } = setUp([])
    const unknown = JSON.stringify({ activityId: 'https://here.example/x', inbox, signer })
    expect(await failure(deliver(unknown))).toMatchObject({ kind: 'rejected' })
    expect(requests).toEqual([])
  })

  test('with a payload of another kind is a bug', async () => {
    expect(await failure(setUp([]).deliver('{}'))).toBeInstanceOf(TypeError)
  })
})

describe('a delivery to a server of followers', () => {
  const collection = `${signer}/followers`
  const more = 'collection-synchronization'
  const header = (digest: string) =>
    `collectionId="${collection}", url="${collection}/synchronization", digest="${digest}"`
  const digest = followersDigest(['https://remote.example:8443/users/1'])
  const deliverOf = async (document: object) => {
    const { deliver, requests, documents } = setUp([])
    documents.set(activityId, JSON.stringify(document))
    await deliver(payload)
    const [request] = requests
    if (request === undefined) throw new Error('nothing was sent')
    return { headers: request.headers, body: Buffer.from(String(request.body)) }
  }
  const isGood = (headers: Readonly<Record<string, string>>, body: Buffer) => {
    const request = { method: 'POST', target: '/inbox?x=1', now, publicKey } as const
    const publicUrl = 'https://remote.example:8443'
    return verifySignature({ ...request, publicUrl, headers, body }).ok
  }

  test.each(['to', 'cc'])('says by %s who follows from there, and signs that', async (field) => {
    const { headers, body } = await deliverOf({ [field]: [collection] })
    expect(headers[more]).toBe(header(digest))
    const forged = { ...headers, [more]: header('0'.repeat(64)) }
    expect([isGood(headers, body), isGood(forged, body)]).toEqual([true, false])
  })

  test('signs it by RFC 9421 as well', () => {
    const body = Buffer.from('{}')
    const headers = signRequest({
      ...{ method: 'POST', url: inbox, body, date: new Date(now), scheme: 'rfc9421' },
      ...{ keyId: `${signer}#main-key`, privateKey, more: { [more]: header(digest) } },
    })
    const forged = { ...headers, [more]: header('0'.repeat(64)) }
    expect(readSignature(headers)?.covered).toContain(more)
    expect([isGood(headers, body), isGood(forged, body)]).toEqual([true, false])
  })

  test.each([
    ['is for somebody', { to: ['https://remote.example/users/1'], cc: [] }],
    ['only speaks of them', { to: [], object: { content: collection } }],
    ['is for the followers of another', { to: [`${collection}2`] }],
  ])('says nothing of that where it %s', async (_what, document) => {
    expect((await deliverOf(document)).headers).not.toHaveProperty(more)
  })
})

describe('an activity that names another one', () => {
  const named = asActivityId('https://remote.example/activities/2')
  const outer = { id: activityId, type: 'Announce', object: named, proof: { type: 'x' } }
  const whole = JSON.stringify({ activityId, inbox, signer, isWhole: true })
  const bodyOf = ({ body }: HttpRequest): unknown =>
    JSON.parse(Buffer.from((body ?? '') as Uint8Array).toString())

  test('goes with the text of that one where its reader wants it so, without a proof of the id', async () => {
    const { deliver, requests, documents } = setUp([])
    documents.set(activityId, JSON.stringify(outer))
    documents.set(named, JSON.stringify({ id: named, type: 'Create', object: 'first' }))
    await deliver(whole)
    await deliver(payload)
    documents.set(named, JSON.stringify({ id: named, type: 'Create', object: 'second' }))
    await deliver(whole)
    expect(requests.map(bodyOf)).toEqual([
      { id: activityId, type: 'Announce', object: { id: named, type: 'Create', object: 'first' } },
      outer,
      { id: activityId, type: 'Announce', object: { id: named, type: 'Create', object: 'second' } },
    ])
  })

  test('goes nowhere when that one is gone', async () => {
    const { deliver, requests, documents } = setUp([])
    documents.set(activityId, JSON.stringify(outer))
    expect(await failure(deliver(whole))).toMatchObject({ kind: 'rejected' })
    expect(requests).toEqual([])
  })
})
