import { expect, test } from '@jest/globals'
import type { EventRow } from './known-for-fediverse.ts'
import { toActivityPub } from '../../src/translate/to-activitypub.ts'
import { eventOf, knownForFediverse } from './known-for-fediverse.ts'

/** A message with so many pictures. */
const withFiles = (count: number): EventRow => ({
  kind: 'media',
  media: Array.from({ length: count }, (_, index) => ({
    kind: 'image',
    mxc: `m${index}`,
    mediaType: 'image/png',
  })),
})

function sent(count: number) {
  const event = withFiles(count)
  const known = knownForFediverse(event, { portal: { kind: 'profile', of: 'alice' } })
  const { actions = [] } = toActivityPub(eventOf(event), known)
  const [note] = actions.flatMap((action) =>
    action.do === 'publish' && action.activity.type === 'create' ? [action.activity.note] : [],
  )
  return {
    attachments: note?.attachments.length,
    links: note?.content.match(/<a /g)?.length ?? 0,
    told: actions.flatMap((action) => (action.do === 'tell' ? [action.text] : [])),
  }
}

test.each([
  [1, { attachments: 1, links: 0, told: [] }],
  [4, { attachments: 4, links: 0, told: [] }],
  [32, { attachments: 32, links: 28, told: [] }],
  [40, { attachments: 32, links: 28, told: ['Only the first 32 of these 40 files were sent.'] }],
])('of %i files', (count, expected) => {
  expect(sent(count)).toEqual(expected)
})
