import { describe, expect, test } from '@jest/globals'
import { RejectedError } from '../../src/model/errors.ts'
import { parseActivity } from '../../src/activitypub/parse.ts'

const bob = 'https://remote.example/users/bob'
const note = 'https://remote.example/notes/1'
const at = 1_700_000_000_000

const refusal = (parse: () => unknown): unknown => {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RejectedError) return `${String(error.code)}: ${error.message}`
    throw error
  }
}

describe('an activity', () => {
  const alice = 'https://here.example/actors/a'
  const id = 'https://remote.example/activities/1'
  const other = 'https://remote.example/users/eve'
  const embedded = { id: note, type: 'Note', attributedTo: bob, content: 'hi' }
  const carried = {
    id: note,
    type: 'Note',
    author: bob,
    content: 'hi',
    sensitive: false,
    to: [],
    cc: [],
    mentions: [],
    attachments: [],
    emojis: [],
  }
  const follow = { type: 'Follow', id: `${alice}/follow`, actor: alice, object: bob }
  const person = { id: bob, type: 'Person', preferredUsername: 'bob', inbox: `${bob}/inbox` }

  const poll = `${alice}/poll`
  const vote = {
    id: `${bob}#votes/1`,
    type: 'Note',
    attributedTo: bob,
    to: alice,
    inReplyTo: poll,
    name: 'Tea',
  }
  const also = { ...vote, id: `${bob}#votes/2`, name: 'Coffee' }
  const votes: [string, object, object][] = [
    [
      'Create of a note that names an option is a vote',
      { type: 'Create', object: vote },
      { type: 'vote', object: poll, choices: ['Tea'] },
    ],
    [
      'Create of several votes at once, as GoToSocial sends them',
      { type: 'Create', object: [vote, also, also] },
      { type: 'vote', object: poll, choices: ['Tea', 'Coffee'] },
    ],
    [
      'Create of votes: those in another poll or of somebody else do not count',
      {
        type: 'Create',
        object: [
          vote,
          { ...also, inReplyTo: `${alice}/other` },
          { ...also, attributedTo: other },
          { ...also, id: 'https://elsewhere.example/1' },
        ],
      },
      { type: 'vote', object: poll, choices: ['Tea'] },
    ],
    [
      'Create of an Answer is a vote',
      { type: 'Create', object: { ...vote, type: 'Answer', content: null } },
      { type: 'vote', object: poll, choices: ['Tea'] },
    ],
    [
      'Create of a reply that has words is none',
      { type: 'Create', object: { ...vote, content: 'hi', to: [] } },
      {
        type: 'create',
        object: {
          ref: vote.id,
          embedded: { ...carried, id: vote.id, name: 'Tea', inReplyTo: poll },
        },
      },
    ],
  ]

  const cases: [string, object, object][] = [
    [
      'Create carries its note',
      { type: 'Create', object: embedded },
      {
        type: 'create',
        object: { ref: note, embedded: carried },
      },
    ],
    [
      'Create tells the audience its note lacks',
      { type: 'Create', object: embedded, to: bob },
      {
        type: 'create',
        object: { ref: note, embedded: { ...carried, to: [bob] } },
      },
    ],
    ...votes,
    [
      'Create with a bare id',
      { type: 'Create', object: note },
      {
        type: 'create',
        object: { ref: note },
      },
    ],
    [
      'Create of another author is only a reference',
      {
        type: 'Create',
        object: { ...embedded, attributedTo: other },
      },
      { type: 'create', object: { ref: note } },
    ],
    [
      'Create from another host is only a reference',
      {
        type: 'Create',
        object: { ...embedded, id: 'https://bank.example/1' },
      },
      { type: 'create', object: { ref: 'https://bank.example/1' } },
    ],
    [
      'Create of votes in a list takes the first',
      { type: ['Create'], object: [note, `${note}2`] },
      {
        type: 'create',
        object: { ref: note },
      },
    ],
    [
      'Create of what is no post',
      { type: 'Create', object: { ...embedded, type: 'Collection' } },
      {
        type: 'other',
        wireType: 'Create(Collection)',
      },
    ],
    [
      'Update of a note',
      { type: 'Update', object: embedded },
      {
        type: 'update-note',
        object: { ref: note, embedded: carried },
      },
    ],
    [
      'Update of the actor itself',
      { type: 'Update', object: person },
      {
        type: 'update-actor',
        document: {
          id: bob,
          kind: 'Person',
          username: 'bob',
          host: 'remote.example',
          inbox: `${bob}/inbox`,
          publicKeys: [],
          fetchedAt: at,
        },
      },
    ],
    ['Update of the actor by id', { type: 'Update', object: bob }, { type: 'update-actor' }],
    [
      'Update of another actor is none of ours',
      { type: 'Update', object: { ...person, id: other } },
      {
        type: 'other',
        wireType: 'Update(Person)',
      },
    ],
    [
      'Delete of a Tombstone',
      { type: 'Delete', object: { id: note, type: 'Tombstone' } },
      {
        type: 'delete-object',
        object: note,
      },
    ],
    ['Delete of an id', { type: 'Delete', object: note }, { type: 'delete-object', object: note }],
    ['Delete of the actor', { type: 'Delete', object: bob }, { type: 'delete-actor' }],
    ['Delete of the actor in full', { type: 'Delete', object: person }, { type: 'delete-actor' }],
    ['Follow', { type: 'Follow', object: { id: alice } }, { type: 'follow', object: alice }],
    [
      'Accept of a whole Follow',
      { type: 'Accept', object: follow },
      {
        type: 'accept',
        follow: follow,
      },
    ],
    [
      'Accept of a bare id',
      { type: 'Accept', object: follow.id },
      {
        type: 'accept',
        follow: { id: follow.id },
      },
    ],
    [
      'Reject of a Follow without id',
      {
        type: 'Reject',
        object: [{ type: 'Follow', actor: alice, object: bob }],
      },
      { type: 'reject', follow: { type: 'Follow', actor: alice, object: bob } },
    ],
    [
      'Accept of something else',
      { type: 'Accept', object: { ...follow, type: 'Join' } },
      {
        type: 'other',
        wireType: 'Accept(Join)',
      },
    ],
    [
      'Like',
      { type: 'Like', object: [alice] },
      { type: 'react', object: alice, feeling: { type: 'Like', key: '❤️' } },
    ],
    [
      'Like with an emoji',
      { type: 'Like', object: alice, content: '🎉' },
      { type: 'react', object: alice, feeling: { type: 'Like', key: '🎉' } },
    ],
    [
      'Like as Misskey writes it, with a picture',
      {
        ...{ type: 'Like', object: alice, _misskey_reaction: ':blob@remote.example:' },
        tag: { type: 'Emoji', name: ':blob:', icon: { url: 'https://remote.example/b.png' } },
      },
      {
        ...{ type: 'react', object: alice },
        feeling: {
          ...{ type: 'Like', key: ':blob:' },
          emoji: { shortcode: 'blob', url: 'https://remote.example/b.png' },
        },
      },
    ],
    [
      'EmojiReact without the variation selector',
      { type: 'EmojiReact', object: alice, content: '❤' },
      { type: 'react', object: alice, feeling: { type: 'EmojiReact', key: '❤️' } },
    ],
    [
      'EmojiReact with what is no emoji',
      { type: 'EmojiReact', object: alice, content: '<b>hello</b>' },
      { type: 'react', object: alice, feeling: { type: 'Like', key: '❤️' } },
    ],
    [
      'Dislike',
      { type: 'Dislike', object: alice },
      { type: 'react', object: alice, feeling: { type: 'Dislike', key: '👎' } },
    ],
    ['Announce', { type: 'Announce', object: alice }, { type: 'announce', object: alice }],
    [
      'Announce of an embedded post is its id',
      { type: 'Announce', object: { id: alice, type: 'Note', content: 'forged' } },
      { type: 'announce', object: alice },
    ],
    [
      'Announce of an activity, as groups do',
      { type: 'Announce', object: { id: alice, type: 'Create', object: alice } },
      { type: 'announce', object: alice },
    ],
    [
      'Announce of an activity that brings nothing',
      { type: 'Announce', object: { id: alice, type: 'Lock', object: alice } },
      { type: 'other', wireType: 'Announce(Lock)' },
    ],
    ['Block', { type: 'Block', object: alice }, { type: 'block', object: alice }],
    [
      'Undo of a whole activity',
      {
        type: 'Undo',
        object: { type: 'Like', id: `${id}/l`, actor: bob, object: { id: alice } },
      },
      { type: 'undo', target: { type: 'Like', id: `${id}/l`, actor: bob, object: alice } },
    ],
    [
      'Undo of a bare id',
      { type: 'Undo', object: `${id}/l` },
      {
        type: 'undo',
        target: { id: `${id}/l` },
      },
    ],
    [
      'an embedded actor',
      { type: 'Follow', actor: person, object: alice },
      {
        type: 'follow',
        object: alice,
      },
    ],
    [
      'a kind that is not bridged',
      { type: 'Travel', object: note },
      {
        type: 'other',
        wireType: 'Travel',
      },
    ],
    [
      'an extension',
      { type: 'http://x.example/ns#Zot' },
      {
        type: 'other',
        wireType: 'http://x.example/ns#Zot',
      },
    ],
  ]
  test.each(cases)('%s', (_, document, expected) => {
    expect(parseActivity({ id, actor: bob, ...document }, at)).toEqual({
      id,
      actor: bob,
      ...expected,
    })
  })

  test.each([
    ['a list', [], 'not-activitypub: not a JSON object'],
    ['no type', { id, actor: bob }, 'not-activitypub: an activity without type'],
    ['no id', { type: 'Like', actor: bob }, 'not-activitypub: a Like without id'],
    ['no actor', { type: 'Like', id }, `not-activitypub: Like ${id} without actor`],
    [
      'no object',
      { type: 'Like', id, actor: bob },
      `not-activitypub: Like ${id} has no object with an id`,
    ],
    [
      'an id of another host',
      { type: 'Like', id: `${alice}/1`, actor: bob, object: note },
      `forwarded: Like ${alice}/1 is not on the host of ${bob}`,
    ],
    [
      'a Delete of another host',
      { type: 'Delete', id, actor: bob, object: alice },
      `hostile: Delete ${id} names an object of another host`,
    ],
    [
      'an answer for another',
      { type: 'Accept', id, actor: bob, object: { ...follow, object: other } },
      `hostile: Accept ${id} answers for another actor`,
    ],
    [
      "an Undo of another's activity",
      { type: 'Undo', id, actor: bob, object: { type: 'Like', id: note, actor: other } },
      `hostile: Undo ${id} undoes what another actor did`,
    ],
    [
      'a deleted note',
      { type: 'Create', id, actor: bob, object: { ...embedded, type: 'Tombstone' } },
      `gone: object ${note} is deleted`,
    ],
  ])('with %s is refused', (_, document, expected) => {
    expect(refusal(() => parseActivity(document, at))).toBe(expected)
  })
})
