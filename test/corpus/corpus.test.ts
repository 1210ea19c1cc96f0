import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { documentsIn, indexOf } from './documents.ts'
import { fateOf } from './fate.ts'
import { columnsOf, entry, summary, words, type Row } from './table.ts'

function rowsOf(folder: string): Row[] {
  const documents = documentsIn(folder)
  const index = indexOf(documents)
  return documents.map(({ path, software, value }) => ({
    path,
    software,
    ...fateOf(value, index),
  }))
}

const silentAmong = (rows: readonly Row[]): string[] =>
  rows
    .filter(({ seen }) => seen.some(({ body, file }) => body.trim() === '' && file === undefined))
    .map(({ path }) => path)

const here = new URL('../fixtures/documents', import.meta.url).pathname
const printed = new URL('../fixtures/documents.txt', import.meta.url).pathname
const recorded = new URL('../../../shared/fixtures', import.meta.url).pathname

describe('documents of our own, one or two of each kind of software', () => {
  const rows = rowsOf(here)
  const options = { width: 100, withHtml: true }
  const table = [...rows.map((row) => entry(row, options)), summary(rows), ''].join('\n\n')

  test('are seen as they were seen before', () => {
    // A change of this file is a change of what people see: `npm run corpus -- --write`, and look at it.
    expect(table).toBe(readFileSync(printed, 'utf8'))
  })

  test('show what a terminal can show', () => {
    const lines = table.split('\n')
    expect(lines.filter((line) => columnsOf(line) > options.width)).toEqual([])
    // eslint-disable-next-line no-control-regex -- control characters are what it looks for
    expect(table).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/)
  })

  test('that are silent would be noticed', () => {
    const seen = [{ body: ' \n' }]
    const row: Row = { path: 'a/b', software: 'a', outcome: 'shown', kind: '', why: '', seen }
    expect(silentAmong([...rows, row])).toEqual(['a/b'])
  })
})

if (existsSync(recorded)) {
  describe('recorded documents', () => {
    const rows = rowsOf(recorded)

    test('say something where they are shown, and why not where they are not', () => {
      expect(silentAmong(rows)).toEqual([])
      expect(rows.filter(({ seen, why }) => seen.length === 0 && why === '')).toEqual([])
    })

    test('come to what they came to before', () => {
      const counts = Object.keys(words).map((outcome) => [
        outcome,
        rows.filter((row) => row.outcome === outcome).length,
      ])
      // Know why before you change a number: `npm run corpus -- ../shared/fixtures` shows it.
      expect(Object.fromEntries(counts)).toEqual({
        shown: 106,
        obeyed: 66,
        elsewhere: 10,
        skipped: 32,
        refused: 11,
        'no post': 169,
      })
    })

    test('of all software are shown', () => {
      const shown = rows.filter(({ kind, outcome }) => kind === 'create' && outcome === 'shown')
      expect(new Set(shown.map(({ software }) => software)).size).toBeGreaterThan(25)
    })
  })
} else {
  test.skip('recorded documents are not on this machine', () => undefined)
}
