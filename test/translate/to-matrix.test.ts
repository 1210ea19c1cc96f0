import { describe, expect, test } from '@jest/globals'
import { toMatrix } from '../../src/translate/to-matrix.ts'
import { activityOf, knownForMatrix, usualOf } from './known-for-matrix.ts'
import { outcomeOf } from './outcome.ts'
import { matrixTables } from './tables.ts'

describe.each(matrixTables())('%s', (_, rows) => {
  test.each(rows)('$title', (row) => {
    const activity = activityOf(row.activity, row.known)
    const known = knownForMatrix(activity, row.known)
    // The boost that brings a card is the one that the row is about.
    const usual = { ...usualOf(known), boost: activity.id }
    expect(outcomeOf(toMatrix(activity, known), usual)).toEqual(row.expect)
  })
})
