import { describe, expect, test } from '@jest/globals'
import type { KnownRow, NoteRow } from './known-for-matrix.ts'
import type { Outcome } from './outcome.ts'
import { translateBacklog } from '../../src/translate/notes.ts'
import { activityOf, knownForMatrix, usualOf } from './known-for-matrix.ts'
import { outcomeOf } from './outcome.ts'

const rooms: KnownRow['rooms'] = {
  '!bob': { kind: 'actor', of: 'bob', members: 'alice' },
  '!carol': { kind: 'actor', of: 'carol', members: 'alice' },
}

/** What becomes of an older post when somebody begins to follow its author. */
function backlog(note: NoteRow, row: KnownRow): Outcome {
  const all = { ...row, note }
  const known = knownForMatrix(activityOf({ type: 'create' }, all), all)
  if (known.note === undefined) throw new Error('no note')
  return outcomeOf(translateBacklog(known.note, known), usualOf(known))
}

describe('posts from before somebody followed', () => {
  test('stand in the room with their own date and ping nobody', () => {
    expect(backlog({ cc: ['alice'], mentions: 'alice', published: 70 }, { rooms })).toEqual([
      { do: 'send', place: '!bob', from: 'bob/1', ts: 70, body: 'Hello' },
      {
        'put-object': {
          cameAlong: true,
          visibility: 'public',
          mentions: [{ actorId: 'alice', name: '@alice@us.test' }],
        },
      },
    ])
  })

  test('join the thread of a parent that stands there', () => {
    const mappings = { 'bob/1': ['!bob $1'] }
    expect(backlog({ id: 'bob/2', inReplyTo: 'bob/1' }, { rooms, mappings })).toMatchObject([
      { do: 'send', place: '!bob', inReplyTo: 'bob/1', body: 'Hello' },
      { 'put-object': { inReplyTo: 'bob/1' } },
    ])
  })

  test.each<[string, { note: NoteRow; known: KnownRow; skip: string }]>([
    ['posts that no room is for', { note: {}, known: {}, skip: 'no-place' }],
    [
      'followers-only posts',
      { note: { to: ['bob/followers'], cc: [] }, known: { rooms }, skip: 'not-public' },
    ],
    ['direct messages', { note: { to: ['alice'], cc: [] }, known: { rooms }, skip: 'not-public' }],
    [
      'replies to what does not stand there',
      { note: { inReplyTo: 'carol/1' }, known: { rooms }, skip: 'no-place' },
    ],
    [
      'replies to what stands elsewhere',
      {
        note: { inReplyTo: 'carol/1' },
        known: { rooms, mappings: { 'carol/1': ['!carol $1'] } },
        skip: 'no-place',
      },
    ],
    ["somebody else's posts", { note: { id: 'carol/1' }, known: { rooms }, skip: 'not-the-owner' }],
    [
      'deleted posts',
      { note: {}, known: { rooms, objects: { 'bob/1': { deletedAt: 7 } } }, skip: 'deleted' },
    ],
  ])('%s are left out', (_, { note, known, skip }) => {
    expect(backlog(note, known)).toEqual(skip)
  })
})
