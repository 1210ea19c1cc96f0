import { createPublicKey, sign, verify } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'

import { createKeyPairs, generateRsaPair, type Pems } from '../../src/activitypub/key-pairs.ts'
import type { ActorId } from '../../src/model/ids.ts'
import { asActorId } from '../../src/model/ids.ts'
import type { KeyPair } from '../../src/model/actor.ts'

const alice = asActorId('https://fedi.example.org/actors/alice')
const clock = { now: () => 7, sleep: () => Promise.resolve() }

function createStore() {
  const pairs = new Map<ActorId, KeyPair>()
  const ats: number[] = []
  return {
    pairs,
    ats,
    findKeyPair: (id: ActorId) => Promise.resolve(pairs.get(id)),
    commit: (changes: readonly { readonly change: string }[]) => {
      for (const change of changes) {
        if (!('actorId' in change && 'pair' in change && 'at' in change)) continue
        const put = change as unknown as { actorId: ActorId; pair: KeyPair; at: number }
        ats.push(put.at)
        if (!pairs.has(put.actorId)) pairs.set(put.actorId, put.pair)
      }
      return Promise.resolve()
    },
  }
}

function counting(delay = Promise.resolve()) {
  const made: Pems[] = []
  const generate = async () => {
    await delay
    const pair = { publicPem: `public ${made.length}`, privatePem: `private ${made.length}` }
    made.push(pair)
    return pair
  }
  return { made, generate }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('key pairs', () => {
  test('are made once for many who ask at once, and kept', async () => {
    const store = createStore()
    const { made, generate } = counting()
    const keys = createKeyPairs({ ...store, clock, poolSize: 0, generate })
    const all = await Promise.all(Array.from({ length: 10 }, () => keys.ensureKeyPair(alice)))
    all.push(await keys.ensureKeyPair(alice))
    const pair = { keyId: `${alice}#main-key`, publicPem: 'public 0', privatePem: 'private 0' }
    expect(all).toEqual(Array.from({ length: 11 }, () => pair))
    expect([made.length, store.ats]).toEqual([1, [7]])
  })

  test('that another process stored first win', async () => {
    const store = createStore()
    const first = { keyId: `${alice}#main-key`, publicPem: 'first', privatePem: 'first' }
    const generate = async () => {
      store.pairs.set(alice, first)
      return { publicPem: 'late', privatePem: 'late' }
    }
    const keys = createKeyPairs({ ...store, clock, poolSize: 0, generate })
    expect(await keys.ensureKeyPair(alice)).toEqual(first)
  })

  test('are made in advance where a pool is wanted', async () => {
    const { made, generate } = counting()
    const keys = createKeyPairs({ ...createStore(), clock, poolSize: 2, generate })
    await settle()
    expect(made.length).toBe(2)
    expect((await keys.ensureKeyPair(alice)).publicPem).toBe('public 1')
    await settle()
    expect(made.length).toBe(3)
  })

  test('whose making failed in advance are made when needed', async () => {
    let tries = 0
    const generate = () => {
      tries++
      return tries === 1
        ? Promise.reject(new Error('no entropy'))
        : Promise.resolve({ publicPem: 'p', privatePem: 'q' })
    }
    const keys = createKeyPairs({ ...createStore(), clock, poolSize: 1, generate })
    await settle()
    expect((await keys.ensureKeyPair(alice)).publicPem).toBe('p')
  })

  test('are RSA as every server reads them, and sign', async () => {
    const store = createStore()
    const keys = createKeyPairs({ ...store, clock, poolSize: 0, generate: generateRsaPair })
    const { keyId, privateKey } = await keys.signingKey(alice)
    const { publicPem = '', privatePem = '' } = store.pairs.get(alice) ?? {}
    expect([keyId, publicPem.split('\n')[0], privatePem.split('\n')[0]]).toEqual([
      `${alice}#main-key`,
      '-----BEGIN PUBLIC KEY-----',
      '-----BEGIN PRIVATE KEY-----',
    ])
    const signature = sign('sha256', Buffer.from('x'), privateKey)
    expect(verify('sha256', Buffer.from('x'), createPublicKey(publicPem), signature)).toBe(true)
    expect((await keys.signingKey(alice)).privateKey).toBe(privateKey)
  })
})
