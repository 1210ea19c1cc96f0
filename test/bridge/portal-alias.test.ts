import { expect, test } from '@jest/globals'
import { aliasAgain } from '../../src/bridge/portal-shape.ts'
import { asRoomAlias } from '../../src/model/ids.ts'
import { parseGhostLocalpart, splitMatrixId } from '../../src/model/names.ts'

const first = asRoomAlias('#_ap_bob_social.test:hs.test')

test('each room of a portal has an alias of its own, and the first one the plain name', () => {
  expect([1, 2, 3].map((again) => aliasAgain(first, again))).toEqual([
    '#_ap_bob_social.test:hs.test',
    '#_ap_bob_social.test==2:hs.test',
    '#_ap_bob_social.test==3:hs.test',
  ])
})

test('no account has such a name', () => {
  const localpart = splitMatrixId(aliasAgain(first, 2), '#')?.localpart ?? ''
  expect(parseGhostLocalpart('_ap_', localpart)).toBeUndefined()
})

test('they fit where the plain name just does, and stay apart', () => {
  const longest = asRoomAlias(`#_ap_${'b'.repeat(255 - 13)}:hs.test`)
  expect(longest).toHaveLength(255)
  const others = [2, 3].map((again) => aliasAgain(longest, again))
  expect(new Set(others).size).toBe(2)
  for (const alias of others) {
    expect(alias.length).toBeLessThanOrEqual(255)
    expect(alias).toMatch(/^#_ap_b+==[0-9a-f]{32}:hs\.test$/)
  }
})
