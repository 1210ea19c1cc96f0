import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'

import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Clock } from '../model/clock.ts'
import type { KeyKind, KeyPair } from '../model/actor.ts'
import { createLru } from './lru.ts'
import { encodeMultikey } from './multikey.ts'
import type { Sealer } from './sealing.ts'

/** SPKI and PKCS#8. */
export type Pems = { readonly publicPem: string; readonly privatePem: string }
export type SigningKey = { readonly keyId: string; readonly privateKey: KeyObject }
export type Multikey = { readonly id: string; readonly publicKeyMultibase: string }

/** The keys of one of our actors, ready for use. */
export type ActorKeys = {
  /** The one key that signs requests. */
  readonly publicKey: { readonly id: string; readonly pem: string }
  readonly signing: SigningKey
  /** The one before it, for a while after a rotation. */
  readonly previous?: SigningKey
  /** What documents are proven with: the one that proves now, then those of before. */
  readonly multikeys: readonly Multikey[]
  readonly proving: SigningKey
}

export type KeyPairsDeps = {
  readonly keyPairsOf: (actorId: ActorId) => Promise<readonly KeyPair[]>
  readonly commit: (changes: readonly Change[]) => Promise<void>
  readonly sealer: Sealer
  readonly clock: Clock
  /** RSA pairs made in advance, so that a first follow need not wait for one; 0 makes none. */
  readonly poolSize: number
  /** RSA-2048 in the thread pool, unless a simulation brings its own. */
  readonly generate?: () => Promise<Pems>
}

export type KeyPairs = {
  /** Idempotent: makes what is missing. */
  readonly keysFor: (actorId: ActorId) => Promise<ActorKeys>
  /** What `keysFor` found, where that is still at hand. */
  readonly known: (actorId: ActorId) => ActorKeys | undefined
  readonly signingKey: (actorId: ActorId) => Promise<SigningKey>
  /** New keys for an actor whose keys were made before that time, milliseconds since the epoch. Idempotent. */
  readonly rotate: (actorId: ActorId, before: number) => Promise<void>
  /** Nothing of them stays in memory. */
  readonly forget: (actorId: ActorId) => void
}

/** In memory, milliseconds: retired keys are forgotten in the end. */
const keptFor = 3_600_000

const encodings = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const

/** RSA-2048 as SPKI (PeerTube takes no PKCS#1) and PKCS#8, made in the thread pool (about 0.5 s). */
export function generateRsaPair(): Promise<Pems> {
  return new Promise((resolve, reject) => {
    const options = { modulusLength: 2048, ...encodings }
    generateKeyPair('rsa', options, (error, publicPem, privatePem) => {
      if (error === null) resolve({ publicPem, privatePem })
      else reject(error)
    })
  })
}

/** In a tenth of a millisecond, so it is not worth another thread. */
function generateEd25519Pair(): Pems {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    publicPem: publicKey.export(encodings.publicKeyEncoding).toString(),
    privatePem: privateKey.export(encodings.privateKeyEncoding).toString(),
  }
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

const fragments: Readonly<Record<KeyKind, string>> = { rsa: 'main-key', ed25519: 'ed25519-key' }

/** `#main-key`, then `#main-key-2` and so on: whoever kept the old key looks the new one up. */
function nextKeyId(actorId: ActorId, kind: KeyKind, last: KeyPair | undefined): string {
  const fragment = `${actorId}#${fragments[kind]}`
  if (last === undefined) return fragment
  const number = Number(/-(\d+)$/.exec(last.keyId)?.[1] ?? 1)
  return `${fragment}-${number + 1}`
}

const inUse = (pairs: readonly KeyPair[], kind: KeyKind): KeyPair | undefined =>
  pairs.find((pair) => pair.kind === kind && pair.retiredAt === undefined)

const toMultikey = ({ keyId, publicPem }: KeyPair): Multikey => ({
  id: keyId,
  publicKeyMultibase: encodeMultikey(createPublicKey(publicPem)),
})

type Both = { readonly rsa: KeyPair; readonly ed25519: KeyPair }

function toActorKeys(
  { rsa, ed25519 }: Both,
  pairs: readonly KeyPair[],
  open: (pair: KeyPair) => SigningKey,
): ActorKeys {
  const isRetired = ({ kind, retiredAt }: KeyPair, wanted: KeyKind): boolean =>
    kind === wanted && retiredAt !== undefined
  const before = pairs.find((pair) => isRetired(pair, 'rsa'))
  const proved = pairs.filter((pair) => isRetired(pair, 'ed25519'))
  return {
    publicKey: { id: rsa.keyId, pem: rsa.publicPem },
    signing: open(rsa),
    ...(before === undefined ? {} : { previous: open(before) }),
    multikeys: [ed25519, ...proved].map(toMultikey),
    proving: open(ed25519),
  }
}

/** Makes keys, and keeps those that an actor misses. */
function createMaker({ keyPairsOf, commit, sealer, clock, poolSize, generate }: KeyPairsDeps) {
  const takeRsa = createPool(poolSize, generate ?? generateRsaPair)
  const make = async (
    actorId: ActorId,
    kind: KeyKind,
    last: KeyPair | undefined,
  ): Promise<KeyPair> => {
    const { publicPem, privatePem } = await (kind === 'rsa' ? takeRsa() : generateEd25519Pair())
    const keyId = nextKeyId(actorId, kind, last)
    const sealed = sealer.seal(privatePem, { actorId, keyId })
    return { kind, keyId, publicPem, sealed, madeAt: clock.now() }
  }
  const ensure = async (actorId: ActorId): Promise<readonly KeyPair[]> => {
    const pairs = await keyPairsOf(actorId)
    const missing = (['rsa', 'ed25519'] as const).filter((kind) => inUse(pairs, kind) === undefined)
    if (missing.length === 0) return pairs
    const made = await Promise.all(missing.map((kind) => make(actorId, kind, undefined)))
    await commit(made.map((pair) => ({ change: 'put-key-pair', actorId, pair })))
    // Another process may have been first: the store keeps one pair, and that one counts.
    return keyPairsOf(actorId)
  }
  return { make, ensure }
}

/** Makes, keeps, rotates and hands out the keys of our own actors. */
export function createKeyPairs(deps: KeyPairsDeps): KeyPairs {
  const { keyPairsOf, commit, sealer, clock } = deps
  const { make, ensure } = createMaker(deps)
  const running = new Map<ActorId, Promise<ActorKeys>>()
  const ready = createLru<{ readonly keys: ActorKeys; readonly until: number }>(1_000)

  const load = async (actorId: ActorId): Promise<ActorKeys> => {
    const pairs = await ensure(actorId)
    const [rsa, ed25519] = [inUse(pairs, 'rsa'), inUse(pairs, 'ed25519')]
    if (rsa === undefined || ed25519 === undefined) throw new Error(`${actorId} has no keys`)
    const open = ({ keyId, sealed }: KeyPair): SigningKey => ({
      keyId,
      privateKey: createPrivateKey(sealer.open(sealed, { actorId, keyId })),
    })
    const keys = toActorKeys({ rsa, ed25519 }, pairs, open)
    ready.set(actorId, { keys, until: clock.now() + keptFor })
    return keys
  }
  const keysFor = async (actorId: ActorId): Promise<ActorKeys> => {
    const known = ready.get(actorId)
    if (known !== undefined && known.until > clock.now()) return known.keys
    const loading = running.get(actorId)
    if (loading !== undefined) return loading
    const started = load(actorId).finally(() => running.delete(actorId))
    running.set(actorId, started)
    return started
  }
  return {
    keysFor,
    known: (actorId) => ready.get(actorId)?.keys,
    signingKey: async (actorId) => (await keysFor(actorId)).signing,
    forget: (actorId) => ready.delete(actorId),
    async rotate(actorId, before) {
      await keysFor(actorId)
      const pairs = await keyPairsOf(actorId)
      const kinds = (['rsa', 'ed25519'] as const).filter(
        (kind) => (inUse(pairs, kind)?.madeAt ?? before) < before,
      )
      const made = await Promise.all(kinds.map((kind) => make(actorId, kind, inUse(pairs, kind))))
      await commit(made.map((pair) => ({ change: 'rotate-key-pair', actorId, pair })))
      // Whoever is reading the old ones would keep them.
      await running.get(actorId)
      ready.delete(actorId)
    },
  }
}
