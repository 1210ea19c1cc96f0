import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from '@jest/globals'
import { asActorId, asUserId } from '../../src/model/ids.ts'
import type { ActorId } from '../../src/model/ids.ts'
import type { Log } from '../../src/model/clock.ts'
import type { NewJob } from '../../src/model/job.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import { createInbox } from '../../src/activitypub/inbox.ts'
import type { InboxDeps, InboxRequest } from '../../src/activitypub/inbox.ts'
import { readPayload } from '../../src/activitypub/parse-payload.ts'
import { signRequest } from '../../src/activitypub/signature.ts'
import { createFediverse } from '../fakes/fediverse.ts'
import type { Account, Document } from '../fakes/fediverse.ts'

const now = Date.UTC(2024, 0, 1)
const publicUrl = 'https://here.example'
const alice = asActorId(`${publicUrl}/actors/alice`)
const gone = asActorId(`${publicUrl}/actors/gone`)
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** An inbox, with a record of the jobs it queued and the keys it looked for. */
function setUp(change: Partial<InboxDeps> = {}) {
  const jobs: NewJob[] = []
  const lookups: string[] = []
  const clock = { now: () => now, sleep: async () => undefined }
  const fediverse = createFediverse({ clock, publicUrl, findKey: async () => undefined })
  const bob = fediverse.account('bob', 'remote.example')
  const eve = fediverse.account('eve', 'remote.example')
  const cached = new Map([bob, eve].map((a) => [a.keyId, { owner: asActorId(a.id), key: a.key }]))
  const find = (name: string, look: (keyId: string) => Account['key'] | undefined) => {
    return async (keyId: string) => {
      lookups.push(`${name} ${keyId}`)
      const owner = cached.get(keyId)?.owner
      const key = look(keyId)
      if (owner === undefined || key === undefined) throw new RejectedError('no such key')
      return { owner, key: key.publicKey }
    }
  }
  const inbox = createInbox({
    add: async (job) => jobs.push(job),
    keyring: {
      keyFor: find('cached', (keyId) => cached.get(keyId)?.key),
      refetch: find('fetched', (keyId) => [bob, eve].find((a) => a.keyId === keyId)?.key),
    },
    isKnownActor: async (id) => id === bob.id,
    isBlocked: async (id) => id === eve.id,
    findLocalActor: async (id) =>
      id === alice || id === gone
        ? {
            id,
            userId: asUserId('@alice:here.example'),
            username: 'alice',
            createdAt: 0,
            ...(id === gone ? { deletedAt: 1 } : {}),
          }
        : undefined,
    addUpkeep: async (job) => jobs.push(job),
    followersOn: async () => [],
    waitingIn: () => ({ lane: 0, host: 0, all: 0 }),
    limits: { perActor: 0, perHost: 0 },
    publicUrl: 'https://here.example',
    clock,
    log: silent,
    ...change,
  })
  return { inbox, jobs, lookups, bob, eve }
}

const withHeaders = (request: InboxRequest, headers: Record<string, string | undefined>) => ({
  ...request,
  headers: { ...request.headers, ...headers },
})

describe('a well-signed activity', () => {
  test('is queued once, as it came, and then answered 202', async () => {
    const { inbox, jobs, bob } = setUp()
    const sent = bob.post({ content: 'hi' })
    expect(await inbox(sent)).toEqual({ status: 202 })
    expect(jobs).toEqual([
      {
        kind: 'activity',
        key: sent.id,
        lane: `activity:${bob.id}`,
        host: 'remote.example',
        payload: sent.body.toString(),
      },
    ])
    expect(readPayload(jobs[0]?.payload ?? '')).toEqual({
      kind: 'document',
      document: sent.activity,
    })
  })

  test('is not answered 202 while it is not durable', async () => {
    const { inbox, bob } = setUp({
      add: async () => {
        throw new Error('disk full')
      },
    })
    expect(await inbox(bob.post())).toMatchObject({
      status: 503,
      headers: { 'retry-after': '60' },
    })
  })

  test.each<[string, ActorId | undefined, number]>([
    ['the shared inbox', undefined, 202],
    ['the inbox of a local actor', alice, 202],
    ['the inbox of a deleted actor', gone, 410],
    ['the inbox of nobody', asActorId(`${publicUrl}/actors/x`), 404],
  ])('to %s', async (_, recipient, status) => {
    const { inbox, bob, jobs } = setUp()
    const request = { ...bob.post(), ...(recipient === undefined ? {} : { recipient }) }
    expect((await inbox(request)).status).toBe(status)
    expect(jobs.length).toBe(status === 202 ? 1 : 0)
  })

  test('of a blocked actor is refused', async () => {
    const { inbox, eve, jobs } = setUp()
    expect((await inbox(eve.post())).status).toBe(403)
    expect(jobs).toEqual([])
  })

  test('with a rotated key is believed after one look at the new one', async () => {
    const { inbox, bob, lookups, jobs } = setUp()
    bob.rotateKey()
    expect((await inbox(bob.post())).status).toBe(202)
    expect(lookups).toEqual([`cached ${bob.keyId}`, `fetched ${bob.keyId}`])
    expect(jobs.length).toBe(1)
  })
})

describe('where much waits to be done already', () => {
  const few = { lane: 499, host: 1_999, all: 99_999 }
  test.each([
    ['all that may wait but one', few, 202],
    ['enough of one account', { ...few, lane: 500 }, 429],
    ['enough of one server', { ...few, host: 2_000 }, 429],
    ['enough in all', { lane: 500, host: 2_000, all: 100_000 }, 503],
  ])('%s: what comes is answered so that it comes again', async (_, waiting, status) => {
    const lanes: string[] = []
    const waitingIn = (lane: string) => (lanes.push(lane), waiting)
    const { inbox, bob, jobs } = setUp({ waitingIn })
    const answer = await inbox(bob.post())
    expect(answer.status).toBe(status)
    expect(answer.headers?.['retry-after']).toBe(status === 202 ? undefined : '60')
    expect(jobs.length).toBe(status === 202 ? 1 : 0)
    expect(lanes).toEqual([`activity:${bob.id}`])
  })

  test('whoever forwards is asked to wait, not the author', async () => {
    const lanes: string[] = []
    const waitingIn = (lane: string) => (lanes.push(lane), { ...few, lane: 500 })
    const { inbox, bob, jobs } = setUp({ waitingIn })
    const carol = { actor: 'https://third.example/users/carol', id: 'https://third.example/1' }
    const forwarded = bob.sign({ ...bob.post().activity, ...carol })
    expect((await inbox(forwarded)).status).toBe(429)
    expect([lanes, jobs]).toEqual([[`activity:${bob.id}`], []])
  })

  test('a wrong signature is told as such', async () => {
    const { inbox, bob } = setUp({ waitingIn: () => ({ ...few, all: 100_000 }) })
    expect((await inbox(withHeaders(bob.post(), { signature: 'x' }))).status).toBe(401)
  })
})

describe('a body that is unfit', () => {
  const deep = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
  type Sort = { readonly type: string | undefined; readonly status: number }
  test.each<[string, string, Sort]>([
    [
      'larger than 1 MB',
      `"${'x'.repeat(1_000_000)}"`,
      { type: 'application/activity+json', status: 413 },
    ],
    ['HTML by its type', '{}', { type: 'text/html', status: 415 }],
    ['of no type', '{}', { type: undefined, status: 415 }],
    ['of a type that only begins like ours', '{}', { type: 'application/jsonp', status: 415 }],
    ['deeper than 32 levels', deep(33), { type: 'application/activity+json', status: 400 }],
    ['no JSON', '{"a":', { type: 'application/ld+json; profile="x"', status: 400 }],
    ['no object', '[1]', { type: 'application/activity+json', status: 400 }],
    [
      'without actor',
      '{"type":"Like"}',
      { type: 'application/activity+json; charset=utf-8', status: 400 },
    ],
    [
      'without type',
      '{"actor":"https://remote.example/users/bob"}',
      { type: 'application/json', status: 400 },
    ],
  ])(
    'because it is %s is refused before any key is looked at',
    async (_, text, { type, status }) => {
      const { inbox, lookups, jobs, bob } = setUp()
      const request = withHeaders(
        { ...bob.post(), body: Buffer.from(text) },
        { 'content-type': type },
      )
      expect((await inbox(request)).status).toBe(status)
      expect([lookups, jobs]).toEqual([[], []])
    },
  )
})

describe('a signature that does not hold', () => {
  const cases: [string, (request: InboxRequest) => InboxRequest][] = [
    ['a missing signature', (r) => withHeaders(r, { signature: undefined })],
    ['a malformed signature', (r) => withHeaders(r, { signature: 'x' })],
    [
      'another body',
      (r) => ({ ...r, body: Buffer.from(r.body.toString().replace('hello', 'bye')) }),
    ],
    ['another path', (r) => ({ ...r, target: '/actors/alice/inbox' })],
    ['an old date', (r) => withHeaders(r, { date: 'Sun, 31 Dec 2023 00:00:00 GMT' })],
    ['no digest', (r) => withHeaders(r, { digest: undefined })],
  ]
  test.each(cases)('%s is answered 401', async (_, change) => {
    const { inbox, bob, jobs } = setUp()
    expect((await inbox(change(bob.post()))).status).toBe(401)
    expect(jobs).toEqual([])
  })

  test('is looked at with a fresh key once, and then refused', async () => {
    const { inbox, bob, eve, lookups } = setUp()
    const { headers } = eve.post()
    const signature = headers['signature']?.replace(eve.keyId, bob.keyId)
    expect((await inbox(withHeaders(bob.post(), { signature }))).status).toBe(401)
    expect(lookups).toEqual([`cached ${bob.keyId}`, `fetched ${bob.keyId}`])
  })

  test('because its key is refused is answered 401', async () => {
    const { inbox, bob } = setUp()
    const sent = bob.post()
    const signature = sent.headers['signature']?.replace('main-key', 'other')
    expect((await inbox(withHeaders(sent, { signature }))).status).toBe(401)
  })

  test('because its key cannot be fetched now is answered 503', async () => {
    const away = async (): Promise<never> => {
      throw new TransientError('away')
    }
    const { inbox, bob, jobs } = setUp({ keyring: { keyFor: away, refetch: away } })
    expect(await inbox(bob.post())).toMatchObject({ status: 503, headers: { 'retry-after': '60' } })
    expect(jobs).toEqual([])
  })
})

test('what a body says is not kept in memory while the key of its sender is awaited', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held: ((reason: Error) => void)[] = []
  const keyFor = () => new Promise<never>((_, reject) => held.push(reject))
  const { inbox, bob } = setUp({ keyring: { keyFor, refetch: keyFor } })
  const post = bob.post()
  const body = Buffer.from(`{"type":"Create","actor":"${bob.id}","x":[${'[],'.repeat(300_000)}0]}`)
  collect()
  const before = process.memoryUsage().heapUsed
  const answers = Array.from({ length: 20 }, () => inbox({ ...post, body }))
  await new Promise(setImmediate)
  collect()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000)
  for (const reject of held) reject(new RejectedError('no such key'))
  expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([401]))
})

describe('a deletion', () => {
  test('of an actor that nobody knows here is answered 202 and fetches nothing', async () => {
    const { inbox, eve, lookups, jobs } = setUp()
    expect(await inbox(eve.deleteActor())).toEqual({ status: 202 })
    expect([lookups, jobs]).toEqual([[], []])
  })

  test('of a known actor needs a signature', async () => {
    const { inbox, bob, jobs } = setUp()
    const request = withHeaders(bob.deleteActor(), { signature: undefined })
    expect((await inbox(request)).status).toBe(401)
    expect(jobs).toEqual([])
  })

  const goneKeys = async (): Promise<never> => {
    throw new RejectedError('gone', { code: 'gone' })
  }
  test('of a known actor whose own server says it is gone is believed', async () => {
    const { inbox, bob, jobs } = setUp({ keyring: { keyFor: goneKeys, refetch: goneKeys } })
    expect((await inbox(bob.deleteActor())).status).toBe(202)
    expect(jobs.length).toBe(1)
  })

  test("is believed with GoToSocial's kind of key, whose path is below the actor's", async () => {
    const { inbox, bob, jobs } = setUp({ keyring: { keyFor: goneKeys, refetch: goneKeys } })
    const sent = bob.deleteActor()
    const signature = sent.headers['signature']?.replace('#main-key', '/main-key')
    expect((await inbox(withHeaders(sent, { signature }))).status).toBe(202)
    expect(jobs.length).toBe(1)
  })

  test('is not proven by the end of somebody else', async () => {
    const { inbox, bob, eve, jobs } = setUp({ keyring: { keyFor: goneKeys, refetch: goneKeys } })
    const forged = eve.sign(bob.deleteActor().activity)
    expect((await inbox(forged)).status).toBe(401)
    expect(jobs).toEqual([])
  })
})

describe('an activity of somebody else than its signer', () => {
  const forward = (by: Account, change: Document) => by.sign({ ...by.post().activity, ...change })

  test('is not believed, but fetched by its id', async () => {
    const { inbox, bob, jobs } = setUp()
    const carol = 'https://third.example/users/carol'
    const id = 'https://third.example/1'
    expect((await inbox(forward(bob, { actor: carol, id }))).status).toBe(202)
    expect(jobs).toEqual([
      {
        kind: 'activity',
        key: `fetch ${id}`,
        // Whoever forwards it waits for it: nobody else's posts do.
        lane: `activity:${bob.id}`,
        host: 'remote.example',
        payload: `{"footbridge:fetch":"${id}"}`,
      },
    ])
    expect(readPayload(jobs[0]?.payload ?? '')).toEqual({ kind: 'fetch', id })
  })

  test('that was one of ours is no news to us', async () => {
    const { inbox, bob, jobs } = setUp()
    const id = 'https://here.example/activities/1'
    expect((await inbox(forward(bob, { actor: alice, id }))).status).toBe(202)
    expect(jobs).toEqual([])
  })

  test.each<[string, Document]>([
    ['whose id is on a third host', { actor: 'https://third.example/users/carol' }],
    ['without an id', { actor: 'https://third.example/users/carol', id: undefined }],
    ['that takes the name of another host', { id: 'https://third.example/1' }],
  ])('%s is refused', async (_, change) => {
    const { inbox, bob, jobs } = setUp()
    expect((await inbox(forward(bob, change))).status).toBe(400)
    expect(jobs).toEqual([])
  })
})

describe('an activity without an id', () => {
  const follow = { type: 'Follow', object: alice }
  test('is also an Undo that bears a name of ours', async () => {
    const { inbox, bob, jobs } = setUp()
    const undo = { type: 'Undo', actor: bob.id, object: alice, id: `${alice}/Undo` }
    expect((await inbox(bob.sign(undo))).status).toBe(202)
    expect(jobs[0]?.key).toMatch(/^https:\/\/remote\.example\/users\/bob#undo-[0-9a-f]{32}$/)
    expect((await inbox(bob.sign({ ...undo, type: 'Like' }))).status).toBe(400)
  })

  test('gets a stable one where nobody refers to it', async () => {
    const { inbox, bob, jobs } = setUp()
    const sent = bob.sign({ ...follow, actor: bob.id })
    await inbox(sent)
    await inbox(sent)
    const [first, second] = jobs
    expect(first?.key).toMatch(/^https:\/\/remote\.example\/users\/bob#follow-[0-9a-f]{32}$/)
    expect(second).toEqual(first)
    expect(JSON.parse(first?.payload ?? '')).toEqual({
      ...follow,
      actor: bob.id,
      id: first?.key,
    })
  })

  test('and not another one by a date that its signature does not cover', async () => {
    const { inbox, bob, jobs } = setUp()
    const { headers, body, target } = bob.sign({ ...follow, actor: bob.id })
    const signed = signRequest({
      ...{ method: 'POST', url: `${publicUrl}${target}`, body, keyId: bob.keyId },
      ...{ privateKey: bob.key.privateKey, date: new Date(now), scheme: 'rfc9421' },
    })
    const sent = { headers: { ...headers, ...signed }, body, target }
    expect((await inbox(sent)).status).toBe(202)
    const date = 'Mon, 01 Jan 2024 00:00:07 GMT'
    expect((await inbox(withHeaders(sent, { date }))).status).toBe(202)
    expect(jobs[1]).toEqual(jobs[0])
  })

  test('is refused where others must be able to name it', async () => {
    const { inbox, bob, jobs } = setUp()
    expect((await inbox(bob.sign({ type: 'Like', object: alice, actor: bob.id }))).status).toBe(400)
    expect(jobs).toEqual([])
  })
})
