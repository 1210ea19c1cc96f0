import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { toMatrix } from '../../src/translate/to-matrix.ts'
import { activityOf, knownForMatrix, usualOf } from './known-for-matrix.ts'
import type { ActivityRow, KnownRow } from './known-for-matrix.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'

type Row = { title: string; activity: ActivityRow; known: KnownRow; expect: Outcome }

const folder = new URL('../fixtures/to-matrix/', import.meta.url).pathname
const tables = globSync('*.json', { cwd: folder }).sort()

describe.each(tables)('%s', (name) => {
  const rows = JSON.parse(readFileSync(folder + name, 'utf8')) as Row[]
  test.each(rows)('$title', (row) => {
    const activity = activityOf(row.activity, row.known)
    const known = knownForMatrix(activity, row.known)
    expect(outcomeOf(toMatrix(activity, known), usualOf(known))).toEqual(row.expect)
  })
})
