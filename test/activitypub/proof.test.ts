import { createPublicKey, generateKeyPairSync, hash, sign } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { canonicalize } from '../../src/activitypub/canonical-json.ts'
import { decodeMultikey, encodeMultibase, encodeMultikey } from '../../src/activitypub/multikey.ts'
import { addProof, proofContext, readProof, verifyProof } from '../../src/activitypub/proof.ts'
import type { Json } from '../../src/activitypub/parse-values.ts'
import { testKeys } from '../support/keys.ts'

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const alice = 'https://fedi.test/actors/a'
const { proving } = testKeys(alice)
const publicKey = createPublicKey(proving.privateKey)
const note: Json = {
  '@context': ['https://www.w3.org/ns/activitystreams', proofContext],
  id: 'https://fedi.test/activities/1',
  type: 'Create',
  actor: alice,
  object: { type: 'Note', content: '<p>ü €</p>', tag: [], n: 1.5 },
}
const signed = addProof(note, proving, now)
const holds = (document: Json, key = publicKey, at = now): boolean => {
  const proof = readProof(document, at)
  return proof !== undefined && verifyProof(proof, key)
}
const withOption = (change: Json): Json => ({
  ...signed,
  proof: { ...(signed['proof'] as Json), ...change },
})
const omit = (document: Json, name: string): Json =>
  Object.fromEntries(Object.entries(document).filter(([member]) => member !== name))
const without = (name: string): Json => ({ ...signed, proof: omit(signed['proof'] as Json, name) })

describe('a proof of ours', () => {
  test('says who, what for and when, and holds', () => {
    expect(signed['proof']).toEqual({
      '@context': note['@context'],
      type: 'DataIntegrityProof',
      cryptosuite: 'eddsa-jcs-2022',
      created: '2026-01-02T03:04:05Z',
      verificationMethod: `${alice}#ed25519-key`,
      proofPurpose: 'assertionMethod',
      proofValue: expect.stringMatching(/^z[1-9A-HJ-NP-Za-km-z]{86,88}$/),
    })
    expect(readProof(signed, now)?.verificationMethod).toBe(`${alice}#ed25519-key`)
    expect(holds(signed)).toBe(true)
    expect(holds(JSON.parse(JSON.stringify(signed)) as Json)).toBe(true)
  })

  test('is the same each time, so that what is sent again is the same', () => {
    expect(addProof(note, proving, now)).toEqual(signed)
  })

  test('does not mind the order of members, nor how the text is written', () => {
    const turned = Object.fromEntries(Object.entries(signed).reverse())
    expect(holds(JSON.parse(JSON.stringify(turned, undefined, 3)) as Json)).toBe(true)
  })
})

describe('a linked-data signature beside the proof', () => {
  const signature = { type: 'RsaSignature2017', creator: `${alice}#main-key`, signatureValue: 'x' }

  test('may be added after it, as Fedify does, or stand there before', () => {
    expect(holds({ ...signed, signature })).toBe(true)
    expect(holds(addProof({ ...note, signature }, proving, now))).toBe(true)
  })

  test('is no place for anything else', () => {
    expect(holds({ ...signed, signature, actor: 'https://evil.test/a' })).toBe(false)
    expect(holds({ ...signed, signature, signatures: [] })).toBe(false)
    expect(holds({ ...addProof({ ...note, signature }, proving, now), actor: 'x' })).toBe(false)
  })
})

describe('a proof that does not hold', () => {
  const other = generateKeyPairSync('ed25519').publicKey
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const changes: readonly [string, Json][] = [
    ['a changed document', { ...signed, object: 'x' }],
    ['another actor', { ...signed, actor: 'https://evil.test/a' }],
    ['one more member', { ...signed, to: ['https://evil.test/a'] }],
    ['one member less', omit(signed, 'object')],
    ['another context', { ...signed, '@context': 'https://www.w3.org/ns/activitystreams' }],
    [
      'a longer context',
      { ...signed, '@context': [...(note['@context'] as string[]), { x: 'y' }] },
    ],
    ['both contexts changed', { ...withOption({ '@context': 'x' }), '@context': 'x' }],
    ['its context changed', withOption({ '@context': ['https://evil.test/context'] })],
    ['its context away', without('@context')],
    ['another key named', withOption({ verificationMethod: `${alice}#other` })],
    ['another purpose', withOption({ proofPurpose: 'authentication' })],
    ['no purpose', without('proofPurpose')],
    ['another time', withOption({ created: '2026-01-02T03:04:06Z' })],
    ['no time', without('created')],
    ['a time that is none', withOption({ created: 'yesterday' })],
    ['a time to come', withOption({ created: '2027-01-02T03:04:05Z' })],
    ['an end that was not signed', withOption({ expires: '2030-01-01T00:00:00Z' })],
    ['another suite', withOption({ cryptosuite: 'eddsa-rdfc-2022' })],
    ['another type', withOption({ type: 'Ed25519Signature2020' })],
    ['an option that we do not know', withOption({ domain: 'evil.test' })],
    ['another value', withOption({ proofValue: encodeMultibase(Buffer.alloc(64, 1)) })],
    ['a short value', withOption({ proofValue: encodeMultibase(Buffer.alloc(63, 1)) })],
    ['a long value', withOption({ proofValue: encodeMultibase(Buffer.alloc(65, 1)) })],
    ['a value in another base', withOption({ proofValue: `u${'A'.repeat(86)}` })],
    ['no value', without('proofValue')],
    ['a value that is no text', withOption({ proofValue: 7 })],
    ['a list of proofs', { ...signed, proof: [signed['proof']] }],
    ['no proof', note],
    ['half a character', { ...signed, object: 'a\ud800' }],
    ['depth', { ...signed, object: JSON.parse('['.repeat(60) + ']'.repeat(60)) as unknown }],
  ]
  // Without its own context, a proof may be meant with the document's, which is what was signed here.
  const stillSo = new Set(['its context away'])
  test.each(changes)('%s', (title, document) => {
    expect(holds(document)).toBe(stillSo.has(title))
  })

  test('with another key, or one of another kind', () => {
    expect([holds(signed, other), holds(signed, rsa)]).toEqual([false, false])
  })

  test('after its end', () => {
    const end = Date.UTC(2026, 5, 1)
    const options = { ...(signed['proof'] as Json), expires: new Date(end).toISOString() }
    const document = omit(signed, 'proof')
    // Signed with its end, as another signer may do.
    const resigned = addProofWith(options, document)
    expect([holds(resigned, publicKey, end - 1), holds(resigned, publicKey, end)]).toEqual([
      true,
      false,
    ])
    const odd = addProofWith({ ...options, expires: 'never' }, document)
    expect(holds(odd)).toBe(false)
  })
})

/** Signs those very options. */
function addProofWith(all: Json, document: Json): Json {
  const options = omit(all, 'proofValue')
  const hashOf = (value: Json) => hash('sha256', canonicalize(value), 'buffer')
  const bytes = Buffer.concat([hashOf(options), hashOf(document)])
  const proofValue = encodeMultibase(sign(null, bytes, proving.privateKey))
  return { ...document, proof: { ...options, proofValue } }
}

const fixtures = new URL('../../../shared/fixtures/', import.meta.url)
const describeRecorded = existsSync(fixtures) ? describe : describe.skip

type Vector = {
  readonly document: Json
  readonly publicKeyMultibase?: string
  readonly actor?: Json
}

describeRecorded('recorded proofs', () => {
  const read = (path: string): Json =>
    JSON.parse(readFileSync(new URL(path, fixtures), 'utf8')) as Json
  const rows = existsSync(fixtures)
    ? readFileSync(new URL('SIGNATURES.tsv', fixtures), 'utf8')
        .split('\n')
        .map((line) => line.split('\t'))
        .filter(([, scheme]) => scheme === 'DataIntegrityProof')
        .map(([path = '', , expected = '', , key = '']) => [path, expected, key] as const)
    : []
  test('are four', () => {
    expect(rows.length).toBe(4)
  })

  test.each(rows)('%s is %s', (path, expected, key) => {
    const file = read(path)
    const { document = file, publicKeyMultibase, actor } = file as Json & Partial<Vector>
    const [method] = (actor?.['assertionMethod'] ?? []) as { publicKeyMultibase: string }[]
    const named = /z6Mk\w+/.exec(key)?.[0]
    const multikey = publicKeyMultibase ?? method?.publicKeyMultibase ?? named ?? ''
    const publicKey = decodeMultikey(multikey)
    if (publicKey === undefined) throw new Error('no key')
    expect(encodeMultikey(publicKey)).toBe(multikey)
    expect(holds(document, publicKey)).toBe(expected === 'valid')
    const changed = { ...document, object: omit(document['object'] as Json, 'content') }
    expect(holds(changed, publicKey)).toBe(false)
  })

  test('an example whose value was left out holds for nobody', () => {
    expect(readProof(read('fep-spec/note-fep-8b32-note-proof.json'), now)).toBeUndefined()
  })
})
