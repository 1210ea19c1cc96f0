import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { displayHandle, parseTarget, parseUserId, safeName } from '../../src/model/names.ts'

const bob = { username: 'bob', host: 'social.test' }

// A red run must be red again: other seeds are for long runs by hand.
fc.configureGlobal({ seed: 20_260_804 })

describe('what people type to name an account', () => {
  test.each([
    ['@bob@social.test', bob],
    ['bob@social.test', bob],
    ['!bob@social.test', bob],
    ['acct:bob@social.test', bob],
    ['  <@bob@Social.Test>  ', bob],
    ['@bob@social.test.', bob],
    ['@bob@social.test,', bob],
    ['(@bob@social.test)', bob],
    ['`@bob@social.test`', bob],
    ['“@bob@social.test”', bob],
    ['[@bob@social.test](https://matrix.to/#/@bob@social.test)', bob],
    ['https://matrix.to/#/%40bob%40social.test', bob],
    ['@Bob.B-b_@social.test', { username: 'Bob.B-b_', host: 'social.test' }],
    ['@bob@fedi.test:8080', { username: 'bob', host: 'fedi.test:8080' }],
    ['@bob@127.0.0.1:8080', { username: 'bob', host: '127.0.0.1:8080' }],
    ['@bob@localhost', { username: 'bob', host: 'localhost' }],
    ['@bob@snac:8001', { username: 'bob', host: 'snac:8001' }],
    ['@bob@bücher.example', { username: 'bob', host: 'xn--bcher-kva.example' }],
    ['@zoë@social.test', { username: 'zoë', host: 'social.test' }],
    ['https://social.test/@bob', { url: 'https://social.test/@bob' }],
    ['<https://social.test/@bob>', { url: 'https://social.test/@bob' }],
    ['https://social.test/@bob.', { url: 'https://social.test/@bob' }],
    ['(see https://social.test)', undefined],
    ['https://social.test/w/a_(b)', { url: 'https://social.test/w/a_(b)' }],
    ['[Bob](https://social.test/@bob)', { url: 'https://social.test/@bob' }],
    ['https://other.test/@bob@social.test', bob],
    ['http://fedi.test:8080/users/1', { url: 'http://fedi.test:8080/users/1' }],
    ['https://bücher.example/b', { url: 'https://xn--bcher-kva.example/b' }],
  ])('%s', (text, target) => {
    expect(parseTarget(text)).toEqual(target)
  })

  test.each([
    [''],
    ['bob'],
    ['@bob'],
    ['@bob@'],
    ['@@social.test'],
    ['bob@social'],
    ['bob@so cial.test'],
    ['bob@social.test/path'],
    ['bob@social.test@other.test'],
    ['@alice:example.org'],
    ['https://matrix.to/#/@alice:example.org'],
    ['https://'],
    ['https://localserver/@bob'],
    ['https://user:secret@social.test/'],
    ['ftp://social.test/bob'],
    ['javascript:alert(1)'],
    ['bob@social.test?x'],
    ['bob@[::1'],
    ['bob@social.test:99999'],
    ['-bob@social.test'],
    [`${'b'.repeat(3000)}@social.test`],
  ])('%s is nobody', (text) => {
    expect(parseTarget(text)).toBeUndefined()
  })

  test.each([
    ['@alice:example.org', '@alice:example.org'],
    ['<@alice:example.org:8448>,', '@alice:example.org:8448'],
    ['https://matrix.to/#/%40alice%3Aexample.org?via=example.org', '@alice:example.org'],
    ['matrix:u/alice:example.org', '@alice:example.org'],
    ['[Alice](https://matrix.to/#/@alice:example.org)', '@alice:example.org'],
    ['#room:example.org', undefined],
    ['@bob@fedi.test:8080', undefined],
    ['alice', undefined],
  ])('%s as a Matrix user', (text, userId) => {
    expect(parseUserId(text)).toBe(userId)
  })

  test('no text crashes it, and what it finds it finds again', () => {
    const noisy = fc.string({ unit: fc.constantFrom('@', '.', 'a', ':', '/', '<', '[', ')', '%') })
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), noisy), (text) => {
        const target = parseTarget(text)
        if (target && 'host' in target) {
          expect(parseTarget(`@${target.username}@${target.host}`)).toEqual(target)
        }
        parseUserId(text)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('names shown to people', () => {
  test.each([
    ['social.test', '@bob@social.test'],
    ['fedi.test:8080', '@bob@fedi.test:8080'],
    ['xn--bcher-kva.example', '@bob@bücher.example'],
    ['xn--bcher-kva.example:8080', '@bob@bücher.example:8080'],
    ['xn--80ak6aa92e.com', '@bob@xn--80ak6aa92e.com'],
    ['xn--wgv71a119e.jp', '@bob@日本語.jp'],
    ['[::1]:8080', '@bob@[::1]:8080'],
  ])('host %s', (host, shown) => {
    expect(displayHandle({ username: 'bob', host })).toBe(shown)
  })

  test.each([
    ['Bob', 'Bob'],
    ['  Bob \n\t a\u0000  b ', 'Bob a b'],
    ['\u202egnp.exe\u202c', 'gnp.exe'],
    ['a\u2066b\u2069\u200bc\ufeff', 'abc'],
    ['👩‍🚀 Zoë', '👩‍🚀 Zoë'],
    ['abcdefghijk', 'abcdefghi…'],
    ['😀'.repeat(11), `${'😀'.repeat(9)}…`],
    ['\ud800x', '\ufffdx'],
    ['\u200b', ''],
  ])('%j is %j', (text, safe) => {
    expect(safeName(text, 10)).toBe(safe)
  })
})
