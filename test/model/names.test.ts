import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { asUserId } from '../../src/model/ids.ts'
import {
  ghostLocalpart,
  ghostUserId,
  groupUsername,
  localUsername,
  parseGhostLocalpart,
  portalAlias,
} from '../../src/model/names.ts'

const handle = (username: string, host: string) => ({ username, host })

// A red run must be red again: other seeds are for long runs by hand.
fc.configureGlobal({ seed: 20_260_804 })

describe('ghost localparts', () => {
  test.each([
    ['bob', 'social.test', '_ap_bob_social.test'],
    ['Bob', 'Social.Test', '_ap_bob_social.test'],
    ['bob_b', 'social.test', '_ap_bob_b_social.test'],
    ['bob.b-b', 'social.test', '_ap_bob.b-b_social.test'],
    ['bob=b', 'social.test', '_ap_bob=3db_social.test'],
    ['böb', 'social.test', '_ap_b=c3=b6b_social.test'],
    ['bob', 'fedi.test:8080', '_ap_bob_fedi.test=3a8080'],
    ['bob', '127.0.0.1:8080', '_ap_bob_127.0.0.1=3a8080'],
    ['bob', '[::1]:8080', '_ap_bob_=5b=3a=3a1=5d=3a8080'],
    ['bob', 'bücher.example', '_ap_bob_xn--bcher-kva.example'],
    ['bob', 'my_host.test', '_ap_bob_my=5fhost.test'],
    ['bob~2', 'social.test', '_ap_bob=7e2_social.test'],
  ])('%s at %s is %s', (username, host, localpart) => {
    expect(ghostLocalpart('_ap_', handle(username, host))).toBe(localpart)
  })

  test('a second actor with the same handle gets a name that no handle makes', () => {
    const second = ghostLocalpart('_ap_', handle('bob', 'social.test'), { attempt: 2 })
    expect(second).toBe('_ap_bob==2_social.test')
    expect(parseGhostLocalpart('_ap_', second)).toBeUndefined()
  })

  test('ids are at most 255 bytes and stay different when they are shortened', () => {
    const name = { prefix: '_ap_', serverName: 'matrix.example.org' }
    const long = 'x'.repeat(300)
    const ids = [
      ghostUserId(handle(`${long}a`, 'social.test'), name),
      ghostUserId(handle(`${long}b`, 'social.test'), name),
      ghostUserId(handle(`${long}b`, 'other.test'), name),
      ghostUserId(handle(`${long}b`, 'other.test'), { ...name, attempt: 2 }),
      ghostUserId(handle('ü'.repeat(70), 'other.test'), name),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.map((id) => id.length <= 255)).toEqual(ids.map(() => true))
    expect(ids.every((id) => /^@_ap_[a-z0-9._=-]+:matrix\.example\.org$/.test(id))).toBe(true)
    expect(portalAlias(handle(long, 'social.test'), name).length).toBeLessThanOrEqual(255)
  })

  test('a short one is the whole id', () => {
    const name = { prefix: '_ap_', serverName: 'example.org' }
    expect(ghostUserId(handle('Bob', 'social.test'), name)).toBe('@_ap_bob_social.test:example.org')
    expect(portalAlias(handle('Bob', 'social.test'), name)).toBe('#_ap_bob_social.test:example.org')
  })

  test.each([
    ['bob_social.test', 'another prefix'],
    ['_ap_', 'nothing'],
    ['_ap_bob', 'no host'],
    ['_ap__social.test', 'no user'],
    ['_ap_bob_', 'an empty host'],
    ['_ap_b=zz_social.test', 'a broken escape'],
    ['_ap_b=ff_social.test', 'an escape that is no UTF-8'],
    ['_ap_b=62_social.test', 'an escape of what needs none'],
    ['_ap_Bob_social.test', 'upper case'],
    ['_ap_b%62_social.test', 'a percent sign'],
    ['_ap_bob_bücher.example', 'a host that is not in punycode'],
  ])('%s stands for nobody: %s', (localpart) => {
    expect(parseGhostLocalpart('_ap_', localpart)).toBeUndefined()
  })

  const hosts = fc.constantFrom('a.test', 'b-c.test', 'fedi.test:8080', 'xn--bcher-kva.example')
  const users = fc.oneof(
    fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
    fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('_', '=', '.', 'a', '~', 'é') }),
  )

  test('parsing undoes naming', () => {
    fc.assert(
      fc.property(users, hosts, (username, host) => {
        const lower = username.toWellFormed().toLowerCase()
        const localpart = ghostLocalpart('_ap_', handle(lower, host), { max: 9999 })
        expect(localpart).toMatch(/^[a-z0-9._=-]+$/)
        expect(parseGhostLocalpart('_ap_', localpart)).toEqual(
          lower.toLowerCase() === lower ? handle(lower, host) : expect.anything(),
        )
      }),
    )
  })

  test('different handles never share a name', () => {
    const attempts = fc.integer({ min: 1, max: 3 })
    const one = fc.tuple(users, hosts, attempts)
    const key = ([user, host, attempt]: [string, string, number]) =>
      JSON.stringify([user.toWellFormed().toLowerCase(), host, attempt])
    const name = ([user, host, attempt]: [string, string, number]) =>
      ghostLocalpart('_ap_', handle(user, host), { attempt })
    fc.assert(
      fc.property(one, one, (a, b) => {
        expect(name(a) === name(b)).toBe(key(a) === key(b))
      }),
      { numRuns: 500 },
    )
  })
})

describe('fediverse names of Matrix users', () => {
  test.each([
    ['@alice:example.org', 'alice'],
    ['@Alice:example.org', 'alice'],
    ['@alice:other.org', 'alice.other.org'],
    ['@alice:other.org:8448', 'alice.other.org_8448'],
    ['@alice.b-c:example.org', 'alice.b-c'],
    ['@.alice-:example.org', 'alice'],
    ['@john=40doe:example.org', 'john_40doe'],
    ['@a/b+c:example.org', 'a_b_c'],
    ['@zoë:example.org', 'zoe'],
    ['@...:example.org', 'user'],
    ['@_:example.org', '_'],
  ])('%s is %s', (userId, username) => {
    expect(localUsername(asUserId(userId), 'example.org')).toBe(username)
  })

  test('each attempt is another name', () => {
    const userId = asUserId('@a+b:example.org')
    expect([1, 2, 3].map((n) => localUsername(userId, 'example.org', n))).toEqual([
      'a_b',
      'a_b_2',
      'a_b_3',
    ])
  })

  test('every name is one that all fediverse servers accept', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 250 }),
        fc.domain(),
        fc.integer({ min: 1, max: 99 }),
        (localpart, server, attempt) => {
          const name = localUsername(asUserId(`@${localpart}:${server}`), 'example.org', attempt)
          expect(name).toMatch(/^[A-Za-z0-9_]+([.-]+[A-Za-z0-9_]+)*$/)
          expect(name.length).toBeLessThanOrEqual(64)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('the fediverse name of a room', () => {
  test.each([
    ['garden', 1, 'garden'],
    ['The Garden', 1, 'the_garden'],
    ['The Garden', 2, 'the_garden_2'],
    ['Gärten & Höfe!', 1, 'garten_hofe'],
    ['a.b-c', 1, 'a_b_c'],
    ['bob.matrix.org', 1, 'bob_matrix_org'],
    ['a__b', 1, 'a__b'],
    ['._x_.', 1, 'x'],
    ['花園', 1, ''],
    ['🌱', 2, ''],
    ['', 1, ''],
    [`${'x'.repeat(61)}..yy`, 3, `${'x'.repeat(61)}_3`],
    ['x'.repeat(80), 1, 'x'.repeat(64)],
  ])('%s, try %i: %j', (text, attempt, expected) => {
    expect(groupUsername(text, attempt)).toBe(expected)
    expect(groupUsername(text, attempt)).toMatch(/^\w*$/)
    // What is made is kept as it is when somebody types it.
    if (attempt === 1) expect(groupUsername(expected)).toBe(expected)
  })
})
