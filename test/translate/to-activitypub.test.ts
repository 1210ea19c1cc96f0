import { describe, expect, test } from '@jest/globals'
import { toActivityPub } from '../../src/translate/to-activitypub.ts'
import { eventOf, knownForFediverse, usual } from './known-for-fediverse.ts'
import { outcomeOf } from './outcome.ts'
import { fediverseTables } from './tables.ts'

describe.each(fediverseTables())('%s', (_, rows) => {
  test.each(rows)('$title', ({ event, known, expect: expected }) => {
    const translation = toActivityPub(eventOf(event), knownForFediverse(event, known))
    expect(outcomeOf(translation, usual)).toEqual(expected)
  })
})
