import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Pems } from '../../src/activitypub/key-pairs.ts'

/** RSA keys are slow to make, and long ones to sign with: a process has a few short ones, which all actors of the bridge share. */
const poolSize = 3
const pool: Pems[] = []

function pairAt(index: number): Pems {
  const known = pool[index % poolSize]
  if (known !== undefined) return known
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 512,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const pems = { publicPem: publicKey, privatePem: privateKey }
  pool[index % poolSize] = pems
  return pems
}

export function createKeySource(): () => Promise<Pems> {
  let made = 0
  return async () => pairAt(made++)
}

const parsed = new Map<string, KeyObject>()

export function publicKeyOf(pem: string): KeyObject {
  const key = parsed.get(pem) ?? createPublicKey(pem)
  parsed.set(pem, key)
  return key
}
