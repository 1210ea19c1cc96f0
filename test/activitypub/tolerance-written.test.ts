import { describe, expect, test } from '@jest/globals'
import { asActivityId, asActorId, asMxc, asObjectId, asUserId } from '../../src/model/ids.ts'
import { emptyProfile, type LocalActor } from '../../src/model/actor.ts'
import type { OutgoingNote } from '../../src/model/outgoing.ts'
import { audienceFor } from '../../src/translate/audience.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { readResource, toWebFinger } from '../../src/activitypub/webfinger.ts'
import { testKeys } from '../support/keys.ts'

/** What we write so that strict readers take it, a row for each pitfall, by its number in the list. */
const place = { publicUrl: 'https://fedi.here.example', handleDomain: 'here.example' }
const alice = asActorId(`${place.publicUrl}/actors/A1`)
const bob = asActorId('https://remote.example/users/bob')
const object = asObjectId(`${place.publicUrl}/objects/O1`)
const id = asActivityId(`${place.publicUrl}/activities/O1`)
const subject: LocalActor = {
  ...{ id: alice, userId: asUserId('@alice:here.example'), username: 'alice', createdAt: 0 },
  avatar: asMxc('mxc://here.example/abc'),
  profile: emptyProfile,
}
const keys = testKeys(alice)
const serializer = createSerializer({
  ...place,
  bridgeName: 'Footbridge',
  findKeys: () => keys,
  clock: { now: () => 0 },
})

const note: OutgoingNote = {
  ...audienceFor({ visibility: 'public', followersUrl: `${alice}/followers`, mentioned: [bob] }),
  ...{ id: object, author: alice, content: '<p>hi</p>', source: 'hi', published: 0, url: object },
  context: `${place.publicUrl}/contexts/X1`,
  mentions: [{ actorId: bob, name: '@bob@remote.example' }],
  hashtags: [{ name: '#cats', href: `${place.publicUrl}/tags/cats` }],
  ...{ sensitive: false, attachments: [], emojis: [] },
}
type Document = Record<string, unknown>
const parsed = (text: string) => JSON.parse(text) as Document
const created = (more: Partial<OutgoingNote> = {}): Document => {
  const said = { ...note, ...more }
  const { to, cc } = said
  return parsed(serializer.serialize({ id, actor: alice, to, cc, type: 'create', note: said }))
}
const actor = () => parsed(serializer.serializeActor(subject, keys))
const hostOf = (value: unknown) => new URL(String(value)).host
const follow = { type: 'Follow', id, actor: alice, object: bob } as const
const head = { id, actor: alice, to: [bob], cc: [] }
const direct = audienceFor({ visibility: 'direct', followersUrl: '', mentioned: [bob] })
const long = 'ä'.repeat(15_000)

const documents: readonly (readonly [string, () => unknown, unknown])[] = [
  [
    '1: `self` is the id of the actor, byte for byte, and its account leads back there',
    () => [
      toWebFinger(subject, place)['links'],
      readResource(`acct:${String(actor()['webfinger'])}`, place),
      readResource(String(actor()['id']), place),
    ],
    [
      expect.arrayContaining([{ rel: 'self', type: 'application/activity+json', href: alice }]),
      { kind: 'username', username: 'alice' },
      { kind: 'actor', id: alice },
    ],
  ],
  [
    '6: the context has the very address of the vocabulary',
    () => [created()['@context'], actor()['@context']],
    [0, 1].map(() => expect.arrayContaining(['https://www.w3.org/ns/activitystreams']) as unknown),
  ],
  [
    '8: everything of an actor is on its host',
    () =>
      ['id', 'inbox', 'outbox', 'followers', 'following', 'featured', 'featuredTags', 'url'].map(
        (name) => hostOf(actor()[name]),
      ),
    Array(8).fill('fedi.here.example'),
  ],
  [
    '9: an activity is on the host of its actor',
    () => [hostOf(created()['id']), hostOf(created()['actor'])],
    ['fedi.here.example', 'fedi.here.example'],
  ],
  [
    '10: and so is its object',
    () => hostOf((created()['object'] as Document)['id']),
    'fedi.here.example',
  ],
  [
    '11: the audience of an activity is that of its note',
    () => [created(), created()['object']],
    [0, 1].map(() => ({ to: note.to, cc: note.cc })),
  ],
  [
    '13: a private message has one reader in `to`, and an empty `cc`',
    () => created(direct)['object'],
    { to: [bob], cc: [] },
  ],
  [
    '14: a picture says what it is',
    () => {
      const file = { type: 'Image', url: `${place.publicUrl}/media/1`, mediaType: 'image/png' }
      return created({ attachments: [{ ...file, type: 'Image', width: 2, height: 1 }] })['object']
    },
    { attachment: [{ mediaType: 'image/png', width: 2, height: 1 }] },
  ],
  [
    '18: a hashtag has type, name with # and an absolute address',
    () => created()['object'],
    {
      tag: [
        { type: 'Mention' },
        { type: 'Hashtag', name: '#cats', href: `${place.publicUrl}/tags/cats` },
      ],
    },
  ],
  [
    '19: fields of a profile are named as Mastodon does',
    () => actor()['@context'],
    expect.arrayContaining([
      expect.objectContaining({
        schema: 'http://schema.org#',
        PropertyValue: 'schema:PropertyValue',
      }),
    ]),
  ],
  [
    '20: what is undone stands in the Undo',
    () => parsed(serializer.serialize({ ...head, type: 'undo', inner: follow })),
    { type: 'Undo', object: follow },
  ],
  [
    '30: a long text stands there once, so that all of it is below 64 kB',
    () => {
      const text = { content: `<p>${long}</p>`, source: long, language: 'de' }
      const { object: told, ...rest } = created(text)
      const { content, source, contentMap } = told as Document
      const size = Buffer.byteLength(JSON.stringify({ ...rest, object: told }))
      return [content, source, contentMap, size < 65_536]
    },
    [`<p>${long}</p>`, undefined, undefined, true],
  ],
  [
    '54: all people are on one host, whatever homeserver is theirs',
    () => {
      const far = asUserId('@carol:other.example')
      return hostOf(parsed(serializer.serializeActor({ ...subject, userId: far }, keys))['id'])
    },
    'fedi.here.example',
  ],
  [
    '56: no account says that it is suspended, which would be for ever',
    () => 'suspended' in actor(),
    false,
  ],
  [
    '61: an actor has a single address, key and picture',
    () => {
      const { url, publicKey, icon } = actor()
      return [typeof url, Array.isArray(publicKey), Array.isArray(icon)]
    },
    ['string', false, false],
  ],
]

describe('what we write is taken by strict readers:', () => {
  test.each(documents)('%s', (_what, write, expected) => {
    const written = write()
    if (typeof written !== 'object') expect(written).toBe(expected)
    else expect(written).toMatchObject(expected as object)
  })
})
