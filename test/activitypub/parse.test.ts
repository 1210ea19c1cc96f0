import { describe, expect, test } from '@jest/globals'
import { RejectedError } from '../../src/model/errors.ts'
import { parseActor, parseNote } from '../../src/activitypub/parse.ts'

const bob = 'https://remote.example/users/bob'
const note = 'https://remote.example/notes/1'
const publicUri = 'https://www.w3.org/ns/activitystreams#Public'
const at = 1_700_000_000_000

const refusal = (parse: () => unknown): unknown => {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RejectedError) return `${String(error.code)}: ${error.message}`
    throw error
  }
}

describe('an actor', () => {
  const minimal = { id: bob, type: 'Person', preferredUsername: 'Bob', inbox: `${bob}/inbox` }
  const parsed = {
    id: bob,
    kind: 'Person',
    username: 'Bob',
    host: 'remote.example',
    inbox: `${bob}/inbox`,
    publicKeys: [],
    fetchedAt: at,
  }
  const cases: [string, object, object][] = [
    ['needs only id, type, name and inbox', {}, {}],
    ['may have several types', { type: ['foaf:Person', 'as:Group'] }, { kind: 'Group' }],
    [
      'is read in full',
      {
        name: 'Bob B.',
        summary: '<p>hi</p>',
        url: [{ type: 'Link', mediaType: 'text/html', href: 'https://remote.example/@bob' }],
        icon: [{ type: 'Image', url: { href: 'https://cdn.example/bob.png' } }],
        outbox: `${bob}/outbox`,
        followers: { id: `${bob}/followers`, type: 'Collection' },
        endpoints: { sharedInbox: 'https://remote.example/inbox' },
        publicKey: { id: `${bob}#main-key`, owner: bob, publicKeyPem: 'PEM' },
      },
      {
        name: 'Bob B.',
        summary: '<p>hi</p>',
        url: 'https://remote.example/@bob',
        icon: 'https://cdn.example/bob.png',
        outbox: `${bob}/outbox`,
        followers: `${bob}/followers`,
        sharedInbox: 'https://remote.example/inbox',
        publicKeys: [{ id: `${bob}#main-key`, owner: bob, pem: 'PEM' }],
      },
    ],
    [
      'has a table, a header, and decides who follows',
      {
        image: { type: 'Image', url: 'https://cdn.example/wide.png' },
        manuallyApprovesFollowers: true,
        attachment: [
          { type: 'PropertyValue', name: 'Site', value: '<b>here</b>' },
          { type: 'PropertyValue', name: 'Nothing', value: '' },
          { type: 'Note', name: 'Odd', value: 'x' },
          null,
          ...Array.from({ length: 30 }, () => ({ type: 'PropertyValue', name: 'n', value: 'v' })),
        ],
      },
      {
        details: {
          header: 'https://cdn.example/wide.png',
          isLocked: true,
          fields: [
            { name: 'Site', value: '<b>here</b>' },
            ...Array<object>(19).fill({ name: 'n', value: 'v' }),
          ],
        },
      },
    ],
    [
      'without any of that says nothing of it',
      { image: null, manuallyApprovesFollowers: false, attachment: { type: 'PropertyValue' } },
      {},
    ],
    [
      'does not send us to a shared inbox of another host',
      { endpoints: { sharedInbox: 'https://elsewhere.example/inbox' } },
      {},
    ],
    [
      'keeps a port in its host',
      { id: 'http://fedi.test:8080/bob' },
      {
        id: 'http://fedi.test:8080/bob',
        host: 'fedi.test:8080',
      },
    ],
    [
      'without a name is called after its id',
      { preferredUsername: undefined },
      { username: 'bob' },
    ],
    ['has no handle on a domain it only claims', { webfinger: 'root@bank.example' }, {}],
    [
      'may leave links that are no web address',
      { url: 'javascript:alert(1)', icon: 'mxc://x/y' },
      {},
    ],
  ]
  test.each(cases)('%s', (_, change, difference) => {
    expect(parseActor({ ...minimal, ...change }, at)).toEqual({ ...parsed, ...difference })
  })

  test.each([
    ['null', null, 'not-activitypub: not a JSON object'],
    ['a note', { id: note, type: 'Note' }, 'not-activitypub: not an actor'],
    ['no id', { ...minimal, id: 'bob' }, 'not-activitypub: an actor without id'],
    ['no inbox', { ...minimal, inbox: 7 }, `not-activitypub: actor ${bob} has no inbox`],
    [
      'a name that reads as another handle',
      { ...minimal, preferredUsername: 'bob@bank.example' },
      `not-activitypub: actor ${bob} has no usable preferredUsername`,
    ],
    [
      'an id with a password',
      { ...minimal, id: 'https://a:b@remote.example/bob' },
      'not-activitypub: an actor without id',
    ],
  ])('with %s is refused', (_, document, expected) => {
    expect(refusal(() => parseActor(document, at))).toBe(expected)
  })
})

describe('a note', () => {
  const minimal = { id: note, type: 'Note', attributedTo: bob }
  const parsed = {
    id: note,
    type: 'Note',
    author: bob,
    content: '',
    sensitive: false,
    to: [],
    cc: [],
    mentions: [],
    attachments: [],
    emojis: [],
  }
  const cases: [string, object, object][] = [
    ['needs only id, type and author', {}, {}],
    [
      'knows the public collection by its short names',
      { to: 'as:Public', cc: ['Public', { id: bob }, 7] },
      { to: [publicUri], cc: [publicUri, bob] },
    ],
    [
      'may tell its text in a language map alone',
      { contentMap: { de: '<p>hallo</p>' } },
      {
        content: '<p>hallo</p>',
        language: 'de',
      },
    ],
    [
      'that is plain text becomes HTML',
      { content: 'a < b\nc', mediaType: 'text/plain' },
      {
        content: 'a &lt; b<br>c',
      },
    ],
    [
      'that is Markdown becomes HTML, with none of its own',
      {
        content: '**a** [b](https://b.example)\n<b>c</b>\n\n- d\n- [e](javascript:1)',
        mediaType: 'text/markdown',
      },
      {
        content:
          '<p><strong>a</strong> <a href="https://b.example">b</a><br>\n&lt;b&gt;c&lt;/b&gt;</p>\n' +
          '<ul>\n<li>d</li>\n<li>[e](javascript:1)</li>\n</ul>\n',
      },
    ],
    [
      'answers the first of several',
      { inReplyTo: [{ id: `${bob}/1` }, `${bob}/2`] },
      {
        inReplyTo: `${bob}/1`,
      },
    ],
    [
      'may have one tag without a list, and emoji without id',
      {
        tag: { type: 'Mention', href: bob, name: '@bob' },
      },
      { mentions: [{ actorId: bob, name: '@bob' }] },
    ],
    [
      'ignores tags it does not know',
      { tag: [null, { id: null, type: 'Emoji', name: ':x:' }] },
      {},
    ],
    [
      'prefers the person of several authors',
      {
        attributedTo: [
          { type: 'Group', id: 'https://remote.example/groups/g' },
          { type: 'Person', id: bob },
        ],
      },
      {},
    ],
    [
      'is read in full',
      {
        type: ['Video', 'x:Other'],
        name: 'A title',
        content: '<p>text</p>',
        summary: 'cw',
        sensitive: true,
        published: '2024-01-01T00:00:00Z',
        updated: '2024-01-02T00:00:00.5+01:00',
        url: [
          { type: 'Link', mediaType: 'video/mp4', href: 'https://remote.example/v.mp4' },
          { type: 'Link', mediaType: 'text/html', href: 'https://remote.example/w/1' },
        ],
        conversation: 'tag:remote.example,2024:1',
        attachment: {
          type: 'Image',
          mediaType: 'image/png',
          url: 'https://r.example/i',
          name: 'alt',
        },
        oneOf: [{ name: 'yes' }, { name: 'no' }, {}],
      },
      {
        type: 'Video',
        name: 'A title',
        content: '<p>text</p>',
        summary: 'cw',
        sensitive: true,
        published: Date.UTC(2024, 0, 1),
        updated: Date.UTC(2024, 0, 1, 23, 0, 0, 500),
        url: 'https://remote.example/w/1',
        context: 'tag:remote.example,2024:1',
        attachments: [
          { type: 'Image', mediaType: 'image/png', url: 'https://r.example/i', name: 'alt' },
        ],
        poll: {
          options: [
            { name: 'yes', votes: 0 },
            { name: 'no', votes: 0 },
          ],
          isMultiple: false,
          isClosed: false,
        },
      },
    ],
    ['has no date where the date is none', { published: 'yesterday', updated: '-1' }, {}],
  ]
  test.each(cases)('%s', (_, change, difference) => {
    expect(parseNote({ ...minimal, ...change })).toEqual({ ...parsed, ...difference })
  })

  test('keeps no more than the bounds', () => {
    const many = <T>(count: number, item: (n: number) => T) =>
      Array.from({ length: count }, (_, n) => item(n))
    const big = parseNote({
      ...minimal,
      content: 'x'.repeat(300_000),
      tag: many(500, (n) => ({ type: 'Mention', href: `${bob}${n}` })),
      attachment: many(100, (n) => ({ type: 'Image', url: `https://r.example/${n}` })),
      to: many(5000, (n) => `${bob}${n}`),
    })
    expect([
      big.content.length,
      big.mentions.length,
      big.attachments.length,
      big.to.length,
    ]).toEqual([200_000, 100, 64, 1000])
  })

  test.each([
    ['a string', 'x', 'not-activitypub: not a JSON object'],
    ['no id', { type: 'Note' }, 'not-activitypub: an object without id'],
    ['no author', { id: note, type: 'Note' }, `not-activitypub: object ${note} has no author`],
    [
      'an author of another host',
      { ...minimal, attributedTo: 'https://bank.example/a' },
      `hostile: object ${note} names an author on another host`,
    ],
    ['a Tombstone', { id: note, type: 'Tombstone' }, `gone: object ${note} is deleted`],
    ['a collection', { ...minimal, type: 'Collection' }, `not-activitypub: ${note} is no post`],
    [
      'half a character in its id',
      { ...minimal, id: `${note}\ud800` },
      'not-activitypub: an object without id',
    ],
    [
      'a request by a name of its own',
      { ...minimal, type: 'LikeRequest', object: note },
      `not-activitypub: ${note} is no post`,
    ],
    [
      'a permission',
      { ...minimal, type: 'QuoteAuthorization', interactionTarget: note },
      `not-activitypub: ${note} is no post`,
    ],
    [
      'an actor',
      { ...minimal, type: 'Person' },
      `not-activitypub: ${note} is an actor, not a post`,
    ],
  ])('from %s is refused', (_, document, expected) => {
    expect(refusal(() => parseNote(document))).toBe(expected)
  })
})
