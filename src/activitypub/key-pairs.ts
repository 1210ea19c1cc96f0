import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'

import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Clock } from '../model/clock.ts'
import type { KeyPair } from '../model/actor.ts'
import { createLru } from './lru.ts'

export type Pems = Omit<KeyPair, 'keyId'>
export type SigningKey = { readonly keyId: string; readonly privateKey: KeyObject }

export type KeyPairsDeps = {
  readonly findKeyPair: (actorId: ActorId) => Promise<KeyPair | undefined>
  readonly commit: (changes: readonly Change[]) => Promise<void>
  readonly clock: Clock
  /** Pairs made in advance, so that a first follow need not wait for one; 0 makes none. */
  readonly poolSize: number
  /** RSA-2048 in the thread pool, unless a simulation brings its own. */
  readonly generate?: () => Promise<Pems>
}

export type KeyPairs = {
  /** Idempotent: the first pair of an actor stays for ever. */
  readonly ensureKeyPair: (actorId: ActorId) => Promise<KeyPair>
  /** What signs for that actor; makes the pair where there is none. */
  readonly signingKey: (actorId: ActorId) => Promise<SigningKey>
}

/** RSA-2048 as SPKI (PeerTube takes no PKCS#1) and PKCS#8, made in the thread pool (about 0.5 s). */
export function generateRsaPair(): Promise<Pems> {
  return new Promise((resolve, reject) => {
    const encoding = {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    } as const
    generateKeyPair('rsa', encoding, (error, publicPem, privatePem) => {
      if (error === null) resolve({ publicPem, privatePem })
      else reject(error)
    })
  })
}

/** Pairs made ahead, one at a time so that signing finds threads free. */
function createPool(size: number, generate: () => Promise<Pems>): () => Promise<Pems> {
  const ready: Pems[] = []
  let isFilling = false
  const fill = async (): Promise<void> => {
    if (isFilling) return
    isFilling = true
    try {
      while (ready.length < size) ready.push(await generate())
    } catch {
      // Whoever needs a pair makes one, and gets the error.
    } finally {
      isFilling = false
    }
  }
  void fill()
  return () => {
    const pair = ready.pop()
    void fill()
    return pair === undefined ? generate() : Promise.resolve(pair)
  }
}

/** Makes, keeps and hands out the keys of our own actors. */
export function createKeyPairs(deps: KeyPairsDeps): KeyPairs {
  const take = createPool(deps.poolSize, deps.generate ?? generateRsaPair)
  const running = new Map<ActorId, Promise<KeyPair>>()
  const privateKeys = createLru<SigningKey>(1_000)

  const ensure = async (actorId: ActorId): Promise<KeyPair> => {
    const known = await deps.findKeyPair(actorId)
    if (known !== undefined) return known
    const made = { ...(await take()), keyId: `${actorId}#main-key` }
    await deps.commit([{ change: 'put-key-pair', actorId, pair: made, at: deps.clock.now() }])
    // Another process may have been first: the store keeps one pair, and that one counts.
    return (await deps.findKeyPair(actorId)) ?? made
  }
  const ensureKeyPair = (actorId: ActorId): Promise<KeyPair> => {
    const known = running.get(actorId)
    if (known !== undefined) return known
    const started = ensure(actorId).finally(() => running.delete(actorId))
    running.set(actorId, started)
    return started
  }
  return {
    ensureKeyPair,
    async signingKey(actorId) {
      const known = privateKeys.get(actorId)
      if (known !== undefined) return known
      const { keyId, privatePem } = await ensureKeyPair(actorId)
      const key = { keyId, privateKey: createPrivateKey(privatePem) }
      privateKeys.set(actorId, key)
      return key
    },
  }
}
