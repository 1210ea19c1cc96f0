import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'

const read = (name: string) => readFileSync(path.join(import.meta.dirname, '../docs', name), 'utf8')

/** The cell of the row that begins with `what`, in the table of a page. */
function cellOf(page: string, what: string, column: number): string {
  const row = read(page)
    .split('\n')
    .find((line) => line.startsWith(`| ${what} `))
  return row?.split('|')[column]?.trim() ?? ''
}

const units: Readonly<Record<string, number>> = { µs: 0.001, ms: 1, MB: 1 }

/** `1085 µs (1310/s)` in milliseconds, `122.7 MB (peak 133.2)` in megabytes. */
function measured(what: string): number {
  const [, number = '', unit = ''] =
    /^([\d.]+) (µs|ms|MB)/.exec(cellOf('performance.md', what, 3)) ?? []
  return Number(number) * (units[unit] ?? NaN)
}

test.each([
  ['memory, after the start and after 20,000 posts', 'memory after the start'],
  ['memory, after the start and after 20,000 posts', 'memory after 20000 activities'],
  ['CPU for one post, from the inbox into a room', 'whole activity, inbox to room, CPU'],
  ['CPU for one delivery, with its queue', 'delivery with its queue, CPU'],
])('docs/deploying.md, %s: the last run of "%s" is in that range', (said, what) => {
  const [, least, most] =
    /^([\d.]+) to ([\d.]+) (?:MB|ms)$/.exec(cellOf('deploying.md', said, 2)) ?? []
  expect(measured(what)).toBeGreaterThanOrEqual(Number(least))
  expect(measured(what)).toBeLessThanOrEqual(Number(most))
})
