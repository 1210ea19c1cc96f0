import { expect, test } from '@jest/globals'
import {
  keepsOneReaction,
  kindOf,
  knowsDislike,
  knowsEmojiReact,
  showsLikes,
} from '../../src/model/server.ts'

const none = { react: false, likes: false, dislike: false, one: true }
test.each([
  ['mastodon', none],
  ['gotosocial', none],
  ['pixelfed', none],
  ['wordpress', none],
  ['threads', none],
  [undefined, none],
  ['misskey', { ...none, likes: true }],
  ['sharkey', { ...none, likes: true }],
  ['pleroma', { ...none, react: true, one: false }],
  ['akkoma', { ...none, react: true, one: false }],
  ['iceshrimp.net', { ...none, react: true, one: false }],
  ['hollo', { ...none, react: true, one: false }],
  ['mitra', { ...none, react: true, one: false }],
  ['piefed', { react: true, likes: false, dislike: true, one: false }],
  ['friendica', { react: true, likes: false, dislike: true, one: false }],
  ['lemmy', { ...none, dislike: true }],
  ['mbin', { ...none, dislike: true }],
  ['peertube', { ...none, dislike: true }],
  ['hubzilla', { ...none, dislike: true }],
])('reactions to %s', (software, expected) => {
  expect({
    react: knowsEmojiReact(software),
    likes: showsLikes(software),
    dislike: knowsDislike(software),
    one: keepsOneReaction(software),
  }).toEqual(expected)
})

test.each([
  ['snac', '2.86', 'snac'],
  ['snac', '2.90-dev', 'snac'],
  ['snac', '2.85', undefined],
  ['snac', undefined, 'snac'],
  ['mastodon', '2.1', 'mastodon'],
])('%s %s counts as %s', (software, version, kind) => {
  const server = { host: 'h.test', software, fetchedAt: 0 }
  expect(kindOf(version === undefined ? server : { ...server, version })).toBe(kind)
})
