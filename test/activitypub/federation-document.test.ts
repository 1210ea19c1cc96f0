import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parseActivity } from '../../src/activitypub/parse.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { asActivityId, asActorId, asObjectId, asUserId } from '../../src/model/ids.ts'
import { emptyProfile } from '../../src/model/actor.ts'
import type { OutgoingActivity, OutgoingNote } from '../../src/model/outgoing.ts'
import { RejectedError } from '../../src/model/errors.ts'

const root = path.join(import.meta.dirname, '../..')
const text = readFileSync(path.join(root, 'FEDERATION.md'), 'utf8')

/** Of the vocabulary, and what servers have added to it. */
const wireTypes = [
  ...['Accept', 'Add', 'Announce', 'Arrive', 'Block', 'Create', 'Delete', 'Dislike', 'Flag'],
  ...['Follow', 'Ignore', 'Invite', 'Join', 'Leave', 'Like', 'Listen', 'Move', 'Offer', 'Question'],
  ...['Read', 'Reject', 'Remove', 'TentativeAccept', 'TentativeReject', 'Travel', 'Undo', 'Update'],
  ...['View', 'EmojiReact', 'QuoteRequest', 'LikeRequest', 'ReplyRequest', 'AnnounceRequest'],
  ...['FeatureRequest', 'ApproveReply', 'RejectReply', 'Ping', 'Pong', 'ChatMessage', 'Endorse'],
]

/** Rows of the table of activities: what it is, what comes of it here, what goes out. */
const rows = text
  .slice(text.indexOf('\n## Activities'), text.indexOf('The form of a reaction is'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

/** The activities that rows whose cell says something name. */
const listed = (column: 2 | 3): readonly string[] => {
  const named = rows
    .filter((cells) => !/^(?:not sent|not read|—)/.test(cells[column] ?? ''))
    .flatMap((cells) => (cells[1] ?? '').split(' of a `')[0]?.match(/`(\w+)`/g) ?? [])
    .map((name) => name.replaceAll('`', ''))
  return [...new Set(named)].sort()
}

const actor = 'https://remote.example/users/bob'
const note = { id: `${actor}/1`, type: 'Note', attributedTo: actor, content: 'x' }
const objects = [
  ...[actor, note, note.id, 'https://here.example/actors/a'],
  { id: `${actor}/f`, type: 'Follow', actor: 'https://here.example/actors/a', object: actor },
]

const isAccepted = (type: string): boolean =>
  objects.some((object) => {
    const members = { object, instrument: note, target: 'https://new.example/users/bob' }
    try {
      return parseActivity({ id: `${actor}/a`, type, actor, ...members }, 0).type !== 'other'
    } catch (error) {
      if (error instanceof RejectedError) return false
      throw error
    }
  })

const me = asActorId('https://here.example/actors/a')
const them = asActorId(actor)
const id = asActivityId('https://here.example/activities/1')
const object = asObjectId(note.id)
const own: OutgoingNote = {
  id: asObjectId('https://here.example/objects/1'),
  author: me,
  content: 'x',
  source: 'x',
  published: 0,
  url: 'https://here.example/objects/1',
  context: 'https://here.example/contexts/1',
  ...{ to: [], cc: [], mentions: [], hashtags: [], attachments: [], emojis: [], sensitive: false },
}
const head = { id, actor: me, to: [], cc: [] }
const inner = { type: 'Follow', id, actor: them, object: me } as const
const request = { id, actor: them, object: own.id, instrument: object }
const subject = {
  ...{ id: me, userId: asUserId('@a:here.example'), username: 'a', createdAt: 0 },
  profile: emptyProfile,
}

/** One of each: a new kind does not compile until it is here. */
const outgoing: { readonly [Type in OutgoingActivity['type']]: readonly OutgoingActivity[] } = {
  create: [{ ...head, type: 'create', note: own }],
  update: [{ ...head, type: 'update', note: own }],
  'update-actor': [{ ...head, type: 'update-actor', subject, at: 0 }],
  delete: [{ ...head, type: 'delete', object: own.id, at: 0 }],
  'delete-actor': [{ ...head, type: 'delete-actor' }],
  move: [{ ...head, type: 'move', target: them }],
  follow: [{ ...head, type: 'follow', object: them }],
  block: [{ ...head, type: 'block', object: them }],
  react: (['Like', 'EmojiReact', 'Dislike', 'Announce'] as const).map((type) => ({
    ...head,
    ...{ type: 'react', object, feeling: { type, key: '❤️' }, at: 0 },
  })),
  vote: [{ ...head, type: 'vote', object, noteId: own.id, choice: 'x' }],
  accept: [{ ...head, type: 'accept', inner }],
  reject: [{ ...head, type: 'reject', inner }],
  undo: [{ ...head, type: 'undo', inner }],
  'quote-request': [{ ...head, type: 'quote-request', object, note: own }],
  'quote-answer': [{ ...head, type: 'quote-answer', request }],
  'feature-answer': [{ ...head, type: 'feature-answer', request }],
  flag: [{ ...head, type: 'flag', objects: [them, object], content: 'x' }],
  pong: [{ ...head, type: 'pong', object: id }],
  'revoke-quote': [
    {
      ...head,
      type: 'revoke-quote',
      stamp: { id: own.id, attributedTo: me, interactingObject: object, interactionTarget: own.id },
    },
  ],
  'pass-on': [{ ...head, type: 'pass-on', object: id }],
  feature: [{ ...head, type: 'feature', object, collection: `${me}/featured` }],
  unfeature: [{ ...head, type: 'unfeature', object, collection: `${me}/featured` }],
}

const serializer = createSerializer({
  publicUrl: 'https://here.example',
  handleDomain: 'here.example',
  bridgeName: 'Footbridge',
  findKeys: () => undefined,
  clock: { now: () => 0 },
})

describe('FEDERATION.md', () => {
  test('lists every activity that is accepted, and no other', () => {
    expect(listed(2)).toEqual(wireTypes.filter(isAccepted).sort())
  })

  test('lists every activity that is sent, and no other', () => {
    const sent = Object.values(outgoing)
      .flat()
      .map((activity) => (JSON.parse(serializer.serialize(activity)) as { type: string }).type)
    expect(listed(3)).toEqual([...new Set(sent)].sort())
  })

  test('names the software whose recorded documents are read in the tests', () => {
    const folders = readdirSync(path.join(root, 'test/fixtures/documents'))
    const software = folders.filter((name) => name !== 'other')
    const section = text.slice(text.indexOf('\n## Software')).toLowerCase()
    expect(software.filter((name) => !section.includes(name))).toEqual([])
    expect(software.length).toBeGreaterThan(5)
  })
})
