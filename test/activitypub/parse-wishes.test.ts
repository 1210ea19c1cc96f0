import { describe, expect, test } from '@jest/globals'
import { asRoomAlias, asUserId } from '../../src/model/ids.ts'
import { parseActor } from '../../src/activitypub/parse.ts'
import { refusalIn, type OptOut, type Wishes } from '../../src/model/wishes.ts'

const wishesOf = (more: Readonly<Record<string, unknown>>): Wishes | undefined =>
  parseActor(
    {
      id: 'https://a.example/u/bob',
      type: 'Person',
      preferredUsername: 'bob',
      inbox: 'https://a.example/u/bob/inbox',
      ...more,
    },
    0,
  ).details?.wishes

const link = (rel: unknown, href: string) => ({ type: 'Link', rel, href })

describe('what an account wishes', () => {
  test.each<[string, Readonly<Record<string, unknown>>, Wishes | undefined]>([
    ['nothing', { summary: '<p>hello</p>' }, undefined],
    ['no bridge, by its text', { summary: 'x #NoBridge.' }, { noBridge: true }],
    ['no bridge, inside a link', { summary: '#<span>nobridge</span>' }, { noBridge: true }],
    [
      'no bridge, in another language',
      { summaryMap: { en: 'x', de: '#nobridge' } },
      { noBridge: true },
    ],
    ['no bridge, by its name', { name: 'Bob #nobridge' }, { noBridge: true }],
    ['no bridge, by a tag', { tag: { type: 'Hashtag', name: '#nobridge' } }, { noBridge: true }],
    [
      'no bridge, in its table',
      { attachment: [{ type: 'PropertyValue', name: 'x', value: '#nobridge' }] },
      { noBridge: true },
    ],
    ['no bridge, by FEP-0036', { bridgeable: false }, { noBridge: true }],
    ['a bridge', { bridgeable: true, summary: '#nobridges a#nobridge #no bridge' }, undefined],
    ['no bots', { summary: '#nobot' }, { noBots: true }],
    [
      'to be listed and found',
      { discoverable: true, indexable: true },
      { isDiscoverable: true, isIndexable: true },
    ],
    [
      'to stand on no page (GoToSocial)',
      { hidesToPublicFromUnauthedWeb: true, hidesCcPublicFromUnauthedWeb: true },
      { hidesPublic: true, hidesUnlisted: true },
    ],
    [
      'its unlisted posts to stand on no page, as GoToSocial has it by default',
      { hidesToPublicFromUnauthedWeb: false, hidesCcPublicFromUnauthedWeb: true },
      { hidesUnlisted: true },
    ],
    ['what is said of it in words', { discoverable: 'true', suspended: 1 }, undefined],
    ['its server to keep it away', { suspended: true }, { isSuspended: true }],
    [
      'who it is on Matrix',
      { url: [link('canonical', 'matrix:u/bob:x')] },
      { isOfMatrix: true, matrixUser: asUserId('@bob:x') },
    ],
    [
      'who it is on Matrix, as we say it ourselves',
      { tag: [link('canonical', 'https://matrix.to/#/@b%2Fb:x')] },
      { isOfMatrix: true, matrixUser: asUserId('@b/b:x') },
    ],
    [
      'which room it is there',
      { url: [link(['canonical'], 'matrix:r/room:x')] },
      { isOfMatrix: true, matrixRoom: asRoomAlias('#room:x') },
    ],
    [
      'which room it is there, as we say it ourselves',
      { tag: [link('canonical', 'https://matrix.to/#/%23b-1:x.example')] },
      { isOfMatrix: true, matrixRoom: asRoomAlias('#b-1:x.example') },
    ],
    [
      'to be a room without an address',
      { url: [link(['canonical'], 'matrix:roomid/room:x')] },
      { isOfMatrix: true },
    ],
    [
      'to be a room whose address says more than that',
      { tag: [link('canonical', 'https://matrix.to/#/%23[a](x):x')] },
      { isOfMatrix: true },
    ],
    ['another page there', { tag: [link('alternate', 'https://matrix.to/#/@b:x')] }, undefined],
    ['what it is elsewhere', { url: [link('canonical', 'at://did:x')] }, undefined],
    ['a page that is none', { url: link('me', 'https://matrix.to/#/@b:x') }, undefined],
  ])('%s', (_, document, wishes) => {
    expect(wishesOf(document)).toEqual(wishes)
  })

  test('is read in time, whatever it is', () => {
    expect(wishesOf({ summary: '<'.repeat(1_000_000) })).toBeUndefined()
  })
})

test.each<[Wishes | undefined, OptOut | undefined]>([
  [undefined, undefined],
  [{ noBots: true, isIndexable: true }, undefined],
  [{ noBridge: true, isSuspended: true }, 'asked'],
  [{ isSuspended: true }, 'suspended'],
  [{ isOfMatrix: true }, 'of-matrix'],
])('who wishes %j is left alone: %j', (wishes, why) => {
  expect(refusalIn(wishes)).toBe(why)
})
