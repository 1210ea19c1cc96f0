import { hash, type KeyObject, sign, verify } from 'node:crypto'
import { canonicalize } from './canonical-json.ts'
import type { SigningKey } from './key-pairs.ts'
import { decodeMultibase, encodeMultibase } from './multikey.ts'
import { isJson, type Json } from './parse-values.ts'

/**
 * Object integrity (FEP-8b32) with `eddsa-jcs-2022` (Data Integrity EdDSA Cryptosuites 1.0, 3.3): a
 * document says by itself who wrote it, whoever brings it.
 */
export const proofContext = 'https://w3id.org/security/data-integrity/v1'

const kind = { type: 'DataIntegrityProof', cryptosuite: 'eddsa-jcs-2022' } as const
const proofPurpose = 'assertionMethod'

/** Options and document, each by its own hash. */
function toSign(options: Json, document: Json): Buffer {
  const hashOf = (value: Json): Buffer => hash('sha256', canonicalize(value), 'buffer')
  return Buffer.concat([hashOf(options), hashOf(document)])
}

/** Some verifiers write the time anew before they hash it: only whole seconds come out the same. */
const toSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')

/** The document with its proof. Its `@context` has to name `proofContext`. */
export function addProof(document: Json, { keyId, privateKey }: SigningKey, now: number): Json {
  const { '@context': context } = document
  const options = {
    ...(context === undefined ? {} : { '@context': context }),
    ...kind,
    created: toSeconds(now),
    verificationMethod: keyId,
    proofPurpose,
  }
  const proofValue = encodeMultibase(sign(null, toSign(options, document), privateKey))
  return { ...document, proof: { ...options, proofValue } }
}

/** What the document says, without its proof. */
export const withoutProof = (document: Json): Json =>
  Object.fromEntries(Object.entries(document).filter(([name]) => name !== 'proof'))

export type Proof = {
  /** Whose key it must be; not yet proven. */
  readonly verificationMethod: string
  /** Everything but the value, all of which is signed. */
  readonly options: Json
  readonly value: Buffer
  /** What was signed beside the options. */
  readonly document: Json
}

/** Options whose meaning we do not check are not overlooked. */
const understood: ReadonlySet<string> = new Set([
  ...['@context', 'type', 'cryptosuite', 'created', 'expires', 'verificationMethod'],
  ...['proofPurpose', 'proofValue', 'id'],
])

const longestMethod = 2_048
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

const timeOf = (value: unknown): number =>
  typeof value === 'string' && time.test(value) ? Date.parse(value) : Number.NaN

/** Somebody else's clock may be ahead of ours, milliseconds. */
const margin = 3_600_000

/** Made in the past, and not to be believed for ever where it says so. */
function isInTime({ created, expires }: Json, now: number): boolean {
  if (!(timeOf(created) <= now + margin)) return false
  return expires === undefined || timeOf(expires) > now
}

const isSame = (a: unknown, b: unknown): boolean => canonicalize(a) === canonicalize(b)

/**
 * The one proof that a document carries, where it is of the kind that we know and in time; undefined
 * for every other. Nothing is verified yet. `now`: milliseconds since the epoch.
 */
export function readProof(signed: Json, now: number): Proof | undefined {
  const { proof, ...document } = signed
  if (!isJson(proof)) return undefined
  const { proofValue, ...options } = proof
  const { verificationMethod } = options
  const isKnown = options['type'] === kind.type && options['cryptosuite'] === kind.cryptosuite
  if (!isKnown || options['proofPurpose'] !== proofPurpose) return undefined
  if (Object.keys(proof).some((name) => !understood.has(name))) return undefined
  if (typeof verificationMethod !== 'string' || verificationMethod.length > longestMethod)
    return undefined
  if (!isInTime(options, now)) return undefined
  const value = typeof proofValue === 'string' ? decodeMultibase(proofValue) : undefined
  if (value?.length !== 64) return undefined
  return { verificationMethod, options, value, document }
}

/**
 * Options as they may have been signed: with the context that they name, which has to be that of the
 * document; without one, some signers mean the document's, and some none.
 */
function* optionsOf({ options, document }: Proof): Iterable<Json> {
  const { '@context': context } = document
  if ('@context' in options) {
    if (isSame(options['@context'], context ?? null)) yield options
    return
  }
  if (context !== undefined) yield { ...options, '@context': context }
  yield options
}

/**
 * The document as it may have been signed. A linked-data signature is made of the whole and so often
 * comes after the proof; nothing here ever looks at what it says.
 */
function* documentsOf({ document }: Proof): Iterable<Json> {
  const { signature, ...rest } = document
  if (signature !== undefined) yield rest
  yield document
}

function* candidatesOf(proof: Proof): Iterable<Buffer> {
  for (const options of optionsOf(proof)) {
    for (const document of documentsOf(proof)) yield toSign(options, document)
  }
}

/** Whether the holder of that Ed25519 key said exactly this. Costs four verifications at most. */
export function verifyProof(proof: Proof, publicKey: KeyObject): boolean {
  if (publicKey.asymmetricKeyType !== 'ed25519') return false
  try {
    for (const bytes of candidatesOf(proof)) {
      if (verify(null, bytes, publicKey, proof.value)) return true
    }
  } catch (error) {
    // No JSON that has a canonical form.
    if (error instanceof TypeError) return false
    throw error
  }
  return false
}
