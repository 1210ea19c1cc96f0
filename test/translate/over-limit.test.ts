import { describe, expect, test } from '@jest/globals'
import type { KnownForFediverse, KnownLimits } from '../../src/translate/known.ts'
import type { MatrixEvent } from '../../src/model/event.ts'
import { asActorId, asEventId, asRoomId, asUserId, type ActorId } from '../../src/model/ids.ts'
import { overLimit } from '../../src/translate/over-limit.ts'

const now = 1_700_000_000_000
const minute = 60_000
const id = (name: string): ActorId => asActorId(`https://remote.example/users/${name}`)
const people = (names: string): ReadonlySet<ActorId> =>
  new Set(Array.from(names, (name) => id(name)))

const event = {
  type: 'encryption',
  roomId: asRoomId('!room:hs.test'),
  eventId: asEventId('$event'),
  sender: asUserId('@alice:hs.test'),
} as MatrixEvent

/** Named so many minutes ago. */
const named = (ago: Readonly<Record<string, number>>): ReadonlyMap<ActorId, number> =>
  new Map(Object.entries(ago).map(([name, minutes]) => [id(name), now - minutes * minute]))

const free: KnownLimits = {
  posts: { most: 300 },
  perPost: Infinity,
  people: { most: Infinity, named: new Map() },
}

function refusal(mentioned: string, limits: Partial<KnownLimits>): string | undefined {
  const known = { now, limits: { ...free, ...limits } } as KnownForFediverse
  const translation = overLimit(event, people(mentioned), known)
  if (translation === undefined) return undefined
  const [action] = translation.actions ?? []
  return action?.do === 'tell' ? action.text : 'nothing told'
}

describe('people whom somebody names within an hour', () => {
  test.each<[string, string, KnownLimits['people'], string | undefined]>([
    ['are as many as may be', 'ab', { most: 2, named: new Map() }, undefined],
    [
      'count once, however often they are named',
      'ab',
      { most: 2, named: named({ a: 5, b: 1 }) },
      undefined,
    ],
    ['do not count where nobody is named', '', { most: 1, named: named({ a: 5 }) }, undefined],
    [
      'are too many in one message',
      'abc',
      { most: 2, named: new Map() },
      'Not sent: it is for 3 people, and this server lets you name 2 within an hour. Name fewer of them, and send it again.',
    ],
    [
      'are too many with those of before, until the first of them is an hour ago',
      'c',
      { most: 2, named: named({ a: 50, b: 20 }) },
      'Not sent: with these you would have named more than 2 people within an hour, which is as many as this server allows. You can send it again in 10 minutes.',
    ],
    [
      'are waited for, two of them where two are too many',
      'cd',
      { most: 2, named: named({ a: 50, b: 20 }) },
      'Not sent: with these you would have named more than 2 people within an hour, which is as many as this server allows. You can send it again in 40 minutes.',
    ],
    [
      'are not waited for where they are named again',
      'ac',
      { most: 2, named: named({ a: 50, b: 20 }) },
      'Not sent: with these you would have named more than 2 people within an hour, which is as many as this server allows. You can send it again in 40 minutes.',
    ],
    [
      'are told of as one where one is the limit',
      'b',
      { most: 1, named: named({ a: 50 }) },
      'Not sent: with these you would have named more than 1 person within an hour, which is as many as this server allows. You can send it again in 10 minutes.',
    ],
    [
      'may be fewer of somebody who is new',
      'c',
      { most: 2, named: named({ a: 50, b: 20 }), newUntil: now + 90 * minute },
      'Not sent: with these you would have named more than 2 people within an hour, which is as many as this server allows. You can send it again in 10 minutes. You are new here: in 90 minutes you may do as much as everybody else.',
    ],
  ])('%s', (...[, mentioned, people, expected]) => {
    expect(refusal(mentioned, { people })).toBe(expected)
  })
})

test('what a new author is told of posts says until when', () => {
  const posts = { most: 3, nextAt: now + 20 * minute, newUntil: now + 1_300 * minute }
  expect(refusal('', { posts })).toBe(
    'Not sent: you have written 3 posts and messages within an hour, which is as many as this server allows. What you write in the next 20 minutes is not sent either. After that you can send it again. You are new here: in 22 hours you may do as much as everybody else.',
  )
})

test('one post is told of as one', () => {
  expect(refusal('', { posts: { most: 1, nextAt: now + 20 * minute } })).toMatch(
    /^Not sent: you have written 1 post or message within an hour, /,
  )
})

test('of one message fewer may be named than of an hour', () => {
  expect(refusal('abc', { perPost: 2 })).toContain('this server lets one message name 2')
})
