import { expect, test } from '@jest/globals'

import { maxDepth } from '../../src/activitypub/depth.ts'

test.each([
  ['', 0],
  ['1', 0],
  ['"[[[["', 0],
  ['{}', 1],
  ['{"a":[{}],"b":[]}', 3],
  ['{"\\"[[[":"\\\\"}', 1],
  ['["ä[","\\u005b[\\\\\\"["]', 1],
  ['[]]]]][[', 1],
  ['"never closed [[[', 0],
  ['"ends in a backslash \\', 0],
  ['['.repeat(100_000), 100_000],
  [`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 33],
])('depth of %.40j is %d', (json, expected) => {
  expect(maxDepth(json)).toBe(expected)
  expect(maxDepth(Buffer.from(json))).toBe(expected)
})
