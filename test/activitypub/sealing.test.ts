import { describe, expect, test } from '@jest/globals'
import { createSealer } from '../../src/activitypub/sealing.ts'
import { asActorId } from '../../src/model/ids.ts'

const alice = { actorId: asActorId('https://fedi.test/actors/a'), keyId: 'a#main-key' }
const bob = { actorId: asActorId('https://fedi.test/actors/b'), keyId: 'a#main-key' }
const [one, two] = [
  'first-key-of-the-tests-0123456789',
  'other-key-of-the-tests-0123456789',
] as const
const text = '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n'

describe('a sealed key', () => {
  test('opens as it was, looks different each time, and shows nothing', () => {
    const sealer = createSealer([one])
    const [first, second] = [sealer.seal(text, alice), sealer.seal(text, alice)]
    expect(sealer.open(first, alice)).toBe(text)
    expect(first).not.toBe(second)
    expect(first).toMatch(/^v1\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/)
    expect(Buffer.from(first.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain(
      'secret',
    )
  })

  test.each<[string, (sealed: string) => string, string]>([
    [
      'another key of the configuration',
      () => createSealer([two]).seal(text, alice),
      'another encryption_key',
    ],
    [
      'a changed text',
      (sealed) => sealed.slice(0, -4) + (sealed.endsWith('AAAA') ? 'BBBB' : 'AAAA'),
      'was changed',
    ],
    ['a cut tag', (sealed) => sealed.slice(0, -8), 'was changed'],
    ['no text', (sealed) => sealed.slice(0, sealed.lastIndexOf('.')), 'was changed'],
    [
      'a changed nonce',
      (sealed) => sealed.replace(/\.[\w-]{16}\./, '.AAAAAAAAAAAAAAAA.'),
      'was changed',
    ],
    ['another form', (sealed) => sealed.replace('v1', 'v2'), 'another encryption_key'],
    ['nothing', () => '', 'another encryption_key'],
  ])('does not open with %s', (_, change, message) => {
    const sealer = createSealer([one])
    expect(() => sealer.open(change(sealer.seal(text, alice)), alice)).toThrow(message)
  })

  test('of one actor or one key id is none of another', () => {
    const sealer = createSealer([one])
    expect(() => sealer.open(sealer.seal(text, alice), bob)).toThrow('was changed')
    const other = { ...alice, keyId: 'a#main-key-2' }
    expect(() => sealer.open(sealer.seal(text, alice), other)).toThrow('was changed')
  })

  test('is sealed anew where it was bare or of the key before, and else left as it is', () => {
    const sealer = createSealer([two, one])
    const old = createSealer([one]).seal(text, alice)
    const anew = [sealer.reseal(text, alice), sealer.reseal(old, alice)]
    expect(anew.map((sealed) => createSealer([two]).open(sealed, alice))).toEqual([text, text])
    expect(sealer.reseal(anew[0] ?? '', alice)).toBe(anew[0])
    expect(() => createSealer([two]).reseal(old, alice)).toThrow('another encryption_key')
  })
})
