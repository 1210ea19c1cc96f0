import fc from 'fast-check'
import { expect, test } from '@jest/globals'
import type { Action, Place } from '../../src/model/action.ts'
import type { ActivityRow, KnownRow } from './known-for-matrix.ts'
import type { Activity } from '../../src/model/activity.ts'
import type { KnownForMatrix } from '../../src/translate/known.ts'
import { visibilityOf } from '../../src/translate/audience.ts'
import { moveEmoticons } from '../../src/translate/emoticons.ts'
import { toMatrix } from '../../src/translate/to-matrix.ts'
import { activityOf, knownForMatrix } from './known-for-matrix.ts'

const people = ['bob', 'carol', 'mallory', 'alice', 'ann', 'gone']
const posts = ['bob/1', 'bob/2', 'carol/1', 'mallory/1', 'alice/1', 'ann/1']
const person = fc.constantFrom(...people)
const remote = fc.constantFrom('bob', 'carol', 'mallory')
const post = fc.constantFrom(...posts)
const several = fc.subarray(people).map((names) => names.join(' '))
const receivers = fc.subarray(['public', 'bob/followers', 'carol/followers', ...people], {
  maxLength: 4,
})
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

const urls = ['a', 'b', 'c'].map((name) => `https://social.test/bob/${name}`)
const attachment = fc.record(
  {
    type: fc.constantFrom('Image', 'Document', 'Link'),
    url: fc.constantFrom(...urls, 'javascript:a'),
    mediaType: maybe(fc.constantFrom('image/png', 'video/mp4', 'text/html')),
    name: maybe(fc.string()),
  },
  { requiredKeys: ['type', 'url'] },
)

const note = fc.record(
  {
    id: post,
    author: maybe(person),
    to: receivers,
    cc: receivers,
    mentions: several,
    inReplyTo: maybe(post),
    content: fc.oneof(
      fc.string(),
      fc.constant('<p>Hi <a href="https://us.test/alice">a</a></p>'),
      fc.constant('<p>:a: :b:</p>'),
      fc.constant('<p>:a: <img src="https://a.test/c" alt=":c:"></p>'),
    ),
    emojis: fc.subarray(
      ['a', 'b'].map((name) => ({ shortcode: name, url: `https://a.test/${name}` })),
    ),
    summary: maybe(fc.string()),
    sensitive: fc.boolean(),
    attachments: fc.array(attachment, { maxLength: 5 }),
    published: fc.constantFrom(1, 999_990_000),
    updated: maybe(fc.nat(100)),
    type: fc.constantFrom('Note', 'Article', 'Question', 'Event'),
  },
  { requiredKeys: [] },
)

const room = fc.oneof(
  fc.record({ kind: fc.constant('actor' as const), of: remote, members: several }),
  fc.record({
    kind: fc.constantFrom('profile' as const, 'notifications' as const),
    of: fc.constantFrom('alice', 'ann'),
    members: several,
  }),
  fc.record({ kind: fc.constant('direct' as const), of: several, members: several }),
)

const mapping = fc.constantFrom(
  ...['!a $1', '!a $2 part 1', '!b $3', '!b $4 below $3', '!c $5'],
  ...['!a $1 shows bob/a', '!a $2 part 1 shows bob/b', '!a $6 part 4711 shows bob/b'],
)
const record = fc.record(
  {
    author: maybe(person),
    to: receivers.map((names) => names.join(' ')),
    updated: maybe(fc.nat(100)),
    deletedAt: maybe(fc.constant(3)),
  },
  { requiredKeys: [] },
)

/** Members that are undefined count as absent, as they do on the wire. */
const present = <Value extends object>(value: Value): Value =>
  JSON.parse(JSON.stringify(value)) as Value

const knownRow = fc
  .record(
    {
      note,
      ancestors: fc.array(note, { maxLength: 3 }),
      rooms: fc.dictionary(fc.constantFrom('!a', '!b', '!c'), room),
      replyInPortal: fc.constantFrom('thread' as const, 'line' as const, 'hidden' as const),
      mappings: fc.dictionary(fc.oneof(post, fc.constant('bob/like')), fc.array(mapping)),
      objects: fc.dictionary(post, record),
      deaf: several,
      follow: fc.tuple(person, person).map((names) => names.join(' ')),
      block: fc.tuple(person, person).map((names) => names.join(' ')),
      reaction: fc.tuple(person, post).map((names) => names.join(' ')),
      reactions: fc.array(
        fc.tuple(person, post).map((names) => names.join(' ')),
        { maxLength: 2 },
      ),
      areBoostsWanted: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map((row) => present(row) as KnownRow)

const activityRow: fc.Arbitrary<ActivityRow> = fc.record({
  type: fc.constantFrom(
    'create' as const,
    'create' as const,
    'update-note' as const,
    'update-actor' as const,
    'delete-object' as const,
    'delete-actor' as const,
    'follow' as const,
    'accept' as const,
    'reject' as const,
    'react' as const,
    'announce' as const,
    'block' as const,
    'undo' as const,
    'other' as const,
  ),
  actor: remote,
  object: fc.oneof(post, person),
})

/** Of a Block, the store is asked for the follow between the two alone. */
function knownFor({ type, actor, object }: ActivityRow, row: KnownRow): KnownRow {
  const isBlock = type === 'block' && row.follow !== undefined
  return isBlock ? { ...row, follow: `${String(object)} ${actor ?? ''}` } : row
}

type Case = { activity: Activity; known: KnownForMatrix; actions: readonly Action[] }

function check(property: (one: Case) => void): void {
  fc.assert(
    fc.property(activityRow, knownRow, (activityIn, any) => {
      const row = knownFor(activityIn, any)
      const activity = activityOf(activityIn, row)
      const known = knownForMatrix(activity, row)
      property({ activity, known, actions: toMatrix(activity, known).actions ?? [] })
    }),
    { numRuns: 2000, seed: 20_260_801 },
  )
}

const placesOf = (actions: readonly Action[]): Place[] =>
  actions.flatMap((action): Place[] => {
    if ('place' in action) return [action.place]
    return 'roomId' in action ? [{ kind: 'room', roomId: action.roomId }] : []
  })

/** Users whom the post is for and who want to hear from its author. */
function readersOf({ note: post, locals, deaf }: KnownForMatrix): Set<string> {
  const named = new Set<string>([...(post?.to ?? []), ...(post?.cc ?? [])])
  const heard = [...locals.values()].filter(({ id }) => named.has(id) && !deaf.has(id))
  return new Set(heard.map(({ userId }) => userId))
}

test('no action names a room that is not known, or a person who is not addressed', () => {
  check(({ known, actions }) => {
    const mapped = [...known.mappings.values()].flat().map(({ roomId }) => roomId)
    const rooms = new Set([...known.rooms.keys(), ...mapped])
    const readers = readersOf(known)
    for (const place of placesOf(actions)) {
      if (place.kind === 'room') expect(rooms).toContain(place.roomId)
      if (place.kind === 'notifications') expect(readers).toContain(place.userId)
      if (place.kind === 'actor') expect(place.actorId).toBe(known.author.actor.id)
      if (place.kind !== 'direct') continue
      const users = place.participants.flatMap((p) => (p.kind === 'user' ? [p.userId] : []))
      expect([...readers]).toEqual(expect.arrayContaining(users))
      expect(users.length).toBeGreaterThan(0)
    }
  })
})

test('what is not public is shown in no room that it is not for', () => {
  check(({ known, actions, activity }) => {
    const { note: post, author, authorRoom } = known
    if (post === undefined || post.author !== activity.actor) return
    const visibility = visibilityOf(post, author.actor.followers)
    const places = actions.flatMap((action) =>
      action.do === 'send' && action.from === post.id ? [action.place] : [],
    )
    if (visibility === 'direct') expect(places.every(({ kind }) => kind === 'direct')).toBe(true)
    if (visibility !== 'followers') return
    const isFor = (place: Place) =>
      place.kind === 'notifications' ||
      (place.kind === 'room' && place.roomId === authorRoom?.portal.roomId)
    expect(places.filter((place) => !isFor(place))).toEqual([])
  })
})

test('a direct message is sent to nobody who is not one of its people', () => {
  check(({ known, actions }) => {
    const { note: post } = known
    for (const place of placesOf(actions)) {
      if (place.kind !== 'direct' || post === undefined) continue
      const actors = place.participants.flatMap((p) => (p.kind === 'actor' ? [p.actorId] : []))
      expect([post.author, ...post.to, ...post.cc]).toEqual(expect.arrayContaining(actors))
    }
  })
})

test('only people who are there and want to hear from the author are pinged', () => {
  check(({ known, actions }) => {
    const deaf = [...known.deaf].map((id) => known.locals.get(id)?.userId)
    for (const action of actions) {
      if (action.do !== 'send') continue
      const { place, text } = action
      const members = place.kind === 'room' ? known.rooms.get(place.roomId)?.members : undefined
      for (const userId of text.mentions) {
        expect(deaf).not.toContain(userId)
        if (place.kind === 'room') expect(members).toContain(userId)
      }
    }
  })
})

test("nobody speaks for, changes or deletes what is somebody else's", () => {
  check(({ activity, known, actions }) => {
    const authors = [activity.actor, ...known.ancestors.map(({ author }) => author)]
    for (const action of actions) {
      if ('as' in action) expect(authors).toContain(action.as)
      if (action.do === 'edit' || action.do === 'redact') expect(action.as).toBe(activity.actor)
      if (action.do !== 'commit') continue
      for (const change of action.changes) {
        if (change.change === 'put-object') {
          const boosted = activity.type === 'announce' ? known.note?.author : undefined
          expect([...authors, boosted]).toContain(change.object.author)
        }
        // The author's own server may delete for its people.
        if (change.change === 'delete-object')
          expect(new URL(change.author).host).toBe(new URL(activity.actor).host)
        if (change.change === 'remove-block') expect(change.blocker).toBe(activity.actor)
        if (change.change === 'remove-follow')
          expect([change.follower, change.followed]).toContain(activity.actor)
      }
    }
  })
})

test('every message says something', () => {
  check(({ actions }) => {
    for (const action of actions)
      if (action.do === 'send' || action.do === 'edit')
        expect((action.media?.fallback ?? action.text).body).not.toBe('')
  })
})

test('no picture of a text stays at its server', () => {
  check(({ actions }) => {
    for (const action of actions) {
      if (action.do !== 'send' && action.do !== 'edit') continue
      const { text, media } = action
      for (const { html = '', emojis = [] } of [text, ...(media ? [media.fallback] : [])])
        expect(moveEmoticons(html, emojis, () => undefined)).not.toContain('<img')
    }
  })
})

test('after an edit a room shows each file of the post once, and nothing that is gone', () => {
  check(({ activity, known, actions }) => {
    const { note: post } = known
    if (activity.type !== 'update-note' || post === undefined) return
    const mappings = known.mappings.get(post.id) ?? []
    for (const [roomId, there] of Map.groupBy(mappings, (one) => one.roomId)) {
      const isIn = (action: Action): boolean =>
        ('roomId' in action && action.roomId === roomId) ||
        ('place' in action && action.place.kind === 'room' && action.place.roomId === roomId)
      const changes = actions.filter(isIn)
      if (!changes.some((action) => action.do === 'edit' && action.part === 0)) continue
      const redacted = changes.flatMap((action) => (action.do === 'redact' ? [action.target] : []))
      const shown = changes.flatMap((action) =>
        action.do === 'send' || action.do === 'edit' ? (action.media?.attachment.url ?? []) : [],
      )
      expect(new Set(shown).size).toBe(shown.length)
      for (const { eventId, media, part } of there)
        if (part > 0 && media !== undefined && !shown.includes(media))
          expect(redacted).toContain(eventId)
    }
  })
})
