import { expect, test } from '@jest/globals'
import { asRoomId, asUserId } from '../../src/model/ids.ts'
import { heldBackText } from '../../src/bridge/stranger-limits.ts'
import { toActivityPub } from '../../src/translate/to-activitypub.ts'
import { toMatrix } from '../../src/translate/to-matrix.ts'
import { eventOf, knownForFediverse } from './known-for-fediverse.ts'
import { activityOf, knownForMatrix } from './known-for-matrix.ts'
import { textsOf } from './outcome.ts'
import { fediverseTables, matrixTables } from './tables.ts'

/** Words of ours that mean nothing to those who read the texts. */
const jargon =
  /\b(activit(y|ies)|activitypub|actors?|federat\w+|ghosts?|inbox(es)?|instances?|mappings?|objects?|outbox|portals?|puppets?|tags?|undefined|null)\b/i

const translations = [
  ...matrixTables().flatMap(([, rows]) =>
    rows.map((row) => {
      const activity = activityOf(row.activity, row.known)
      return toMatrix(activity, knownForMatrix(activity, row.known))
    }),
  ),
  ...fediverseTables().flatMap(([, rows]) =>
    rows.map(({ event, known }) => toActivityPub(eventOf(event), knownForFediverse(event, known))),
  ),
]
const reached = [asUserId('@alice:us.test'), asRoomId('!room')]
const notices = reached.flatMap((who) => [1, 2, 1_000].map((count) => heldBackText(who, count)))
const texts = [...new Set([...translations.flatMap(textsOf), ...notices])]

test('the tables tell something', () => {
  expect(texts.length).toBeGreaterThanOrEqual(15)
})

test.each(texts)('%s', (text) => {
  const words = text.replaceAll(/`[^`]*`/g, '')
  expect(words).not.toMatch(jargon)
  expect(words).not.toMatch(/[!…]|\b(sorry|please note|oops)\b/i)
  expect(text).toMatch(/[.`]$/)
  expect(text.length).toBeLessThanOrEqual(400)
})

test('what strangers wrote beyond the limits of a day is told in their number', () => {
  expect(notices.map((text) => text.replace(/ today\..*/, ''))).toEqual([
    '1 more mention by people you do not follow',
    '2 more mentions by people you do not follow',
    'At least 1000 more mentions by people you do not follow',
    '1 more reply by people whom nobody here follows',
    '2 more replies by people whom nobody here follows',
    'At least 1000 more replies by people whom nobody here follows',
  ])
})
