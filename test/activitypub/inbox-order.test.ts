import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { asActorId, asUserId } from '../../src/model/ids.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import { createInbox } from '../../src/activitypub/inbox.ts'
import type { InboxDeps, InboxRequest } from '../../src/activitypub/inbox.ts'
import { createKeyring } from '../../src/activitypub/keyring.ts'
import { createFediverse } from '../fakes/fediverse.ts'
import { createWeb, documentFetchOf } from './web.ts'

const publicUrl = 'https://here.example'
const alice = asActorId(`${publicUrl}/actors/alice`)
const nobody = asActorId(`${publicUrl}/actors/nobody`)

/** An inbox whose every step is written down: look-ups, fetches, whole bodies that are parsed, inserts. */
function setUp(change: Partial<InboxDeps> = {}) {
  const steps: string[] = []
  const web = createWeb()
  const { clock } = web
  const fediverse = createFediverse({ clock, publicUrl, findKey: async () => undefined })
  const bob = fediverse.account('bob', 'remote.example')
  const isAway = (host: string) => ['away.example', 'victim.example'].includes(host)
  fediverse.setFault(({ url }) => (isAway(new URL(url).host) ? 'timeout' : undefined))
  const http: typeof web.http = async (request) => {
    steps.push(`fetch ${request.url}`)
    return fediverse.http(request)
  }
  const keyring = createKeyring({
    fetchDocument: documentFetchOf({ ...web, http }),
    findRemoteActor: async () => undefined,
    findKeysOf: async () => undefined,
    saveRemoteActor: async () => undefined,
    clock,
  })
  const lines: unknown[] = []
  const inbox = createInbox({
    add: async () => steps.push('insert'),
    addUpkeep: async () => steps.push('upkeep'),
    followersOn: async () => [],
    keyring,
    isKnownActor: async (id) => {
      steps.push('known?')
      return id === bob.id
    },
    isBlocked: async (id) => {
      steps.push('blocked?')
      return new URL(id).host === 'blocked.example'
    },
    findLocalActor: async (id) => {
      steps.push('local?')
      return id === alice
        ? { id, userId: asUserId('@alice:here.example'), username: 'alice', createdAt: 0 }
        : undefined
    },
    waitingIn: () => ({ lane: 0, host: 0, all: 0 }),
    limits: { perActor: 0, perHost: 0 },
    publicUrl,
    clock,
    log: { debug() {}, info: (line) => lines.push(line), warn() {}, error() {} },
    ...change,
  })
  return { inbox, steps, bob, fediverse, clock, lines }
}

/** Whole bodies that were parsed since: nothing else that is parsed is as long. */
let parse: jest.SpiedFunction<typeof JSON.parse>
beforeEach(() => {
  parse = jest.spyOn(JSON, 'parse')
})
afterEach(() => parse.mockRestore())
const parsesOf = (body: Buffer): number =>
  parse.mock.calls.filter(([text]) => text === body.toString()).length

type World = ReturnType<typeof setUp>
const headers = (request: InboxRequest, more: Record<string, string | undefined>) => ({
  ...request,
  headers: { ...request.headers, ...more },
})

const fetchBob = 'fetch https://remote.example/users/bob'

describe('the inbox looks at what is cheap first', () => {
  const rows: [string, (world: World) => InboxRequest, number, readonly string[]][] = [
    [
      'a body that is too large',
      ({ bob }) => ({ ...bob.post(), body: Buffer.alloc(1_000_001), recipient: nobody }),
      413,
      [],
    ],
    [
      'another content type',
      ({ bob }) => headers({ ...bob.post(), recipient: nobody }, { 'content-type': 'text/html' }),
      415,
      [],
    ],
    ['an inbox of nobody', ({ bob }) => ({ ...bob.post(), recipient: nobody }), 404, ['local?']],
    [
      'a body that nests too deep',
      ({ bob }) => ({
        ...bob.post(),
        body: Buffer.from(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`),
      }),
      400,
      [],
    ],
    [
      'a body without actor',
      ({ bob }) => ({ ...bob.post(), body: Buffer.from('{"type":"Like"}') }),
      400,
      [],
    ],
    [
      'the end of an account that nobody met',
      ({ fediverse }) => fediverse.account('eve', 'other.example').deleteActor(),
      202,
      ['known?'],
    ],
    [
      'an account of a blocked server',
      ({ fediverse }) => fediverse.account('eve', 'blocked.example').post(),
      403,
      ['blocked?'],
    ],
    ['no signature', ({ bob }) => headers(bob.post(), { signature: undefined }), 401, ['blocked?']],
    [
      'a wrong signature',
      ({ bob }) =>
        headers(bob.post({ content: 'x' }), { signature: bob.post().headers['signature'] }),
      401,
      ['blocked?', fetchBob],
    ],
    [
      'a wrong digest',
      ({ bob }) => {
        const sent = bob.post()
        return { ...sent, body: Buffer.from(sent.body.toString().replace('hello', 'bye')) }
      },
      401,
      ['blocked?', fetchBob],
    ],
    ['a good one', ({ bob }) => bob.post(), 202, ['blocked?', fetchBob, 'insert']],
  ]
  test.each(rows)('%s', async (...[, make, status, expected]) => {
    const world = setUp()
    const request = make(world)
    parse.mockClear()
    expect((await world.inbox(request)).status).toBe(status)
    expect(world.steps).toEqual(expected)
    expect(parsesOf(request.body)).toBe(expected.includes('insert') ? 1 : 0)
  })

  test('an activity that its signer may not have made is not inserted', async () => {
    const { inbox, steps, bob } = setUp()
    const request = bob.sign({ ...bob.post().activity, id: 'https://third.example/1' })
    expect((await inbox(request)).status).toBe(400)
    expect(steps).toEqual(['blocked?', fetchBob])
  })

  test('what it decided by holds for the whole body too', async () => {
    const { inbox, steps, bob } = setUp({
      keyring: {
        keyFor: () => Promise.reject(new RejectedError('gone', { code: 'gone' })),
        refetch: () => Promise.reject(new RejectedError('gone', { code: 'gone' })),
      },
    })
    const sent = bob.deleteActor()
    // The end of an account whose server says so needs no signature: nothing else may pass as one.
    const inside = sent.body.toString().slice(1)
    const forged = Buffer.from(
      `{"type":["Create"],"x":1,"type":"Delete",${inside.replace('"type":"Delete"', '"type":"Create"')}`,
    )
    expect((await inbox({ ...sent, body: forged })).status).toBe(401)
    expect(steps).not.toContain('insert')
  })
})

describe('a flood of bad signatures', () => {
  test('of one unknown key asks its server once', async () => {
    const { inbox, fediverse, steps } = setUp()
    const mallory = fediverse.account('mallory', 'away.example')
    const floods = Array.from({ length: 50 }, () => inbox(mallory.post()))
    const statuses = (await Promise.all(floods)).map(({ status }) => status)
    for (let again = 0; again < 50; again++) statuses.push((await inbox(mallory.post())).status)
    // A server that is not there is trouble of the moment, never the sender's fault.
    expect(new Set(statuses)).toEqual(new Set([503]))
    expect(steps.filter((step) => step.startsWith('fetch'))).toEqual([`fetch ${mallory.id}`])
  })

  test('of a known key asks its server once a minute', async () => {
    const { inbox, bob, steps, clock } = setUp()
    await inbox(bob.post())
    const wrong = () =>
      headers(bob.post({ content: 'x' }), { signature: bob.post().headers['signature'] })
    for (let n = 0; n < 50; n++) expect((await inbox(wrong())).status).toBe(401)
    expect(steps.filter((step) => step.startsWith('fetch')).length).toBe(1)
    clock.time += 61_000
    for (let n = 0; n < 50; n++) expect((await inbox(wrong())).status).toBe(401)
    expect(steps.filter((step) => step.startsWith('fetch')).length).toBe(2)
  })

  test('of many keys of one server asks for four at a time, and holds up nobody else', async () => {
    const { inbox, bob, fediverse, steps } = setUp()
    await inbox(bob.post())
    const answers = Array.from({ length: 100 }, (_, n) => {
      const one = fediverse.account(`m${n}`, 'victim.example')
      return inbox(one.post())
    })
    expect((await inbox(bob.post({ content: 'still here' }))).status).toBe(202)
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([503]))
    const asked = steps.filter((step) => step.startsWith('fetch https://victim.example'))
    expect(asked.length).toBeLessThanOrEqual(4)
  })

  test('waits for the keys of one server a hundred at a time', async () => {
    const silent = () => new Promise<never>((_, reject) => held.push(reject))
    const held: ((error: Error) => void)[] = []
    const { inbox, fediverse } = setUp({ keyring: { keyFor: silent, refetch: silent } })
    const slow = fediverse.account('slow', 'slow.example')
    const first = Array.from({ length: 100 }, () => inbox(slow.post()))
    expect(await inbox(slow.post())).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    const other = inbox(fediverse.account('other', 'other.example').post())
    await new Promise(setImmediate)
    for (const reject of held) reject(new TransientError('away'))
    const statuses = (await Promise.all([...first, other])).map(({ status }) => status)
    expect([statuses.length, new Set(statuses)]).toEqual([101, new Set([503])])
    const again = inbox(slow.post())
    await new Promise(setImmediate)
    held.at(-1)?.(new RejectedError('no such key'))
    expect((await again).status).toBe(401)
  })

  test('writes thirty lines in a minute, and then how many more there were', async () => {
    const { inbox, bob, lines, clock } = setUp()
    const unsigned = headers(bob.post(), { signature: undefined })
    for (let n = 0; n < 100; n++) await inbox(unsigned)
    expect(lines.length).toBe(30)
    clock.time += 60_000
    await inbox(unsigned)
    expect(lines.at(-1)).toMatchObject({ status: 401, unsaid: 70 })
  })
})

describe('more than its share', () => {
  test('of one account is asked to come again, and others are taken', async () => {
    const { inbox, bob, fediverse, clock } = setUp({ limits: { perActor: 3, perHost: 5 } })
    const carl = fediverse.account('carl', 'remote.example')
    const send = async (from: typeof bob) => {
      const { status, headers: head } = await inbox(from.post())
      return [status, head?.['retry-after']]
    }
    for (let n = 0; n < 3; n++) expect(await send(bob)).toEqual([202, undefined])
    expect(await send(bob)).toEqual([429, '20'])
    expect(await send(carl)).toEqual([202, undefined])
    // That was the fifth of their server.
    expect(await send(carl)).toEqual([429, '12'])
    clock.time += 20_000
    expect(await send(bob)).toEqual([202, undefined])
  })
})
