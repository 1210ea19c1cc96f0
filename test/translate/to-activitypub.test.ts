import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { toActivityPub } from '../../src/translate/to-activitypub.ts'
import { eventOf, knownForFediverse, usual } from './known-for-fediverse.ts'
import type { EventRow, KnownEventRow } from './known-for-fediverse.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'

type Row = { title: string; event: EventRow; known: KnownEventRow; expect: Outcome }

const folder = new URL('../fixtures/to-activitypub/', import.meta.url).pathname
const tables = globSync('*.json', { cwd: folder }).sort()

describe.each(tables)('%s', (name) => {
  const rows = JSON.parse(readFileSync(folder + name, 'utf8')) as Row[]
  test.each(rows)('$title', ({ event, known, expect: expected }) => {
    const outcome = toActivityPub(eventOf(event), knownForFediverse(event, known))
    expect(outcomeOf(outcome, usual)).toEqual(expected)
  })
})
