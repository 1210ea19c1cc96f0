import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { RejectedError } from '../../src/model/errors.ts'
import {
  parseActivity,
  parseActor,
  parseNote,
  parsePublicKeys,
} from '../../src/activitypub/parse.ts'

const bob = 'https://remote.example/users/bob'
const ids = fc.constantFrom(bob, `${bob}/1`, 'https://other.example/1', 'as:Public', 'x:', '')
const types = fc.constantFrom(
  ...['Create', 'Update', 'Delete', 'Undo', 'Accept', 'Follow', 'Like', 'Block', 'Announce'],
  ...['Note', 'Person', 'Tombstone', 'Question', 'Mention', 'as:Note', ''],
)
const members = [
  ...['id', 'type', 'actor', 'object', 'attributedTo', 'to', 'cc', 'tag', 'attachment', 'url'],
  ...['content', 'contentMap', 'inReplyTo', 'icon', 'endpoints', 'publicKey', 'oneOf', 'inbox'],
  ...['preferredUsername', 'published', '@id', '@type', 'context', 'href', 'name', '__proto__'],
]

/** Documents made of the right words in the wrong places. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(ids, types, fc.jsonValue(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...members), tie('value'), { maxKeys: 8 }),
  ),
}))
const document = fc.tuple(value, types, ids).map(([found, type, id]) => {
  const isObject = typeof found === 'object' && found !== null && !Array.isArray(found)
  return isObject ? { id, type, actor: bob, attributedTo: bob, inbox: bob, ...found } : found
})

test.each<[string, (document: unknown) => unknown]>([
  ['activity', (d) => parseActivity(d, 0)],
  ['actor', (d) => parseActor(d, 0)],
  ['note', parseNote],
  ['keys', parsePublicKeys],
])('whatever is sent as %s is read or refused, never a crash', (_, parse) => {
  let read = 0
  const check = (input: unknown): void => {
    try {
      parse(input)
      read++
    } catch (error) {
      expect(error).toBeInstanceOf(RejectedError)
    }
  }
  fc.assert(fc.property(document, check), { numRuns: 2000, seed: 7 })
  expect(read).toBeGreaterThan(10)
})
