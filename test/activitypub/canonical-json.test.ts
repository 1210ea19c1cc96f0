import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonicalize } from '../../src/activitypub/canonical-json.ts'

describe('canonical JSON', () => {
  test.each<[string, unknown, string]>([
    [
      'sorts by UTF-16 code units (RFC 8785, 3.2.3)',
      { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 },
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    ],
    [
      'writes numbers as ECMAScript does (3.2.2.3)',
      [JSON.parse('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0],
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    ],
    [
      'escapes no more than it must (3.2.2.2)',
      '€$\u000f\nA\'B"\\\\"/',
      '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
    ],
    [
      'keeps the order of lists',
      [3, [2, null], { b: true, a: false }],
      '[3,[2,null],{"a":false,"b":true}]',
    ],
    ['leaves out what is not there', { a: undefined, b: 1 }, '{"b":1}'],
    [
      'knows a member __proto__',
      JSON.parse('{"b":1,"__proto__":{"a":2}}'),
      '{"__proto__":{"a":2},"b":1}',
    ],
  ])('%s', (_, value, text) => {
    expect(canonicalize(value)).toBe(text)
  })

  test.each<[string, unknown]>([
    ['half a character', 'a\ud800'],
    ['half a character in a name', { '\udc00': 1 }],
    ['infinity', Infinity],
    ['no number', NaN],
    ['nothing', undefined],
    ['a list that has nothing', [undefined]],
    ['a function', () => 1],
    ['what nests too deep', JSON.parse('['.repeat(50) + ']'.repeat(50))],
  ])('is not made of %s', (_, value) => {
    expect(() => canonicalize(value)).toThrow(TypeError)
  })

  test('says the same, whatever the order of members', () => {
    const json = fc
      .jsonValue({ maxDepth: 5 })
      .filter((value) => JSON.stringify(value).isWellFormed())
    fc.assert(
      fc.property(json, (value) => {
        const reversed: unknown = JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
          typeof inner === 'object' && inner !== null && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).reverse())
            : inner,
        )
        const text = canonicalize(value)
        return (
          canonicalize(reversed) === text && JSON.stringify(JSON.parse(text)).length === text.length
        )
      }),
    )
  })
})
