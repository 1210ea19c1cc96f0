import { createHmac } from 'node:crypto'
import type { Clock } from './model/clock.ts'
import type { Config } from './config/config.ts'
import type { Keys } from './bridge/ports.ts'
import type { SqliteStore } from './store/store.ts'
import { createKeyPairs, type KeyPairs, type Pems } from './activitypub/key-pairs.ts'
import { createSealer, type Sealer } from './activitypub/sealing.ts'

export type KeysWorld = {
  readonly config: Config
  readonly clock: Clock
  readonly keyPool: number
  readonly generateKeys?: () => Promise<Pems>
}

const sealerOf = ({ encryptionKey, oldEncryptionKey }: Config): Sealer =>
  createSealer([encryptionKey, ...(oldEncryptionKey === undefined ? [] : [oldEncryptionKey])])

/** The keys of our own actors. */
export function buildKeys(
  { config, clock, keyPool, generateKeys }: KeysWorld,
  { keyPairsOf, commit }: SqliteStore,
): { readonly keyPairs: KeyPairs; readonly keys: Keys } {
  const keyPairs = createKeyPairs({
    ...{ keyPairsOf, commit, clock },
    sealer: sealerOf(config),
    poolSize: keyPool,
    ...(generateKeys === undefined ? {} : { generate: generateKeys }),
  })
  const ensureKeys = async (actorId: Parameters<Keys['ensureKeys']>[0]): Promise<void> => {
    await keyPairs.keysFor(actorId)
  }
  return { keyPairs, keys: { ensureKeys, rotate: keyPairs.rotate, forget: keyPairs.forget } }
}

/** Seals whatever is not sealed with the key of the configuration. Throws `WrongEncryptionKey`. */
export async function sealKeys(config: Config, store: SqliteStore): Promise<void> {
  const sealer = sealerOf(config)
  await store.resealKeys((actorId, { keyId, sealed }) => sealer.reseal(sealed, { actorId, keyId }))
}

/**
 * Ids that are the same whenever they are asked for with the same words, and that nobody else can guess:
 * 22 characters `[A-Za-z0-9_-]`.
 */
export function idsOf({ encryptionKey }: Config): (seed: string) => string {
  const key = createHmac('sha256', encryptionKey).update('ids of what we write').digest()
  return (seed) =>
    createHmac('sha256', key).update(seed).digest().subarray(0, 16).toString('base64url')
}

/** When keys are replaced by themselves. */
export const rotationIn = ({ activitypub }: Config): { readonly rotateKeysAfter?: number } =>
  activitypub.rotateKeysAfter === undefined ? {} : { rotateKeysAfter: activitypub.rotateKeysAfter }
