import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

const root = new URL('../', import.meta.url)
const text = readFileSync(new URL('SECURITY.md', root), 'utf8')
const section = /## Who may do what\n([\s\S]*?)\n## /.exec(text)?.[1] ?? ''
const rows = section
  .split('\n')
  .filter((line) => /^\| [A-Z]/.test(line))
  .slice(1)
const named = (line: string): readonly string[] =>
  [...line.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = '']) => path)

test('every kind of person in the threat model has tests that show what holds', () => {
  expect(rows.length).toBeGreaterThanOrEqual(8)
  expect(rows.filter((line) => named(line).length === 0)).toEqual([])
})

test.each([...new Set(named(text))])('%s is there', (path) => {
  expect(existsSync(new URL(path, root))).toBe(true)
})
