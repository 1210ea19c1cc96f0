import { createPublicKey, sign, verify } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'

import { createKeyPairs, generateRsaPair, type Pems } from '../../src/activitypub/key-pairs.ts'
import { decodeMultikey } from '../../src/activitypub/multikey.ts'
import { createSealer } from '../../src/activitypub/sealing.ts'
import { asActorId } from '../../src/model/ids.ts'
import { createManualClock } from '../support/clock.ts'
import { createStore } from '../../src/store/store.ts'
import { openDatabase } from '../../src/store/database.ts'

const alice = asActorId('https://fedi.example.org/actors/alice')
const sealer = createSealer(['encryption-key-of-the-tests-1234567'])
const rsa = await generateRsaPair()

async function setup(generate: () => Promise<Pems> = async () => rsa, poolSize = 0) {
  const clock = createManualClock(1_000)
  const store = createStore({ database: await openDatabase('sqlite::memory:'), clock })
  const create = () => createKeyPairs({ ...store, sealer, clock, poolSize, generate })
  return { store, clock, create, keys: create() }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('keys of an actor', () => {
  test('are made once for many who ask at once, and kept', async () => {
    let made = 0
    const { store, keys, create } = await setup(async () => (made++, rsa))
    const all = await Promise.all(Array.from({ length: 10 }, () => keys.keysFor(alice)))
    expect(new Set(all).size).toBe(1)
    const again = await create().keysFor(alice)
    expect([again.publicKey, again.multikeys]).toEqual([all[0]?.publicKey, all[0]?.multikeys])
    expect([made, (await store.keyPairsOf(alice)).length]).toEqual([1, 2])
  })

  test('that another process stored first win', async () => {
    const { store, clock, keys } = await setup()
    const late = createKeyPairs({
      ...{ ...store, sealer, clock, poolSize: 0 },
      generate: async () => (await keys.keysFor(alice), rsa),
    })
    expect((await late.keysFor(alice)).multikeys).toEqual((await keys.keysFor(alice)).multikeys)
  })

  test('are made in advance where a pool is wanted', async () => {
    let made = 0
    const { keys } = await setup(async () => (made++, rsa), 2)
    await settle()
    expect(made).toBe(2)
    await keys.keysFor(alice)
    await settle()
    expect(made).toBe(3)
  })

  test('whose making failed in advance are made when needed', async () => {
    let tries = 0
    const generate = () =>
      tries++ === 0 ? Promise.reject(new Error('no entropy')) : Promise.resolve(rsa)
    const { keys } = await setup(generate, 1)
    await settle()
    expect((await keys.keysFor(alice)).publicKey.pem).toBe(rsa.publicPem)
  })

  test('are RSA as every server reads it, and Ed25519 as a Multikey, and sign', async () => {
    const { keys } = await setup()
    const { publicKey, signing, multikeys, proving, previous } = await keys.keysFor(alice)
    expect([publicKey.id, publicKey.pem.split('\n')[0], signing.keyId, previous]).toEqual([
      `${alice}#main-key`,
      '-----BEGIN PUBLIC KEY-----',
      `${alice}#main-key`,
      undefined,
    ])
    const signature = sign('sha256', Buffer.from('x'), signing.privateKey)
    expect(verify('sha256', Buffer.from('x'), createPublicKey(publicKey.pem), signature)).toBe(true)
    expect([multikeys.length, multikeys[0]?.id, proving.keyId]).toEqual([
      1,
      `${alice}#ed25519-key`,
      `${alice}#ed25519-key`,
    ])
    const proof = sign(null, Buffer.from('x'), proving.privateKey)
    const told = decodeMultikey(multikeys[0]?.publicKeyMultibase ?? '')
    expect(told && verify(null, Buffer.from('x'), told, proof)).toBe(true)
    expect(keys.known(alice)?.proving).toBe(proving)
  })

  test('lie in the database sealed', async () => {
    const { store, keys } = await setup()
    await keys.keysFor(alice)
    const pairs = await store.keyPairsOf(alice)
    expect(pairs.map(({ sealed }) => sealed.slice(0, 3))).toEqual(['v1.', 'v1.'])
    const other = createSealer(['another-encryption-key-of-the-tests'])
    const strange = createKeyPairs({
      ...store,
      sealer: other,
      clock: createManualClock(),
      poolSize: 0,
    })
    await expect(strange.keysFor(alice)).rejects.toThrow('sealed with another encryption_key')
  })

  test('of an actor who had but the one for requests get the other, and that one stays', async () => {
    const { store, keys } = await setup()
    const keyId = `${alice}#main-key`
    const sealed = sealer.seal(rsa.privatePem, { actorId: alice, keyId })
    const pair = { kind: 'rsa', keyId, publicPem: rsa.publicPem, sealed, madeAt: 1 } as const
    await store.commit([{ change: 'put-key-pair', actorId: alice, pair }])
    const { multikeys } = await keys.keysFor(alice)
    expect(multikeys.length).toBe(1)
    expect((await store.keyPairsOf(alice)).filter((one) => one.kind === 'rsa')).toEqual([pair])
  })
})

describe('rotation', () => {
  test('makes keys with other ids; the old ones are told of for a while', async () => {
    const { keys, clock, store } = await setup()
    const before = await keys.keysFor(alice)
    await clock.advance(5_000)
    await keys.rotate(alice, clock.now())
    const after = await keys.keysFor(alice)
    expect([after.publicKey.id, after.previous?.keyId]).toEqual([
      `${alice}#main-key-2`,
      `${alice}#main-key`,
    ])
    expect(after.multikeys.map(({ id }) => id)).toEqual([
      `${alice}#ed25519-key-2`,
      `${alice}#ed25519-key`,
    ])
    expect(after.multikeys[1]).toEqual(before.multikeys[0])
    const retired = (await store.keyPairsOf(alice)).filter((one) => one.retiredAt !== undefined)
    // Nothing can be proven with the old one any more.
    expect(retired.find(({ kind }) => kind === 'ed25519')?.sealed).toBe('')
    await store.forgetKeys(clock.now() + 1)
    await clock.advance(3_600_001)
    const later = await keys.keysFor(alice)
    expect([later.previous, later.multikeys.length]).toEqual([undefined, 1])
    expect(later.publicKey).toEqual(after.publicKey)
  })

  test('that is asked for twice is done once, and a third key has a third id', async () => {
    const { keys, clock } = await setup()
    await keys.keysFor(alice)
    await clock.advance(10)
    const asked = clock.now()
    await keys.rotate(alice, asked)
    await keys.rotate(alice, asked)
    expect((await keys.keysFor(alice)).publicKey.id).toBe(`${alice}#main-key-2`)
    await clock.advance(10)
    await keys.rotate(alice, clock.now())
    expect((await keys.keysFor(alice)).publicKey.id).toBe(`${alice}#main-key-3`)
  })
})
