import { describe, expect, test } from '@jest/globals'
import { createPublicKey } from 'node:crypto'
import { asActivityId, asActorId, asMxc, asObjectId, asUserId } from '../../src/model/ids.ts'
import { emptyProfile, type LocalActor } from '../../src/model/actor.ts'
import type { OutgoingActivity, OutgoingNote } from '../../src/model/outgoing.ts'
import type { ActorKeys } from '../../src/activitypub/key-pairs.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { proofContext, readProof, verifyProof } from '../../src/activitypub/proof.ts'
import { actorDocument, multikeysOf, withoutProofContext } from './own-actor.ts'
import { testKeys } from '../support/keys.ts'
import { parseActivity, parseActor, parseNote } from '../../src/activitypub/parse.ts'

const alice = asActorId('https://fedi.here.example/actors/A1')
const bob = asActorId('https://remote.example/users/bob')
const object = asObjectId('https://fedi.here.example/objects/O1')
const id = asActivityId('https://fedi.here.example/activities/C1')
const follow = asActivityId('https://remote.example/follows/1')
const at = Date.UTC(2024, 0, 2, 3, 4, 5)
const context = 'https://fedi.here.example/contexts/X1'
const publicUri = 'https://www.w3.org/ns/activitystreams#Public'
const audience = { to: [publicUri], cc: [`${alice}/followers`, bob] }

const subject: LocalActor = {
  id: alice,
  userId: asUserId('@al"ice:here.example'),
  username: 'alice',
  displayName: 'Alice',
  avatar: asMxc('mxc://here.example/abc'),
  createdAt: at,
}

const keys = testKeys(alice)
const make = (found: ActorKeys | undefined) =>
  createSerializer({
    publicUrl: 'https://fedi.here.example',
    handleDomain: 'here.example',
    bridgeName: 'The bridge',
    findKeys: () => found,
    clock: { now: () => at },
  })
const { serialize, serializeNote, serializeActor, serializeInstanceActor } = make(keys)

const note = {
  ...audience,
  id: object,
  author: alice,
  content: '<p>hi <b>bob</b></p>',
  source: 'hi **bob**',
  published: at,
  url: object,
  inReplyTo: asObjectId('https://remote.example/notes/1'),
  context,
  mentions: [{ actorId: bob, name: '@bob@remote.example' }],
  hashtags: [{ name: '#cats', href: 'https://fedi.here.example/tags/cats' }],
  sensitive: false,
  attachments: [],
  emojis: [],
}

const noteContext: unknown = expect.arrayContaining([
  'https://www.w3.org/ns/activitystreams',
  expect.objectContaining({ conversation: 'ostatus:conversation', sensitive: 'as:sensitive' }),
])
const noteDocument = {
  id: object,
  type: 'Note',
  attributedTo: alice,
  content: '<p>hi <b>bob</b></p>',
  source: { content: 'hi **bob**', mediaType: 'text/markdown' },
  published: '2024-01-02T03:04:05.000Z',
  url: object,
  ...audience,
  inReplyTo: 'https://remote.example/notes/1',
  context,
  conversation: context,
  sensitive: false,
  tag: [
    { type: 'Mention', href: bob, name: '@bob@remote.example' },
    { type: 'Hashtag', href: 'https://fedi.here.example/tags/cats', name: '#cats' },
  ],
  attachment: [],
  replies: `${object}/replies`,
}
const actorContext: unknown = expect.arrayContaining([
  'https://www.w3.org/ns/activitystreams',
  'https://w3id.org/security/v1',
])

describe('an activity of ours', () => {
  const inner = { type: 'Follow', id: follow, actor: bob, object: alice } as const
  const plain = { '@context': 'https://www.w3.org/ns/activitystreams', id, actor: alice }
  const head = { id, actor: alice }
  const none = { to: [bob], cc: [] }
  const reacting = { ...plain, '@context': expect.anything() as unknown }
  const blob = {
    type: 'EmojiReact',
    key: ':blob:',
    emoji: { shortcode: 'blob', url: 'https://fedi.here.example/media/b' },
  } as const
  const cases: [string, OutgoingActivity, unknown][] = [
    [
      'Create',
      { ...head, ...audience, type: 'create', note },
      {
        '@context': noteContext,
        ...head,
        type: 'Create',
        published: '2024-01-02T03:04:05.000Z',
        ...audience,
        object: noteDocument,
      },
    ],
    [
      'Update, with the same audience on both',
      { ...head, ...none, type: 'update', note: { ...note, updated: at + 1000 } },
      {
        '@context': noteContext,
        ...head,
        type: 'Update',
        updated: '2024-01-02T03:04:06.000Z',
        ...none,
        object: { ...noteDocument, ...none, updated: '2024-01-02T03:04:06.000Z' },
      },
    ],
    [
      'Update of the actor',
      { ...head, ...audience, type: 'update-actor', subject, at },
      {
        '@context': actorContext,
        ...head,
        type: 'Update',
        updated: '2024-01-02T03:04:05.000Z',
        ...audience,
        object: actorDocument,
      },
    ],
    [
      'Delete',
      { ...head, ...audience, type: 'delete', object, at },
      {
        ...plain,
        type: 'Delete',
        ...audience,
        object: {
          id: object,
          type: 'Tombstone',
          formerType: 'Note',
          deleted: '2024-01-02T03:04:05.000Z',
        },
      },
    ],
    [
      'Delete of the actor',
      { ...head, ...audience, type: 'delete-actor' },
      { ...plain, type: 'Delete', ...audience, object: alice },
    ],
    [
      'Follow',
      { ...head, ...none, type: 'follow', object: bob },
      { ...plain, type: 'Follow', ...none, object: bob },
    ],
    [
      'Like',
      { ...head, ...none, type: 'react', object, feeling: { type: 'Like', key: '❤️' }, at: 0 },
      { ...reacting, type: 'Like', ...none, object },
    ],
    [
      'Like with an emoji, for those who know it',
      { ...head, ...none, type: 'react', object, feeling: { type: 'Like', key: '🎉' }, at: 0 },
      { ...reacting, type: 'Like', content: '🎉', _misskey_reaction: '🎉', ...none, object },
    ],
    [
      'EmojiReact with a picture',
      { ...head, ...none, type: 'react', object, feeling: blob, at: 0 },
      {
        ...reacting,
        ...{ type: 'EmojiReact', content: ':blob:', ...none, object },
        tag: [expect.objectContaining({ type: 'Emoji', name: ':blob:' })],
      },
    ],
    [
      'Announce',
      { ...head, ...none, type: 'react', object, feeling: { type: 'Announce', key: '🔁' }, at: 0 },
      { ...reacting, type: 'Announce', published: '1970-01-01T00:00:00.000Z', ...none, object },
    ],
    [
      'Undo of a reaction, which says what it was',
      {
        ...{ ...head, ...none, type: 'undo' },
        inner: { type: 'EmojiReact', id: follow, actor: alice, object: bob, feeling: blob },
      },
      {
        ...{ ...reacting, type: 'Undo', ...none },
        object: {
          ...{ type: 'EmojiReact', id: follow, actor: alice, object: bob, content: ':blob:' },
          tag: [expect.objectContaining({ type: 'Emoji', name: ':blob:' })],
        },
      },
    ],
    [
      'Block',
      { ...head, ...none, type: 'block', object: bob },
      { ...plain, type: 'Block', ...none, object: bob },
    ],
    [
      'Accept',
      { ...head, ...none, type: 'accept', inner },
      { ...plain, type: 'Accept', ...none, object: inner },
    ],
    [
      'Reject',
      { ...head, ...none, type: 'reject', inner },
      { ...plain, type: 'Reject', ...none, object: inner },
    ],
    [
      'Undo',
      { ...head, ...none, type: 'undo', inner: { ...inner, actor: alice, object: bob } },
      { ...plain, type: 'Undo', ...none, object: { ...inner, actor: alice, object: bob } },
    ],
  ]
  test.each(cases)('%s', (_, activity, expected) => {
    const { proof, ...document } = JSON.parse(serialize(activity)) as Record<string, unknown>
    const isPublic = [...activity.to, ...activity.cc].includes(publicUri)
    expect([proof !== undefined, withoutProofContext(document)]).toEqual([isPublic, expected])
  })

  test.each(cases)('%s is proven where everybody may see it', (_, activity) => {
    const document = JSON.parse(serialize(activity)) as Record<string, unknown>
    if (![...activity.to, ...activity.cc].includes(publicUri)) {
      expect(document).not.toHaveProperty('proof')
      return
    }
    const proof = readProof(document, at)
    expect(proof?.verificationMethod).toBe(`${alice}#ed25519-key`)
    expect(document['@context']).toContain(proofContext)
    expect(proof && verifyProof(proof, createPublicKey(keys.proving.privateKey))).toBe(true)
  })

  test.each(cases)('%s is understood by our own parser', (_, activity) => {
    const read = parseActivity(JSON.parse(serialize(activity)), at)
    const wire = activity.type === 'update' ? 'update-note' : activity.type
    const isBoost = activity.type === 'react' && activity.feeling.type === 'Announce'
    const type = wire === 'delete' ? 'delete-object' : isBoost ? 'announce' : wire
    expect([read.id, read.actor, read.type]).toEqual([id, alice, type])
  })

  test('Update of an actor whose key is not at hand names it, so that nobody forgets the key', () => {
    const text = make(undefined).serialize({ ...head, ...none, type: 'update-actor', subject, at })
    expect(JSON.parse(text)).toMatchObject({ type: 'Update', object: alice })
  })
})

describe('a note of ours alone', () => {
  test('is the object of its Create with a context of its own', () => {
    const text = serializeNote({ id, actor: alice, ...audience, type: 'create', note })
    expect(JSON.parse(text ?? '')).toEqual({ '@context': noteContext, ...noteDocument })
    expect(parseNote(JSON.parse(text ?? '')).mentions).toEqual(note.mentions)
  })

  test('is nothing for other activities', () => {
    const text = serializeNote({ id, actor: alice, ...audience, type: 'delete-actor' })
    expect(text).toBeUndefined()
  })
})

describe('an actor of ours', () => {
  test('states everything that other servers want to know', () => {
    const document: unknown = JSON.parse(serializeActor(subject, keys))
    expect(document).toEqual({ '@context': actorContext, ...actorDocument })
    expect(parseActor(document, at).publicKeys).toEqual([
      { id: `${alice}#main-key`, owner: alice, pem: 'PEM' },
      {
        id: `${alice}#ed25519-key`,
        owner: alice,
        pem: expect.stringContaining('BEGIN PUBLIC KEY') as unknown,
      },
    ])
  })

  test('without name and picture has its username', () => {
    const bare = { id: alice, userId: subject.userId, username: 'alice', createdAt: at }
    expect(JSON.parse(serializeActor(bare, keys))).toEqual({
      '@context': actorContext,
      ...actorDocument,
      name: 'alice',
      icon: undefined,
    })
  })

  test('has the words and the header of its profile on Matrix, and tags for its custom emoji', () => {
    const emojis = [{ shortcode: 'cat', url: 'https://fedi.here.example/media/cat' }]
    const own = { ...emptyProfile, name: 'Alice :cat:', emojis }
    const onMatrix = { bio: { source: 'Hi', html: '<p>Hi</p>' }, header: asMxc('mxc://a/b') }
    expect(JSON.parse(serializeActor({ ...subject, profile: own, onMatrix }, keys))).toMatchObject({
      name: 'Alice :cat:',
      summary: '<p>Hi</p>',
      image: { type: 'Image' },
      tag: [
        { type: 'Link', rel: 'canonical' },
        { type: 'Emoji', name: ':cat:', icon: { url: 'https://fedi.here.example/media/cat' } },
      ],
    })
  })

  test('that stands for the server is an Application named after its host', () => {
    expect(JSON.parse(serializeInstanceActor(testKeys('https://fedi.here.example/actor')))).toEqual(
      {
        '@context': actorContext,
        id: 'https://fedi.here.example/actor',
        type: 'Application',
        preferredUsername: 'fedi.here.example',
        webfinger: 'fedi.here.example@fedi.here.example',
        name: 'The bridge',
        // Who meets it reads what it is, and how to be left alone.
        summary: expect.stringMatching(/A bridge to people on Matrix\..*&quot;stop&quot;/),
        url: 'https://fedi.here.example/',
        inbox: 'https://fedi.here.example/inbox',
        outbox: 'https://fedi.here.example/actor/outbox',
        endpoints: { sharedInbox: 'https://fedi.here.example/inbox' },
        manuallyApprovesFollowers: true,
        discoverable: false,
        indexable: false,
        publicKey: {
          id: 'https://fedi.here.example/actor#main-key',
          owner: 'https://fedi.here.example/actor',
          publicKeyPem: 'PEM',
        },
        assertionMethod: multikeysOf('https://fedi.here.example/actor'),
        implements: actorDocument.generator.implements,
      },
    )
  })
})

describe('what a note of ours carries besides its text', () => {
  const carrying = (more: Partial<OutgoingNote>): unknown => {
    const full = { ...note, ...more }
    return JSON.parse(
      serializeNote({ id, actor: alice, ...audience, type: 'create', note: full }) ?? '',
    )
  }
  test('a file has its alt text under both names', () => {
    const file = {
      type: 'Video',
      url: 'https://fedi.here.example/media/x',
      mediaType: 'video/mp4',
      name: 'A cat',
      width: 640,
      height: 480,
      duration: 1500,
      blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
      icon: { url: 'https://fedi.here.example/media/y', mediaType: 'image/jpeg' },
    } as const
    const icon = { type: 'Image', ...file.icon }
    expect(carrying({ attachments: [file] })).toMatchObject({
      attachment: [{ ...file, summary: 'A cat', duration: 'PT1.500S', icon }],
    })
  })
  test('a warning, a language, an emoji and a place', () => {
    const more = {
      summary: 'Spiders',
      sensitive: true,
      language: 'de',
      emojis: [{ shortcode: 'blob', url: 'https://fedi.here.example/media/b' }],
      place: { latitude: 1.5, longitude: -2, name: 'Here' },
    }
    expect(carrying(more)).toMatchObject({
      summary: 'Spiders',
      sensitive: true,
      contentMap: { de: note.content },
      location: { type: 'Place', latitude: 1.5, longitude: -2, name: 'Here' },
      tag: expect.arrayContaining([
        expect.objectContaining({
          type: 'Emoji',
          name: ':blob:',
          icon: { type: 'Image', url: 'https://fedi.here.example/media/b' },
        }),
      ]) as unknown,
    })
  })
  test('a poll makes it a question', () => {
    const options = [{ name: 'Tea', votes: 2 }]
    const poll = { options, isMultiple: false, isClosed: true, endTime: 0, voters: 2 }
    expect(carrying({ poll })).toMatchObject({
      type: 'Question',
      oneOf: [{ type: 'Note', name: 'Tea', replies: { type: 'Collection', totalItems: 2 } }],
      endTime: '1970-01-01T00:00:00.000Z',
      closed: '1970-01-01T00:00:00.000Z',
      votersCount: 2,
    })
  })
})
