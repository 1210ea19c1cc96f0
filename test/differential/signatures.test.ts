import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { compare, isTaken } from './compare.ts'
import { hasFedify, startFedify, type Fedify } from './fedify.ts'
import { knownDifferences } from './known-differences.ts'
import { makeBare, makeKeys, now, signByHand } from './requests.ts'
import { createChance } from '../simulation/chance.ts'

if (!hasFedify) {
  test.skip('Fedify is not on this machine: npm ci --prefix test/peers/fedify', () => undefined)
}
const withFedify = hasFedify ? describe : describe.skip

withFedify('beside Fedify', () => {
  const keys = makeKeys()
  let fedify: Fedify
  beforeAll(async () => void (fedify = await startFedify(keys)))
  afterAll(() => fedify.stop())

  test('500 generated requests are judged alike, but for what is listed', async () => {
    const { both, known, unknown, accepted } = await compare(
      { requests: 500, seed: 'short' },
      keys,
      fedify,
    )
    expect(unknown).toEqual([])
    // Verdicts of both kinds, of every signer: else there was nothing to compare.
    expect(both.accept).toBeGreaterThan(100)
    expect(both.refuse).toBeGreaterThan(100)
    expect(Object.keys(accepted).sort()).toEqual([
      'fedify cavage rsa',
      'fedify rfc9421 rsa',
      'hand cavage rsa',
      'hand rfc9421 ed25519',
      'hand rfc9421 rsa',
      'us cavage rsa',
      'us rfc9421 ed25519',
      'us rfc9421 rsa',
    ])
    expect(Object.values(known).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  })

  test('no row of the table excuses a plain request', async () => {
    const bare = { ...makeBare(createChance('right')), url: 'https://fedi.example.org/inbox' }
    const [key] = keys
    if (key === undefined) throw new Error('there are no keys')
    const covered = ['@method', '@target-uri', ...(bare.method === 'GET' ? [] : ['content-digest'])]
    const plan = { scheme: 'rfc9421', by: 'hand', hash: 'sha256', created: now / 1000 } as const
    const exact = { ...plan, key, covered }
    const request = signByHand(bare, exact)
    const byId = new Map(keys.map((one) => [one.keyId, one]))
    expect([isTaken(request, byId), await fedify.verify(request, now)]).toEqual([true, true])
    expect(knownDifferences.filter(({ when }) => when(request, exact))).toEqual([])
  })
})
