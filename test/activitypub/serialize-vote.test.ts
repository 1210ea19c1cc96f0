import { expect, test } from '@jest/globals'
import { asActivityId, asActorId, asObjectId } from '../../src/model/ids.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'

const actor = asActorId('https://fedi.here.example/actors/A1')
const id = asActivityId('https://fedi.here.example/activities/1')
const { serialize } = createSerializer({
  publicUrl: 'https://fedi.here.example',
  handleDomain: 'here.example',
  bridgeName: 'The bridge',
  findKeys: () => undefined,
  clock: { now: () => 0 },
})

test('a vote is a note that names an option, without words', () => {
  const vote = {
    type: 'vote',
    id,
    actor: actor,
    object: asObjectId('https://remote.example/polls/1'),
    noteId: asObjectId('https://fedi.here.example/activities/1#vote'),
    choice: 'Tea',
    to: ['https://remote.example/users/bob'],
    cc: [],
  } as const
  expect(JSON.parse(serialize(vote))).toEqual({
    '@context': 'https://www.w3.org/ns/activitystreams',
    id,
    type: 'Create',
    actor: actor,
    to: vote.to,
    cc: [],
    object: {
      id: vote.noteId,
      type: 'Note',
      attributedTo: actor,
      name: 'Tea',
      inReplyTo: vote.object,
      to: vote.to,
      cc: [],
    },
  })
})
