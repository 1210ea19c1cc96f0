import { existsSync } from 'node:fs'
import { createFediverse, type Document } from '../fakes/fediverse.ts'
import { documentsIn } from '../corpus/documents.ts'
import { everybody } from './values.ts'

/** An Ed25519 key that nobody has: what is signed by it is never looked at here. */
const pem =
  '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n'
const multikey = 'z6MkfD5gvyVcQ5BCjMcVKvDk4xzJLSBbVhrFPXpXtKxmXfMg'

const us = 'https://us.test'
const me = `${us}/alice`
const mention = { id: me, name: '@alice@us.test' }

const tags = (author: string): readonly Document[] => [
  { type: 'Mention', href: me, name: '@alice@us.test' },
  { type: 'Hashtag', href: 'https://social.test/tags/tea', name: '#tea' },
  {
    ...{ id: `${author}/emoji`, type: 'Emoji', name: ':blob:', updated: '2026-01-01T00:00:00Z' },
    icon: { type: 'Image', mediaType: 'image/png', url: 'https://social.test/blob.png' },
  },
  {
    type: 'Link',
    mediaType: 'application/activity+json',
    href: `${author}/1`,
    rel: 'quote',
    name: 'RE: x',
  },
]

const attachments: readonly Document[] = [
  {
    ...{
      type: 'Document',
      mediaType: 'image/jpeg',
      url: 'https://social.test/a.jpg',
      name: 'A tree',
    },
    ...{ width: 640, height: 480, blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj', focalPoint: [0, 0.5] },
    icon: { type: 'Image', url: 'https://social.test/t.jpg', mediaType: 'image/jpeg' },
  },
  {
    type: 'Video',
    mediaType: 'video/mp4',
    url: [{ type: 'Link', href: 'https://social.test/v.mp4' }],
    duration: 'PT3M2S',
  },
  { type: 'Link', href: 'https://a.test/page', name: 'A page' },
]

/** Of every kind that our fakes of other servers write. */
function ofBuilders(): Document[] {
  const clock = { now: () => Date.UTC(2026, 4, 1, 10), sleep: async () => undefined }
  const fediverse = createFediverse({ clock, publicUrl: us, findKey: async () => undefined })
  const bob = fediverse.account('bob', 'social.test')
  const carol = fediverse.account('carol', 'other.test')
  bob.profile = {
    ...{
      name: 'Bob :blob:',
      summary: '<p>I am <b>bob</b></p>',
      discoverable: true,
      manuallyApprovesFollowers: true,
    },
    ...{
      tag: tags(bob.id),
      published: '2020-01-01',
      featured: `${bob.id}/featured`,
      alsoKnownAs: [carol.id],
      movedTo: carol.id,
    },
    attachment: [
      { type: 'PropertyValue', name: 'Web', value: '<a href="https://a.test" rel="me">a.test</a>' },
    ],
    icon: { type: 'Image', mediaType: 'image/png', url: 'https://social.test/bob.png' },
    image: [{ type: 'Image', url: 'https://social.test/wide.png' }],
    publicKey: { id: bob.keyId, owner: bob.id, publicKeyPem: pem },
    assertionMethod: [
      { id: `${bob.id}#ed`, type: 'Multikey', controller: bob.id, publicKeyMultibase: multikey },
    ],
    generator: {
      type: 'Application',
      implements: [{ href: 'https://datatracker.ietf.org/doc/html/rfc9421' }],
    },
    interactionPolicy: { canQuote: { automaticApproval: [everybody], manualApproval: [] } },
  }
  const rich = {
    ...{
      tag: tags(bob.id),
      attachment: attachments,
      sensitive: true,
      contentMap: { de: '<p>hallo</p>', en: '<p>hello</p>' },
    },
    ...{
      quote: `${carol.id}/1`,
      quoteUrl: `${carol.id}/1`,
      _misskey_quote: `${carol.id}/1`,
      quoteAuthorization: `${carol.id}/stamp`,
    },
    ...{
      source: { content: 'hello', mediaType: 'text/markdown' },
      location: { type: 'Place', name: 'Here', latitude: 1, longitude: 2 },
    },
    interactionPolicy: { canQuote: { automaticApproval: [everybody, bob.id] } },
  }
  const post = bob.post({
    content: 'hello <b>you</b> &amp; #tea',
    mentions: [mention],
    summary: 'cw',
    extra: rich,
  })
  const poll = bob.ask(['Tea', 'Coffee :blob:'], {
    isMultiple: true,
    extra: { endTime: '2026-06-01T00:00:00Z', tag: tags(bob.id) },
  })
  const follow = bob.follow(me)
  const boost = bob.boost(`${carol.id}/1`)
  const ours = { id: `${us}/follow`, type: 'Follow', actor: me, object: bob.id }
  const by = (type: string, more: Document): Document => ({
    ...{
      '@context': 'https://www.w3.org/ns/activitystreams',
      id: `${bob.id}/${type}`,
      type,
      actor: bob.id,
      to: [me],
    },
    ...more,
  })
  const sent = [
    ...[post, poll, bob.post({ visibility: 'direct', mentions: [mention], inReplyTo: `${me}/1` })],
    ...[
      bob.edit(post.object, 'changed'),
      bob.amend(poll.object, { closed: '2026-05-02T00:00:00Z' }),
    ],
    ...[
      bob.vote(`${me}/1`, me, 'Tea'),
      bob.vote(`${me}/1`, me, 'Tea', 'Coffee'),
      bob.like(`${me}/1`),
    ],
    ...[
      bob.emojiReact(`${me}/1`, ':blob:'),
      follow,
      boost,
      bob.undo(follow),
      bob.undo(boost),
      bob.block(me),
    ],
    ...[
      bob.accept(ours),
      bob.reject(ours),
      bob.updateProfile({ name: 'B' }),
      bob.delete(post.object),
    ],
  ].map(({ activity }) => activity)
  return [
    ...sent,
    bob.document('https://social.test/inbox'),
    by('Move', { object: bob.id, target: carol.id }),
    by('Flag', { object: [me, `${me}/1`], content: 'spam' }),
    by('Add', { object: `${bob.id}/1`, target: `${bob.id}/featured` }),
    by('Remove', { object: `${bob.id}/1`, target: `${bob.id}/featured` }),
    by('QuoteRequest', {
      object: `${me}/1`,
      instrument: { id: `${bob.id}/2`, type: 'Note', attributedTo: bob.id, content: 'x' },
    }),
    by('Accept', {
      object: { id: `${us}/ask`, type: 'QuoteRequest', actor: me, object: `${bob.id}/1` },
      result: `${bob.id}/stamp`,
    }),
    by('Like', {
      object: `${me}/1`,
      content: ':blob:',
      _misskey_reaction: ':blob:',
      tag: tags(bob.id),
    }),
    by('Create', {
      object: {
        id: `${bob.id}/9`,
        type: 'ChatMessage',
        attributedTo: bob.id,
        to: [me],
        content: 'psst',
      },
    }),
    by('Create', {
      object: {
        id: `${bob.id}/8`,
        type: 'Article',
        attributedTo: bob.id,
        to: [everybody],
        name: 'A title',
        content: '<h1>x</h1><p>y</p>',
        url: `${bob.id}/page`,
      },
    }),
    by('Create', {
      object: {
        id: `${bob.id}/7`,
        type: 'Event',
        attributedTo: bob.id,
        to: [everybody],
        name: 'Tea',
        startTime: '2026-05-01T10:00:00Z',
        endTime: '2026-05-01T11:00:00Z',
      },
    }),
  ]
}

const collections: readonly Document[] = [
  ...['https://social.test/bob/outbox', 'https://social.test/bob/followers'].map((id) => ({
    ...{
      '@context': 'https://www.w3.org/ns/activitystreams',
      id,
      type: 'OrderedCollection',
      totalItems: 3,
    },
    first: {
      id: `${id}?page=1`,
      type: 'OrderedCollectionPage',
      partOf: id,
      next: `${id}?page=2`,
      orderedItems: [me, 'https://social.test/bob/1'],
    },
  })),
  {
    ...{ id: 'https://social.test/bob/featured', type: 'OrderedCollection' },
    orderedItems: [
      'https://social.test/bob/1',
      {
        id: 'https://social.test/bob/2',
        type: 'Note',
        attributedTo: 'https://social.test/bob',
        content: 'x',
        to: everybody,
      },
    ],
  },
  {
    id: 'https://social.test/bob/stamp',
    type: 'QuoteAuthorization',
    attributedTo: 'https://social.test/bob',
    interactingObject: `${me}/1`,
    interactionTarget: 'https://social.test/bob/1',
  },
]

const own = new URL('../fixtures/documents', import.meta.url).pathname
const recorded = new URL('../../../shared/fixtures', import.meta.url).pathname
const inFolder = (folder: string): unknown[] =>
  existsSync(folder) ? documentsIn(folder).map(({ value }) => value) : []

/** Valid documents: of our builders, of the fixtures, and those that were recorded where they are at hand. */
export function validDocuments(): readonly unknown[] {
  const built = ofBuilders()
  // Twice: each of them is of a kind of its own.
  return [...built, ...built, ...collections, ...inFolder(own), ...inFolder(recorded)]
}
