import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Http } from '../../src/model/http.ts'
import { asActorId, asObjectId, asUserId } from '../../src/model/ids.ts'
import { TransientError } from '../../src/model/errors.ts'
import { createDocumentFetch } from '../../src/activitypub/fetch.ts'
import { createKeyring } from '../../src/activitypub/keyring.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { testKeys } from '../support/keys.ts'
import { signedHttpOf } from '../support/signed-http.ts'
import { startRoutes } from './routes-setup.ts'

/** Both answer nobody who does not sign, and look up the key of everybody who does. */
const hosts = ['one.example', 'two.example'] as const
type Host = (typeof hosts)[number]

const now = Date.UTC(2024, 0, 1)
const clock = { now: () => now, sleep: () => new Promise<void>(() => undefined) }
const pairs = new Map<string, KeyObject>()
const privateKeyOf = (id: string): KeyObject => {
  const known = pairs.get(id)
  if (known !== undefined) return known
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  pairs.set(id, privateKey)
  return privateKey
}
const pemOf = (id: string) =>
  createPublicKey(privateKeyOf(id)).export({ type: 'spki', format: 'pem' }).toString()

const bases = new Map<string, string>()
let requests: string[] = []

/** Names lead to loopback. Every request is written down. */
const network: Http = async ({ method, url, headers }) => {
  const { host, pathname, search } = new URL(url)
  requests.push(`${method} ${url}`)
  if (requests.length > 50) throw new TransientError('it does not end')
  const sent = new Headers(headers)
  sent.delete('host')
  const at = `${bases.get(host) ?? ''}${pathname}${search}`
  const response = await fetch(at, { headers: sent })
  const body = Buffer.from(await response.arrayBuffer())
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}

/** As the server's own actor signs, or as one of its people. */
const fetchAs = (signer: string) =>
  createDocumentFetch({
    http: signedHttpOf(network, clock),
    clock,
    userAgent: 'test',
    signer: async () => ({ keyId: `${signer}#main-key`, privateKey: privateKeyOf(signer) }),
    keyOf: async (id) => ({ keyId: `${id}#main-key`, privateKey: privateKeyOf(id) }),
  })

async function startServer(host: Host) {
  const publicUrl = `https://${host}`
  const alice = asActorId(`${publicUrl}/actors/alice`)
  const keyring = createKeyring({
    fetchDocument: fetchAs(`${publicUrl}/actor`),
    findRemoteActor: async () => undefined,
    findKeysOf: async () => undefined,
    saveRemoteActor: async () => undefined,
    clock,
  })
  const findKeys = (id: string) => testKeys(id, pemOf(id))
  const server = await startRoutes({
    ...{ publicUrl, handleDomain: host, keyring, clock },
    serializer: createSerializer({
      ...{ publicUrl, handleDomain: host, bridgeName: host, findKeys, clock },
    }),
    keysFor: async (id) => findKeys(id),
    findLocalActor: async (id) =>
      id === alice
        ? { id, userId: asUserId('@alice:hs.test'), username: 'alice', createdAt: 0 }
        : undefined,
    findObject: async (id) => ({
      ...{ id: asObjectId(id), author: alice, isLocal: true, visibility: 'public' },
      ...{ to: [], cc: [], published: 0, mentions: [] },
      document: JSON.stringify({ id, type: 'Note' }),
    }),
  })
  bases.set(host, server.base)
  return server
}

let servers: Awaited<ReturnType<typeof startServer>>[] = []
beforeEach(async () => {
  requests = []
  servers = await Promise.all(hosts.map(startServer))
})
afterEach(() => Promise.all(servers.map(({ close }) => close())))

const note = 'https://two.example/objects/n'

test.each([
  ['the server’s own actor', 'https://one.example/actor'],
  ['one of its people', 'https://one.example/actors/alice'],
])(
  'a server that signs by %s reads another, and no look at keys leads to the next',
  async (_who, signer) => {
    const { document } = await fetchAs(signer)(note)
    expect(document).toMatchObject({ id: note })
    const keys = [`GET ${signer}`]
    // A person is shown to who proves who they are: one look back, and that one is open.
    if (!signer.endsWith('/actor')) keys.push('GET https://two.example/actor')
    expect(requests.toSorted()).toEqual([`GET ${note}`, ...keys].toSorted())
    requests = []
    await fetchAs(signer)(note)
    expect(requests).toEqual([`GET ${note}`])
  },
)

test('many who ask at once have each key looked up once', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `https://two.example/objects/n${index}`)
  const read = fetchAs('https://one.example/actors/alice')
  await Promise.all(names.map((name) => read(name)))
  expect(requests.filter((one) => !one.includes('/objects/')).toSorted()).toEqual([
    'GET https://one.example/actors/alice',
    'GET https://two.example/actor',
  ])
})

test('two that read each other at the same moment both have it', async () => {
  const other = 'https://one.example/objects/n'
  const read = await Promise.all([
    fetchAs('https://one.example/actors/alice')(note),
    fetchAs('https://two.example/actors/alice')(other),
  ])
  expect(read.map(({ document }) => document['id'])).toEqual([note, other])
})

test('nobody makes a server ask itself by naming a key of its own', async () => {
  await expect(fetchAs('https://two.example/actors/alice')(note)).rejects.toThrow('401')
  expect(new Set(requests)).toEqual(new Set([`GET ${note}`]))
})
