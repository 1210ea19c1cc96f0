import { describe, expect, test } from '@jest/globals'
import {
  base64Of,
  readDictionary,
  stringOf,
  wholeOf,
} from '../../src/activitypub/structured-fields.ts'

/** Small enough to compare: a list as its items, parameters as text. */
const shown = (header: string): unknown => {
  const members = readDictionary(header)
  if (members === undefined) return undefined
  const told = (parameters: ReadonlyMap<string, string>) =>
    [...parameters].map(([key, value]) => `;${key}=${value}`).join('')
  return Object.fromEntries(
    [...members].map(([key, { items, value, parameters }]) => [
      key,
      items === undefined
        ? value + told(parameters)
        : `(${items.map((item) => item.value + told(item.parameters)).join(' ')})${told(parameters)}`,
    ]),
  )
}

describe('a dictionary', () => {
  test.each<readonly [string, unknown]>([
    ['a=1', { a: '1' }],
    ['  a=1 ', { a: '1' }],
    ['a=1,b="x"', { a: '1', b: '"x"' }],
    ['a=1 \t, \tb="x"', { a: '1', b: '"x"' }],
    ['a, b;x', { a: '?1', b: '?1;x=?1' }],
    ['a=?0;x=-1.5;y=@7', { a: '?0;x=-1.5;y=@7' }],
    ['a=token/x:y', { a: 'token/x:y' }],
    ['a=:YWI=:', { a: ':YWI=:' }],
    ['*a.b-c_d=1', { '*a.b-c_d': '1' }],
    ['a="say \\"hi\\" \\\\"', { a: '"say \\"hi\\" \\\\"' }],
    ['a=()', { a: '()' }],
    ['a=( )', { a: '()' }],
    ['a=(  "x"   "y";key="z"  );created=1', { a: '("x" "y";key="z");created=1' }],
    ['a=("x"); created=1;  keyid="k"', { a: '("x");created=1;keyid="k"' }],
  ])('%j is read', (header, expected) => expect(shown(header)).toEqual(expected))

  test.each([
    ...['', ' ', ',', 'a=', 'a=1,', 'a=1,,b=2', '=1', 'A=1', '1a=1', 'a =1', 'a= 1', 'a=1 b=2'],
    ...['a="x', 'a="x\\y"', 'a="ä"', 'a="\u0000"', "a='x'", 'a=:YWI', 'a=:Y!:', 'a=:YWI===:'],
    ...['a=("x"', 'a=("x""y")', 'a=("x",)', 'a=(("x"))', 'a=("x") )', 'a=1;', 'a=1;X=1', 'a=1;x='],
    ...['a=1,a=2', 'a=1;x=1;x=2', 'a=("x";p;p)', 'a=?2', 'a=1.', 'a=1234567890123456', 'a=--1'],
    `a="${'x'.repeat(9_000)}"`,
    Array.from({ length: 9 }, (_, n) => `a${n}=1`).join(','),
    `a=(${'"x" '.repeat(33)})`,
    `a=1${Array.from({ length: 17 }, (_, n) => `;a${n}`).join('')}`,
  ])('%j is none', (header) => expect(readDictionary(header)).toBeUndefined())

  test.each(['a=("'.padEnd(8_000, '\\"'), 'a=('.padEnd(8_000, ' '), 'a=1'.padEnd(8_000, ';x')])(
    'costs little, however it is made up: %#',
    (header) => {
      const before = process.cpuUsage()
      for (let round = 0; round < 20; round++) readDictionary(header)
      const { user } = process.cpuUsage(before)
      expect(user / 20).toBeLessThan(50_000)
    },
  )
})

test('values are what they are written as', () => {
  expect(['"a\\"b\\\\"', '"a"', 'a', '1', undefined].map(stringOf)).toEqual([
    ...['a"b\\', 'a', undefined, undefined, undefined],
  ])
  expect([':YQ==:', '"YQ=="', undefined].map(base64Of)).toEqual(['YQ==', undefined, undefined])
  expect(['0', '17', '017', '-1', '1.0', '"1"', undefined].map(wholeOf)).toEqual([
    ...[0, 17, undefined, undefined, undefined, undefined, undefined],
  ])
})
