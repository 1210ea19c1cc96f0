import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import {
  decodeMultibase,
  decodeMultikey,
  encodeMultibase,
  encodeMultikey,
} from '../../src/activitypub/multikey.ts'

describe('base58btc', () => {
  // The vectors of draft-msporny-base58-03, 5.
  test.each([
    ['Hello World!', 'z2NEpo7TZRRrLZSi2U'],
    [
      'The quick brown fox jumps over the lazy dog.',
      'zUSm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z',
    ],
  ])('%s', (plain, text) => {
    expect(encodeMultibase(Buffer.from(plain))).toBe(text)
    expect(decodeMultibase(text)?.toString()).toBe(plain)
  })

  test.each(['', '00', '0000', '0000287fb4cd', 'ff', '00ff00', '61'.repeat(64)])(
    'the bytes %s come back',
    (hex) => {
      const bytes = Buffer.from(hex, 'hex')
      expect(decodeMultibase(encodeMultibase(bytes))).toEqual(bytes)
    },
  )

  test.each([
    '',
    'u2NEpo',
    'z0',
    'zO',
    'zl',
    'z+',
    'z ',
    `z${'1'.repeat(256)}`,
    '2NEpo7TZRRrLZSi2U',
  ])('refuses %j', (text) => expect(decodeMultibase(text)).toBeUndefined())
})

describe('Multikey', () => {
  test('an Ed25519 key comes back, and begins as all of them do', () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const text = encodeMultikey(publicKey)
    expect(text).toMatch(/^z6Mk[A-Za-z1-9]{44}$/)
    expect(decodeMultikey(text)?.equals(publicKey)).toBe(true)
  })

  test('the key of FEP-8b32 is read', () => {
    const text = 'z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2'
    const key = decodeMultikey(text)
    expect(key?.asymmetricKeyType).toBe('ed25519')
    expect(key && encodeMultikey(key)).toBe(text)
  })

  test.each<readonly [string, Buffer]>([
    ['a private key', Buffer.concat([Buffer.from([0x80, 0x26]), Buffer.alloc(32, 7)])],
    ['a P-256 key', Buffer.concat([Buffer.from([0x80, 0x24]), Buffer.alloc(33, 2)])],
    ['an RSA key', Buffer.concat([Buffer.from([0x85, 0x24]), Buffer.alloc(170, 1)])],
    ['a short key', Buffer.concat([Buffer.from([0xed, 0x01]), Buffer.alloc(31, 7)])],
    ['a long key', Buffer.concat([Buffer.from([0xed, 0x01]), Buffer.alloc(33, 7)])],
    ['nothing', Buffer.alloc(0)],
  ])('refuses %s', (_name, bytes) => {
    expect(decodeMultikey(encodeMultibase(bytes))).toBeUndefined()
  })
})
