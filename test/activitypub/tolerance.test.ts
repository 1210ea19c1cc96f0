import { describe, expect, test } from '@jest/globals'
import {
  parseActivity,
  parseActor,
  parseNote,
  parsePublicKeys,
} from '../../src/activitypub/parse.ts'

/**
 * What other servers write that a strict reader would refuse, a row for each pitfall: by its number in
 * the list of known pitfalls, where it has one.
 */
const bob = 'https://remote.example/users/bob'
const me = 'https://here.example/actors/a'
const post = 'https://here.example/objects/1'
const publicCollection = 'https://www.w3.org/ns/activitystreams#Public'

const note = { id: `${bob}/1`, type: 'Note', attributedTo: bob, content: '<p>hi</p>', to: [me] }
const noteWith = (more: object) => parseNote({ ...note, ...more })
const actor = { id: bob, type: 'Person', preferredUsername: 'bob', inbox: `${bob}/inbox` }
const actorWith = (more: object) => parseActor({ ...actor, ...more }, 0)
const said = (more: object) => parseActivity({ id: `${bob}/a`, actor: bob, ...more }, 0)
const head = { id: `${bob}/a`, actor: bob }
const follow = { id: `${me}/follows/1`, type: 'Follow', actor: me, object: bob }

const documents: readonly (readonly [string, () => unknown, unknown])[] = [
  [
    '11: an audience that differs between Create and note: the note says it',
    () => said({ type: 'Create', to: [publicCollection], object: note }),
    { object: { embedded: { to: [me] } } },
  ],
  [
    '11: a note without an audience has that of its Create',
    () => said({ type: 'Create', to: [me], object: { ...note, to: undefined } }),
    { object: { embedded: { to: [me] } } },
  ],
  ['12: `to` as a string', () => noteWith({ to: me }), { to: [me], cc: [] }],
  [
    '12: `to` as a list with whole actors',
    () => noteWith({ to: [{ ...actor, id: me }] }),
    { to: [me] },
  ],
  [
    '15: several parents: the first',
    () => noteWith({ inReplyTo: [post, `${post}0`] }),
    { inReplyTo: post },
  ],
  [
    '15: an embedded parent',
    () => noteWith({ inReplyTo: { id: post, type: 'Note' } }),
    { inReplyTo: post },
  ],
  [
    '16: a Like with its object inside',
    () => said({ type: 'Like', object: { id: post, type: 'Note', content: 'x' } }),
    { ...head, type: 'react', object: post },
  ],
  [
    '16: an Announce with its object inside',
    () => said({ type: 'Announce', object: { id: post, type: 'Note' } }),
    { type: 'announce', object: post },
  ],
  [
    '16: an Accept by id alone',
    () => said({ type: 'Accept', object: follow.id }),
    { type: 'accept', follow: { id: follow.id } },
  ],
  [
    '16: an Accept with the Follow inside',
    () => said({ type: 'Accept', object: follow }),
    { type: 'accept', follow },
  ],
  [
    '16: an Accept with a Follow that has no id',
    () => said({ type: 'Accept', object: { ...follow, id: undefined } }),
    { type: 'accept', follow: { type: 'Follow', actor: me, object: bob } },
  ],
  [
    '17: a mention without a name',
    () => noteWith({ tag: [{ type: 'Mention', href: me }] }),
    { mentions: [{ actorId: me, name: '' }] },
  ],
  [
    '20: an Undo by id alone',
    () => said({ type: 'Undo', object: `${bob}/like` }),
    { type: 'undo', target: { id: `${bob}/like` } },
  ],
  [
    '20: an Undo with its activity inside, which has a new id',
    () =>
      said({ type: 'Undo', object: { id: `${bob}/new`, type: 'Like', actor: bob, object: post } }),
    { type: 'undo', target: { type: 'Like', object: post } },
  ],
  [
    '22: a Delete by id',
    () => said({ type: 'Delete', object: note.id }),
    { type: 'delete-object', object: note.id },
  ],
  [
    '22: a Delete with a Tombstone',
    () => said({ type: 'Delete', object: { id: note.id, type: 'Tombstone', formerType: 'Note' } }),
    { type: 'delete-object', object: note.id },
  ],
  [
    '22: a Delete with the whole post',
    () => said({ type: 'Delete', object: note }),
    { type: 'delete-object', object: note.id },
  ],
  [
    '22: a Delete of oneself, embedded',
    () => said({ type: 'Delete', object: actor }),
    { type: 'delete-actor' },
  ],
  [
    '26: a key document that is the stub of an actor',
    () =>
      parsePublicKeys({
        id: bob,
        type: 'Person',
        preferredUsername: 'bob',
        publicKey: { id: `${bob}/main-key`, owner: bob, publicKeyPem: 'PEM' },
      }),
    [{ id: `${bob}/main-key`, owner: bob, pem: 'PEM' }],
  ],
  [
    '26: several keys',
    () =>
      parsePublicKeys({
        ...actor,
        publicKey: [
          { id: `${bob}#1`, owner: bob, publicKeyPem: 'A' },
          { id: `${bob}#2`, owner: bob, publicKeyPem: 'B' },
        ],
      }),
    [{ id: `${bob}#1` }, { id: `${bob}#2` }],
  ],
  [
    '31: a Like with an emoji',
    () => said({ type: 'Like', content: '🔥', object: post }),
    { feeling: { type: 'Like', key: '🔥' } },
  ],
  [
    '32: an EmojiReact whose picture is one tag, without an id',
    () =>
      said({
        type: 'EmojiReact',
        content: ':blob:',
        object: post,
        tag: {
          id: null,
          type: 'Emoji',
          name: ':blob:',
          icon: { type: 'Image', url: 'https://remote.example/blob.png' },
        },
      }),
    {
      feeling: {
        key: ':blob:',
        emoji: { shortcode: 'blob', url: 'https://remote.example/blob.png' },
      },
    },
  ],
  [
    '33: one attachment without a list',
    () =>
      noteWith({
        attachment: { type: 'Image', mediaType: 'image/png', url: 'https://remote.example/1.png' },
      }),
    { attachments: [{ url: 'https://remote.example/1.png' }] },
  ],
  [
    '34: alt text in `summary`',
    () =>
      noteWith({
        attachment: [{ type: 'Image', url: 'https://remote.example/1.png', summary: 'a cat' }],
      }),
    { attachments: [{ name: 'a cat' }] },
  ],
  [
    '35: text in one of several languages',
    () => noteWith({ content: undefined, contentMap: { de: '<p>hallo</p>', en: '<p>hello</p>' } }),
    { content: '<p>hallo</p>', language: 'de' },
  ],
  [
    '36: a summary on an Article',
    () => noteWith({ type: 'Article', name: 'T', summary: 'S' }),
    { type: 'Article', name: 'T', summary: 'S' },
  ],
  [
    '37: an Event',
    () => noteWith({ type: 'Event', name: 'Party', startTime: '2026-01-01T10:00:00Z' }),
    { type: 'Event', name: 'Party' },
  ],
  [
    '40: a private message as a ChatMessage',
    () => noteWith({ type: 'ChatMessage' }),
    { type: 'ChatMessage', to: [me] },
  ],
  [
    '44: followers one by one in `cc`',
    () => noteWith({ cc: [`${me}1`, `${me}2`] }),
    { cc: [`${me}1`, `${me}2`] },
  ],
  ['44: `cc` is empty', () => noteWith({ cc: [] }), { cc: [] }],
  ['44: `cc` is missing', () => noteWith({ cc: null }), { cc: [] }],
  [
    '45: several votes in one Create',
    () =>
      said({
        type: 'Create',
        object: ['Tea', 'Cake'].map((name, n) => ({
          id: `${bob}/v${n}`,
          type: 'Note',
          attributedTo: bob,
          name,
          inReplyTo: post,
          to: [me],
        })),
      }),
    { type: 'vote', choices: ['Tea', 'Cake'] },
  ],
  [
    '46: `tag` as an object',
    () => noteWith({ tag: { type: 'Mention', href: me, name: '@a' } }),
    { mentions: [{ actorId: me }] },
  ],
  [
    '46: an emoji whose id is null',
    () =>
      noteWith({
        content: ':x:',
        tag: {
          id: null,
          type: 'Emoji',
          name: ':x:',
          icon: { url: 'https://remote.example/x.png' },
        },
      }),
    { emojis: [{ shortcode: 'x' }] },
  ],
  [
    '47: a Follow of a post',
    () => said({ type: 'Follow', object: { id: post, type: 'Note' } }),
    { type: 'follow', object: post },
  ],
  [
    '49: a quote without a permission',
    () => noteWith({ quoteUrl: `${bob}/2` }),
    { quote: `${bob}/2` },
  ],
  [
    '58: a graph beside the note says nothing',
    () => noteWith({ '@graph': [{ id: `${bob}/2`, attributedTo: me }] }),
    { id: note.id, author: bob },
  ],
  [
    '60: an Update of a Video',
    () => said({ type: 'Update', object: { ...note, type: 'Video', name: 'Film' } }),
    { type: 'update-note', object: { embedded: { type: 'Video' } } },
  ],
  [
    '61: an actor with a list of addresses, and one key',
    () =>
      actorWith({
        url: [{ type: 'Link', href: 'https://remote.example/@bob', mediaType: 'text/html' }],
      }),
    { url: 'https://remote.example/@bob' },
  ],
  [
    'an actor that is embedded in its activity',
    () => parseActivity({ id: `${bob}/a`, type: 'Like', actor, object: post }, 0),
    { actor: bob, type: 'react' },
  ],
  [
    'an actor in a list',
    () => parseActivity({ id: `${bob}/a`, type: 'Like', actor: [bob], object: [post] }, 0),
    { actor: bob, object: post },
  ],
  [
    'several types',
    () => noteWith({ type: ['Note', 'http://x.example/ns#Thing'] }),
    { type: 'Note' },
  ],
  [
    'several types of an actor',
    () => actorWith({ type: ['http://x.example/ns#Bot', 'Service'] }),
    { kind: 'Service' },
  ],
  [
    'a type with the prefix of the vocabulary',
    () => said({ type: 'as:Like', object: post }),
    { type: 'react' },
  ],
  [
    '`@id` and `@type`',
    () => parseActivity({ '@id': `${bob}/a`, '@type': 'Like', actor: bob, object: post }, 0),
    { type: 'react' },
  ],
  [
    'an icon in a list',
    () => actorWith({ icon: [{ type: 'Image', url: 'https://remote.example/a.png' }] }),
    { icon: 'https://remote.example/a.png' },
  ],
  [
    'an icon as a bare address',
    () => actorWith({ icon: 'https://remote.example/a.png' }),
    { icon: 'https://remote.example/a.png' },
  ],
  [
    'an Update of an actor by id',
    () => said({ type: 'Update', object: bob }),
    { type: 'update-actor' },
  ],
  [
    'an alias that is no list',
    () => actorWith({ alsoKnownAs: me }),
    { details: { alsoKnownAs: [me] } },
  ],
  ['a Move', () => said({ type: 'Move', object: actor, target: me }), { type: 'move', target: me }],
  ['a Ping of snac', () => said({ type: 'Ping', to: me }), { type: 'ping', addressees: [me] }],
  ['a Ping of an account', () => said({ type: 'Ping', object: actor }), { type: 'ping' }],
  [
    'a FeatureRequest',
    () => said({ type: 'FeatureRequest', object: me, instrument: `${bob}/c` }),
    { type: 'feature-request', object: me, instrument: `${bob}/c` },
  ],
  [
    '42: an Announce of an activity',
    () =>
      said({
        type: 'Announce',
        object: { id: `${me}/c`, type: 'Create', actor: me, object: note },
      }),
    { type: 'announce', object: note.id },
  ],
]

describe('what other servers write is read:', () => {
  test.each(documents)('%s', (_what, read, expected) => {
    expect(read()).toMatchObject(expected as object)
  })
})
