import { describe, expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'

import { actorDocument, createWeb, failureOf, instanceKey, type Page, publicPem } from './web.ts'
import { bob, fresh, keyId, keyringOf, pemOf, withKey } from './keyring-setup.ts'
import { parseActor } from '../../src/activitypub/parse.ts'
import { TransientError } from '../../src/model/errors.ts'

const multikey = (id: string, more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ id, type: 'Multikey', controller: bob },
  publicKeyMultibase: 'z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2',
  ...more,
})

describe('a key', () => {
  test('is fetched once for many at once, then comes from memory', async () => {
    const web = createWeb({ [bob]: { json: actorDocument(bob) } })
    const { keyFor } = keyringOf(web)
    const all = await Promise.all(Array.from({ length: 10 }, () => keyFor(keyId)))
    await keyFor(keyId)
    expect(new Set(all.map((key) => key.owner))).toEqual(new Set([bob]))
    expect(await pemOf(keyFor(keyId))).toBe(publicPem(instanceKey))
    expect(web.asked()).toEqual([bob])
  })

  test('of a stored actor needs no fetch', async () => {
    const web = createWeb()
    const { keyFor } = keyringOf(web, [parseActor(actorDocument(bob), 0)])
    expect((await keyFor(keyId)).owner).toBe(bob)
    expect(web.asked()).toEqual([])
  })

  test('that was not used for longest is forgotten first', async () => {
    const carol = 'https://social.test/users/carol'
    const web = createWeb({
      [bob]: { json: actorDocument(bob) },
      [carol]: { json: actorDocument(carol) },
    })
    const { keyFor } = keyringOf(web, [], 1)
    for (const id of [bob, bob, carol, carol, bob]) await keyFor(`${id}#main-key`)
    expect(web.asked()).toEqual([bob, carol, bob])
  })
})

describe('forms of keys', () => {
  const slash = `${bob}/main-key`
  const elsewhere = 'https://social.test/keys/7'
  const victim = 'https://victim.test/users/alice'
  const ofSlash = actorDocument(bob, {
    publicKey: { id: slash, owner: bob, publicKeyPem: publicPem(instanceKey) },
  })
  const ofElsewhere = actorDocument(bob, {
    publicKey: [{ id: elsewhere, owner: bob, publicKeyPem: publicPem(instanceKey) }],
  })
  const keyDocument = (more: Readonly<Record<string, unknown>>) => ({
    id: elsewhere,
    type: 'Key',
    publicKeyPem: publicPem(fresh),
    ...more,
  })
  const rejected = (code: string) => ({ name: 'RejectedError', code })
  const owned = { resolved: { owner: bob } }
  test.each<readonly [string, string, Record<string, Page>, unknown]>([
    ['fragment of the actor', keyId, { [bob]: { json: actorDocument(bob) } }, owned],
    ['the actor itself', bob, { [bob]: { json: actorDocument(bob) } }, owned],
    [
      "GoToSocial's stub actor",
      slash,
      {
        [slash]: {
          json: { id: bob, type: 'Person', preferredUsername: 'bob', publicKey: ofSlash.publicKey },
        },
        [bob]: { json: ofSlash },
      },
      owned,
    ],
    [
      'key document with owner',
      elsewhere,
      { [elsewhere]: { json: keyDocument({ owner: bob }) }, [bob]: { json: ofElsewhere } },
      owned,
    ],
    [
      'key document with controller',
      elsewhere,
      { [elsewhere]: { json: keyDocument({ controller: bob }) }, [bob]: { json: ofElsewhere } },
      owned,
    ],
    [
      'key document that the owner has by its id alone',
      elsewhere,
      {
        [elsewhere]: { json: keyDocument({ owner: bob }) },
        [bob]: { json: actorDocument(bob, { publicKey: [elsewhere] }) },
      },
      owned,
    ],
    [
      'key document of somebody else whom the owner names by id',
      elsewhere,
      {
        [elsewhere]: { json: keyDocument({ owner: 'https://social.test/users/eve' }) },
        ['https://social.test/users/eve']: {
          json: actorDocument('https://social.test/users/eve'),
        },
        [bob]: { json: actorDocument(bob, { publicKey: [elsewhere] }) },
      },
      rejected('hostile'),
    ],
    [
      'Multikey beside the RSA key',
      `${bob}#ed25519-key`,
      {
        [bob]: { json: actorDocument(bob, { assertionMethod: [multikey(`${bob}#ed25519-key`)] }) },
      },
      owned,
    ],
    [
      'Multikey that is not in a list',
      `${bob}#ed25519-key`,
      { [bob]: { json: actorDocument(bob, { assertionMethod: multikey(`${bob}#ed25519-key`) }) } },
      owned,
    ],
    [
      'Multikey document',
      elsewhere,
      {
        [elsewhere]: { json: multikey(elsewhere) },
        [bob]: { json: actorDocument(bob, { assertionMethod: [elsewhere] }) },
      },
      owned,
    ],
    [
      'Multikey of somebody else',
      `${bob}#ed25519-key`,
      {
        [bob]: {
          json: actorDocument(bob, {
            assertionMethod: [multikey(`${bob}#ed25519-key`, { controller: victim })],
          }),
        },
        [victim]: { json: actorDocument(victim) },
      },
      rejected('hostile'),
    ],
    [
      'Multikey that is none',
      `${bob}#ed25519-key`,
      {
        [bob]: {
          json: actorDocument(bob, {
            assertionMethod: [multikey(`${bob}#ed25519-key`, { publicKeyMultibase: 'z6Mk' })],
          }),
        },
      },
      rejected('hostile'),
    ],
    [
      'Ed25519 as PEM',
      keyId,
      {
        [bob]: {
          json: withKey(
            generateKeyPairSync('ed25519')
              .publicKey.export({ type: 'spki', format: 'pem' })
              .toString(),
          ),
        },
      },
      owned,
    ],
    [
      'the second of several',
      `${bob}#second`,
      {
        [bob]: {
          json: actorDocument(bob, {
            publicKey: ['first', 'second'].map((name) => ({
              ...{ id: `${bob}#${name}`, owner: bob, publicKeyPem: publicPem(fresh) },
            })),
          }),
        },
      },
      owned,
    ],
    [
      'owner does not list it',
      elsewhere,
      { [elsewhere]: { json: keyDocument({ owner: bob }) }, [bob]: { json: actorDocument(bob) } },
      rejected('hostile'),
    ],
    [
      'owner on another host',
      elsewhere,
      {
        [elsewhere]: { json: keyDocument({ owner: victim }) },
        [victim]: { json: actorDocument(victim) },
      },
      rejected('hostile'),
    ],
    [
      'actor claims an owner elsewhere',
      keyId,
      {
        [bob]: {
          json: actorDocument(bob, {
            publicKey: { id: keyId, owner: victim, publicKeyPem: publicPem(fresh) },
          }),
        },
        [victim]: { json: actorDocument(victim) },
      },
      rejected('hostile'),
    ],
    [
      'actor of a victim served at the key',
      keyId,
      { [bob]: { json: actorDocument(victim) }, [victim]: { json: actorDocument(victim) } },
      rejected('hostile'),
    ],
    [
      'redirect to an actor of another host',
      keyId,
      {
        [bob]: { status: 302, headers: { location: victim } },
        [victim]: {
          json: actorDocument(victim, {
            publicKey: { id: keyId, owner: victim, publicKeyPem: publicPem(fresh) },
          }),
        },
      },
      rejected('hostile'),
    ],
    [
      'actor without keys',
      keyId,
      { [bob]: { json: actorDocument(bob, { publicKey: undefined }) } },
      rejected('hostile'),
    ],
    [
      'another key id',
      `${bob}#other`,
      { [bob]: { json: actorDocument(bob) } },
      rejected('hostile'),
    ],
    ['no PEM', keyId, { [bob]: { json: withKey('hello') } }, rejected('unusable-key')],
    [
      'a key of another kind',
      keyId,
      {
        [bob]: {
          json: withKey(
            generateKeyPairSync('ec', { namedCurve: 'P-256' })
              .publicKey.export({ type: 'spki', format: 'pem' })
              .toString(),
          ),
        },
      },
      rejected('unusable-key'),
    ],
    [
      'a key of 512 bits',
      keyId,
      { [bob]: { json: withKey(publicPem(generateKeyPairSync('rsa', { modulusLength: 512 }))) } },
      rejected('unusable-key'),
    ],
    ['deleted actor', keyId, { [bob]: { status: 410 } }, rejected('gone')],
    ['server away', keyId, { [bob]: new TransientError('timed out') }, { name: 'TransientError' }],
    ['acct: as key id', 'acct:bob@social.test', {}, rejected('unusable-key')],
    ['nonsense as key id', 'main-key', {}, rejected('unusable-key')],
    [
      'a key id without end',
      `https://social.test/${'x'.repeat(3_000)}`,
      {},
      rejected('unusable-key'),
    ],
  ])('%s', async (...[, id, pages, expected]) => {
    const outcome = await failureOf(keyringOf(createWeb(pages)).keyFor(id))
    expect(outcome).toMatchObject(expected as Record<string, unknown>)
  })
})

test('of one id, the RSA key counts, though the actor names it as a Multikey as well', async () => {
  const { publicKey } = actorDocument(bob)
  const web = createWeb({
    [bob]: { json: actorDocument(bob, { publicKey, assertionMethod: multikey(keyId) }) },
  })
  expect((await keyringOf(web).keyFor(keyId)).key.asymmetricKeyType).toBe('rsa')
})

describe('a rotated key', () => {
  const old = parseActor({ ...withKey(publicPem(instanceKey)), webfinger: 'x' }, 0)

  test('is fetched again, and the stored actor gets its keys and keeps its handle', async () => {
    const web = createWeb({ [bob]: { json: withKey(publicPem(fresh), { name: 'New name' }) } })
    const { refetch, actors } = keyringOf(web, [{ ...old, host: 'handle.test' }])
    expect(await pemOf(refetch(keyId))).toBe(publicPem(fresh))
    const saved = {
      ...old,
      host: 'handle.test',
      publicKeys: [{ id: keyId, owner: bob, pem: publicPem(fresh) }],
    }
    expect([...actors.values()]).toEqual([saved])
  })

  test('is not fetched more than once a minute', async () => {
    const web = createWeb({ [bob]: { json: withKey(publicPem(instanceKey)) } })
    const { keyFor, refetch } = keyringOf(web)
    await keyFor(keyId)
    await refetch(keyId)
    web.clock.time += 59_000
    await refetch(keyId)
    expect(web.asked()).toEqual([bob])
    web.pages[bob] = { json: withKey(publicPem(fresh)) }
    web.clock.time += 1_000
    expect(await pemOf(refetch(keyId))).toBe(publicPem(fresh))
    await refetch(keyId)
    expect(web.asked()).toEqual([bob, bob])
  })
})

describe('what could not be had', () => {
  test.each<readonly [string, Page, number]>([
    ['refused', { status: 404 }, 600_000],
    ['away', { status: 502 }, 30_000],
  ])('%s is not asked for again at once', async (_name, page, lasts) => {
    const web = createWeb({ [bob]: page })
    const { keyFor } = keyringOf(web)
    const first = await failureOf(keyFor(keyId))
    web.clock.time += lasts - 1
    expect(await failureOf(keyFor(keyId))).toEqual(first)
    expect(web.asked()).toEqual([bob])
    web.clock.time += 1
    web.pages[bob] = { json: actorDocument(bob) }
    expect((await keyFor(keyId)).owner).toBe(bob)
  })

  test('a host is asked for a few keys at a time, others are not held up', async () => {
    const carol = 'https://other.test/users/carol'
    const web = createWeb({ [carol]: { json: actorDocument(carol) }, [bob]: { json: {} } })
    const { keyFor } = keyringOf(web)
    const many = Array.from({ length: 20 }, (_, n) => failureOf(keyFor(`${bob}/${n}#main-key`)))
    const one = keyFor(`${carol}#main-key`)
    const outcomes = await Promise.all(many)
    const transient = outcomes.filter(
      (outcome) => Reflect.get(outcome as object, 'name') === 'TransientError',
    )
    expect([transient.length, (await one).owner]).toEqual([16, carol])
  })
})
