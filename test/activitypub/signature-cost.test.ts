import { generateKeyPairSync, sign } from 'node:crypto'
import { beforeEach, expect, jest, test } from '@jest/globals'

const counts = { operations: 0 }
const crypto = await import('node:crypto')
const counted =
  <Given extends unknown[], Answer>(work: (...given: Given) => Answer) =>
  (...given: Given): Answer => {
    counts.operations += 1
    return work(...given)
  }
jest.unstable_mockModule('node:crypto', () => ({
  ...crypto,
  verify: counted(crypto.verify as (...given: unknown[]) => unknown),
  publicDecrypt: counted(crypto.publicDecrypt),
}))
const { verifySignature } = await import('../../src/activitypub/signature.ts')

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const now = Date.UTC(2026, 7, 1, 12)
const date = new Date(now).toUTCString()

beforeEach(() => {
  counts.operations = 0
})

const verify = (signature: Buffer, algorithm = 'hs2019', target = '/x?y=1') =>
  verifySignature({
    ...{ method: 'GET', target, body: undefined, now, publicKey },
    headers: {
      ...{ host: 'fedi.example.org', date },
      signature: `keyId="https://a.test/b",algorithm="${algorithm}",headers="(request-target) host date",signature="${signature.toString('base64')}"`,
    },
  })
const text = (target: string) =>
  Buffer.from(`(request-target): get ${target}\nhost: fedi.example.org\ndate: ${date}`)

test.each(['sha256', 'sha512'])(
  'a signature with %s, with or without the query, costs one operation',
  (name) => {
    for (const target of ['/x?y=1', '/x'])
      expect(verify(sign(name, text(target), privateKey)).ok).toBe(true)
    expect(counts.operations).toBe(2)
  },
)

test('a wrong one costs one operation, and one of another length none', () => {
  expect(verify(sign('sha256', text('/y'), privateKey)).ok).toBe(false)
  expect(verify(Buffer.alloc(256, 7)).ok).toBe(false)
  expect(counts.operations).toBe(2)
  const right = sign('sha256', text('/x'), privateKey)
  expect(verify(right).ok).toBe(true)
  expect(verify(Buffer.concat([Buffer.alloc(1), right])).ok).toBe(false)
  expect(verify(right.subarray(1)).ok).toBe(false)
  expect(counts.operations).toBe(3)
})

/** A signature of the bare number, so that what it says can be anything. */
const signRaw = (block: Buffer): Buffer =>
  crypto.privateEncrypt({ key: privateKey, padding: crypto.constants.RSA_NO_PADDING }, block)
const prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex')
const info = Buffer.concat([prefix, crypto.hash('sha256', text('/x'), 'buffer')])
const block = (tail: Buffer, { filler = 0xff, type = 1 } = {}): Buffer =>
  Buffer.concat([
    Buffer.from([0, type]),
    Buffer.alloc(253 - tail.length, filler),
    Buffer.alloc(1),
    tail,
  ])

test.each<readonly [string, Buffer, boolean]>([
  ['as it should be', block(info), true],
  ['without more after the hash', block(Buffer.concat([info, Buffer.alloc(194)])), false],
  ['with the name of the hash', block(info.subarray(-32)), false],
  ['filled as it should be', block(info, { filler: 0xee }), false],
  ['of the right type', block(info, { type: 2 }), false],
])('what was signed counts only %s', (_how, signed, isRight) => {
  const signature = signRaw(signed)
  expect(verify(signature).ok).toBe(isRight)
  // Where it can be of one text and one hash only, it is judged in another way.
  expect(verify(signature, 'rsa-sha256', '/x').ok).toBe(isRight)
})

test('a number that the key cannot have made is no signature', () => {
  const largest = Buffer.alloc(256, 0xff)
  expect(verify(largest).ok).toBe(false)
  expect(verify(largest, 'rsa-sha256', '/x').ok).toBe(false)
})
