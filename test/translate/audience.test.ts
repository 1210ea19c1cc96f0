import { describe, expect, test } from '@jest/globals'
import type { Visibility } from '../../src/model/audience.ts'
import { publicCollection, visibilities } from '../../src/model/audience.ts'
import { asActorId } from '../../src/model/ids.ts'
import {
  audienceFor,
  narrower,
  replyVisibility,
  visibilityOf,
} from '../../src/translate/audience.ts'

const followers = 'https://social.test/users/bob/followers'
const alice = asActorId('https://example.org/alice')
const carol = asActorId('https://third.test/carol')

describe('who may see a note', () => {
  test.each<[string, { to: string[]; cc: string[] }, Visibility]>([
    ['public', { to: [publicCollection], cc: [followers] }, 'public'],
    ['public in short', { to: ['as:Public'], cc: [] }, 'public'],
    ['public in shorter', { to: ['Public'], cc: [] }, 'public'],
    ['public in both', { to: [publicCollection], cc: [publicCollection] }, 'public'],
    ['unlisted', { to: [followers], cc: [publicCollection] }, 'unlisted'],
    ['unlisted without followers', { to: [alice], cc: ['as:Public'] }, 'unlisted'],
    ['followers-only', { to: [followers], cc: [alice] }, 'followers'],
    ['followers in cc', { to: [alice], cc: [followers] }, 'followers'],
    ['direct', { to: [alice], cc: [] }, 'direct'],
    ["somebody else's followers", { to: ['https://third.test/carol/followers'], cc: [] }, 'direct'],
    ['nobody', { to: [], cc: [] }, 'direct'],
    ['something that only looks public', { to: ['https://social.test/#Public'], cc: [] }, 'direct'],
  ])('%s', (_, audience, visibility) => {
    expect(visibilityOf(audience, followers)).toBe(visibility)
  })

  test('without the author’s collection, any followers collection is taken for it', () => {
    expect(visibilityOf({ to: [followers], cc: [] }, undefined)).toBe('followers')
    expect(visibilityOf({ to: [alice], cc: [] }, undefined)).toBe('direct')
  })
})

test.each<[Visibility, string[], string[]]>([
  ['public', [publicCollection], [followers, alice, carol]],
  ['unlisted', [followers], [publicCollection, alice, carol]],
  ['followers', [followers], [alice, carol]],
  ['direct', [alice, carol], []],
])('a %s note is addressed, and read back as such', (visibility, to, cc) => {
  const mentioned = [alice, carol, alice]
  const audience = audienceFor({ visibility, followersUrl: followers, mentioned })
  expect(audience).toEqual({ to, cc })
  expect(visibilityOf(audience, followers)).toBe(visibility)
})

test.each<[Visibility, Visibility, Visibility]>([
  ['public', 'direct', 'direct'],
  ['followers', 'unlisted', 'followers'],
  ['unlisted', 'unlisted', 'unlisted'],
])('the narrower of %s and %s is %s', (a, b, result) => {
  expect(narrower(a, b)).toBe(result)
  expect(narrower(b, a)).toBe(result)
})

test.each<[Visibility, boolean, Visibility]>([
  ['public', false, 'public'],
  ['unlisted', false, 'unlisted'],
  ['followers', false, 'direct'],
  ['followers', true, 'followers'],
  ['direct', false, 'direct'],
  ['direct', true, 'direct'],
])('a reply to a %s note (own: %s) is %s', (parent, isOwn, visibility) => {
  expect(replyVisibility(parent, isOwn)).toBe(visibility)
})

test('no reply is ever wider than what it answers', () => {
  const pairs = visibilities.flatMap((parent) => [true, false].map((own) => [parent, own] as const))
  const results = pairs.map(([parent, own]) => narrower(parent, replyVisibility(parent, own)))
  expect(results).toEqual(pairs.map(([parent, own]) => replyVisibility(parent, own)))
})
