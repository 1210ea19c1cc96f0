import { expect, test } from '@jest/globals'
import { columns, type Row } from '../../demo/columns.ts'

const blank = (count: number): string => ' '.repeat(count)

test.each<{ readonly name: string; readonly row: Row; readonly line: string }>([
  {
    name: 'what crossed to the right',
    row: { matrix: 'alice: hello', way: 'right', fediverse: 'bob reads hello' },
    line: `alice: hello${blank(25)} ──▶ bob reads hello`,
  },
  {
    name: 'what happened on one side alone, without blanks at the end',
    row: { matrix: 'alice: publish' },
    line: `alice: publish${blank(23)}  │`,
  },
  {
    name: 'nothing on the left',
    row: { way: 'right', fediverse: 'Like' },
    line: `${blank(37)} ──▶ Like`,
  },
  {
    name: 'exactly as wide as the column',
    row: { matrix: 'x'.repeat(37), way: 'left', fediverse: 'y'.repeat(37) },
    line: `${'x'.repeat(37)} ◀── ${'y'.repeat(37)}`,
  },
  {
    name: 'wider than the column',
    row: { matrix: 'x'.repeat(38), way: 'left', fediverse: 'y'.repeat(90) },
    line: `${'x'.repeat(36)}… ◀── ${'y'.repeat(36)}…`,
  },
  {
    name: 'characters of two columns, never cut in the middle',
    row: { matrix: '你'.repeat(30), way: 'right', fediverse: '👩‍👩‍👧 ❤️' },
    line: `${'你'.repeat(18)}… ──▶ 👩‍👩‍👧 ❤️`,
  },
  {
    name: 'control characters and line ends',
    row: { matrix: 'a\u001b[31mb\nc\u0000', fediverse: 'd\u2028e', way: 'left' },
    line: `a [31mb c${blank(28)} ◀── d e`,
  },
])('a row of the demo: $name', ({ row, line }) => {
  expect(columns(row)).toBe(line)
})
