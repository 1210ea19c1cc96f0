import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parseActivity } from '../../src/activitypub/parse.ts'
import { toStamp } from '../../src/activitypub/quote-document.ts'
import { testKeys } from '../support/keys.ts'
import { isReadAs } from './read-types.ts'
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
const rowsOf = (from: string, to: string) =>
  text
    .slice(text.indexOf(from), text.indexOf(to, text.indexOf(from)))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
const rows = rowsOf('\n## Activities', 'The form of a reaction is')
/** The same of the table of objects, and of what is in them. */
const objectRows = rowsOf('\n## Objects', 'Custom emoji are read')

/** What the rows name whose cell says something. */
const listed = (column: 2 | 3, table = rows): readonly string[] => {
  const named = table
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

const keys = testKeys(me)
/** Everything that a note of ours may have. */
const full: OutgoingNote = {
  ...own,
  to: ['https://www.w3.org/ns/activitystreams#Public'],
  mentions: [{ actorId: them, name: '@bob@remote.example' }],
  hashtags: [{ name: '#x', href: 'https://here.example/tags/x' }],
  emojis: [{ shortcode: 'x', url: 'https://here.example/media/x' }],
  attachments: (['Image', 'Video', 'Audio', 'Document'] as const).map((type) => ({
    ...{ type, url: 'https://here.example/media/1' },
  })),
  place: { latitude: 1, longitude: 2 },
  quote: { id: object, url: object },
}
const poll = { options: [{ name: 'x', votes: 0 }], isMultiple: false, isClosed: false }
const more: readonly OutgoingActivity[] = [
  { ...head, type: 'create', to: full.to, note: full },
  { ...head, type: 'create', note: { ...own, poll } },
  { ...head, type: 'create', note: { ...own, isChat: true } },
  { ...head, type: 'update-actor', subject: { ...subject, group: {} }, at: 0 },
]
const withFields = {
  ...subject.profile,
  isBot: true,
  fields: [{ name: 'x', value: { source: 'x', html: 'x' } }],
}

/** All types in a document, at whatever depth. */
function typesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const members = Object.entries(value).filter(([name]) => name !== '@context')
  return members.flatMap(([name, member]) =>
    name === 'type' && typeof member === 'string' ? [member] : typesIn(member),
  )
}

const serializer = createSerializer({
  publicUrl: 'https://here.example',
  handleDomain: 'here.example',
  bridgeName: 'Footbridge',
  findKeys: () => keys,
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

  test('lists every type of object that is read, and no other', () => {
    expect(listed(2, objectRows)).toEqual(
      isReadAs
        .filter(([, isRead]) => isRead)
        .map(([type]) => type)
        .sort(),
    )
  })

  test('lists every type of object that is sent, and no other', () => {
    const activities = [...Object.values(outgoing).flat(), ...more]
    const written = [
      ...activities.map((activity) => serializer.serialize(activity)),
      serializer.serializeActor({ ...subject, profile: withFields }, keys),
      serializer.serializeInstanceActor(keys),
      JSON.stringify(
        toStamp({
          id: own.id,
          attributedTo: me,
          interactingObject: object,
          interactionTarget: own.id,
        }),
      ),
    ]
    const types = new Set(written.flatMap((one) => typesIn(JSON.parse(one))))
    for (const type of wireTypes)
      if (type !== 'Question' && type !== 'ChatMessage') types.delete(type)
    expect(listed(3, objectRows)).toEqual([...types].sort())
  })

  test('names the software whose recorded documents are read in the tests', () => {
    const folders = readdirSync(path.join(root, 'test/fixtures/documents'))
    const software = folders.filter((name) => name !== 'other')
    const section = text.slice(text.indexOf('\n## Software')).toLowerCase()
    expect(software.filter((name) => !section.includes(name))).toEqual([])
    expect(software.length).toBeGreaterThan(5)
  })
})
