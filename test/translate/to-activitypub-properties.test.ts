import fc from 'fast-check'
import { expect, test } from '@jest/globals'
import type { Action, PublishAction } from '../../src/model/action.ts'
import type { EventRow, KnownEventRow } from './known-for-fediverse.ts'
import type { KnownForFediverse } from '../../src/translate/known.ts'
import type { MatrixEvent } from '../../src/model/event.ts'
import type { Audience } from '../../src/model/audience.ts'
import { visibilities } from '../../src/model/audience.ts'
import { visibilityOf } from '../../src/translate/audience.ts'
import { toActivityPub } from '../../src/translate/to-activitypub.ts'
import { eventOf, knownForFediverse } from './known-for-fediverse.ts'
import { publicUrl } from './people.ts'

const people = ['bob', 'carol', 'alice', 'ann']
const local = fc.constantFrom('alice', 'ann', 'gone')
const post = fc.constantFrom('bob/1', 'carol/1', 'alice/1', 'ann/1')
const several = fc.subarray(people).map((names) => names.join(' '))
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const words = fc
  .array(
    fc.oneof(
      fc.string(),
      fc.constantFrom('@bob@social.test', '@carol@other.test', '@ann@us.test', '!', ' ', '#tag'),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(' '))

const files = fc.array(
  fc.record(
    {
      kind: fc.constantFrom('image', 'video', 'audio', 'file'),
      mxc: fc.constantFrom('a', 'b', 'c'),
      mediaType: maybe(fc.constantFrom('image/png', 'image/svg+xml', 'x/y')),
      alt: maybe(fc.string()),
      name: maybe(fc.string()),
    },
    { requiredKeys: ['kind', 'mxc'] },
  ),
  { maxLength: 35 },
)

const urlOf = (id: string): string => `${publicUrl}/media/${id}`

const event = fc.record(
  {
    type: fc.constantFrom(
      'message' as const,
      'message' as const,
      'message' as const,
      'edit' as const,
      'redaction' as const,
      'reaction' as const,
      'encrypted' as const,
      'encryption' as const,
      'member' as const,
      'other' as const,
    ),
    sender: local,
    kind: fc.constantFrom('text', 'text', 'emote', 'notice', 'media', 'location', 'other'),
    body: words,
    html: maybe(words),
    media: maybe(files),
    key: fc.constantFrom('👍', '❤️', '✅', '🎉', ''),
    thread: maybe(fc.constant('$root')),
  },
  { requiredKeys: [] },
)

/** Records as our rules make them: each of the four visibilities of each author. */
const audience = post.chain((object) => {
  const followers = `${object.split('/')[0] ?? ''}/followers`
  return fc.record({
    object: fc.constant(object),
    to: fc.constantFrom('public', followers, ...people),
    cc: fc.constantFrom('public', followers, '', ''),
    mentions: several,
  })
})
const target = fc
  .tuple(
    audience,
    fc.record(
      {
        deletedAt: maybe(fc.constant(3)),
        isAuthorGone: fc.boolean(),
        below: maybe(fc.constant('$root')),
        like: maybe(fc.constantFrom('alice', 'ann', 'bob')),
        part: maybe(fc.constantFrom(0, 1)),
        had: maybe(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'))),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([record, { had = [], ...rest }]) => ({
    ...record,
    ...rest,
    media: had.map((mxc) => ({ id: `had-${mxc}`, mxc, part: mxc === 'a' ? 0 : 1 })),
    note: { attachments: had.map((mxc) => ({ type: 'Image', url: urlOf(`had-${mxc}`) })) },
  }))

const portal = fc.oneof(
  fc.record({ kind: fc.constant('actor'), of: fc.constantFrom('bob', 'carol') }),
  fc.record({
    kind: fc.constantFrom('profile', 'notifications', 'management'),
    of: fc.constantFrom('alice', 'ann'),
  }),
  fc.record({ kind: fc.constant('direct'), of: several }),
  fc.constant(null),
)

const known = fc.record(
  {
    portal,
    author: maybe(fc.oneof(local, fc.constant(null))),
    isPermitted: fc.boolean(),
    target: maybe(target),
    isTargetUnknown: fc.boolean(),
    participants: several,
    newestDirect: maybe(audience),
    isAccountGone: fc.boolean(),
    portalPosts: fc.constantFrom('ask', 'on', 'off'),
    held: maybe(event),
  },
  { requiredKeys: [] },
)

/** Members that are undefined count as absent. */
const present = (value: object): unknown => JSON.parse(JSON.stringify(value)) as unknown

type Case = { event: MatrixEvent; known: KnownForFediverse; actions: readonly Action[] }

function check(property: (one: Case) => void): void {
  fc.assert(
    fc.property(event, known, (eventIn, knownIn) => {
      const row = present(eventIn) as EventRow
      const facts = knownForFediverse(row, present(knownIn) as KnownEventRow)
      const one = eventOf(row)
      property({ event: one, known: facts, actions: toActivityPub(one, facts).actions ?? [] })
    }),
    { numRuns: 3000, seed: 20_260_802 },
  )
}

const publishesOf = (actions: readonly Action[]): PublishAction[] =>
  actions.filter((action) => action.do === 'publish')

const widthOf = (note: Audience, author: string): number =>
  visibilities.indexOf(visibilityOf(note, `${author}/followers`))

test('a reply is never wider than what it answers', () => {
  check(({ known: { target: answered, newestDirect }, actions }) => {
    const parents = [answered?.object, newestDirect]
    for (const { activity } of publishesOf(actions)) {
      if (activity.type !== 'create' || activity.note.inReplyTo === undefined) continue
      const parent = parents.find((one) => one?.id === activity.note.inReplyTo)
      expect(parent).toBeDefined()
      if (parent === undefined) continue
      const width = widthOf(activity.note, activity.actor)
      expect(width).toBeGreaterThanOrEqual(visibilities.indexOf(parent.visibility))
    }
  })
})

test('nobody gets a note whom it does not name, and followers none that is not for them', () => {
  check(({ actions }) => {
    for (const { activity, recipients, toFollowers } of publishesOf(actions)) {
      const named = [...activity.to, ...activity.cc]
      if (activity.type === 'create') {
        expect(named).toEqual(expect.arrayContaining([...recipients]))
        expect({ to: activity.note.to, cc: activity.note.cc }).toEqual({
          to: activity.to,
          cc: activity.cc,
        })
        expect(toFollowers).toBe(named.includes(`${activity.actor}/followers`))
      }
      if (activity.type === 'react' || activity.type === 'undo') {
        const feeling = activity.type === 'react' ? activity.feeling : activity.inner.feeling
        const isBoost = feeling?.type === 'Announce'
        expect(named).toEqual(expect.arrayContaining([...recipients]))
        expect(toFollowers).toBe(isBoost)
        expect(named.includes(`${activity.actor}/followers`)).toBe(isBoost)
        if (!isBoost) expect(named).toEqual([...recipients])
      }
    }
  })
})

test('a direct message reaches exactly those who are in the chat', () => {
  check(({ known: { portal: where, participants, author }, event: { type }, actions }) => {
    if (where?.kind !== 'direct' || type !== 'message') return
    const others = participants.map(({ actorId }) => actorId).filter((id) => id !== author?.id)
    for (const { activity, recipients, toFollowers } of publishesOf(actions)) {
      expect(recipients).toEqual(others)
      expect(activity.to).toEqual(others)
      expect([activity.cc, toFollowers]).toEqual([[], false])
    }
  })
})

test('an edit or a delete keeps the audience of its post', () => {
  check(({ known: { target: changed, author }, actions }) => {
    for (const { activity } of publishesOf(actions)) {
      if (activity.type !== 'update' && activity.type !== 'delete') continue
      const { to, cc } = activity
      expect({ to, cc }).toEqual({ to: changed?.object?.to, cc: changed?.object?.cc })
      expect(changed?.object?.author).toBe(author?.id)
    }
  })
})

test('a note of ours becomes another only as it was read', () => {
  check(({ known: { target: changed }, actions }) => {
    actions.forEach((action, at) => {
      if (action.do !== 'publish' || action.activity.type !== 'update') return
      const before = actions.slice(0, at).flatMap((one) => (one.do === 'commit' ? one.changes : []))
      expect(before).toContainEqual({ change: 'expect-object', object: changed?.object })
    })
  })
})

test('everybody speaks for themselves alone', () => {
  check(({ known: { author }, actions }) => {
    for (const { activity } of publishesOf(actions)) expect(activity.actor).toBe(author?.id)
  })
})

test('notices and commands never leave Matrix', () => {
  check(({ event: one, actions }) => {
    if (one.type !== 'message' && one.type !== 'edit') return
    const isOurs = one.kind === 'notice' || one.text.body.trim().startsWith('!')
    if (isOurs) expect(publishesOf(actions)).toEqual([])
  })
})

test('every file that a note shows can be had, and no other', () => {
  check(({ known: { target: changed }, actions }) => {
    const changes = actions.flatMap((action) => (action.do === 'commit' ? action.changes : []))
    const dropped = changes.flatMap((one) => (one.change === 'drop-media' ? [one.id] : []))
    for (const { activity } of publishesOf(actions)) {
      if (activity.type !== 'create' && activity.type !== 'update') continue
      const { note } = activity
      const made = changes.flatMap((one) => {
        if (one.change !== 'put-media') return []
        expect(one.media.object).toBe(note.id)
        return [one.media.id]
      })
      const had = activity.type === 'update' ? (changed?.media ?? []).map(({ id }) => id) : []
      const has = [...had.filter((id) => !dropped.includes(id)), ...made]
      expect(note.attachments.map(({ url }) => url).sort()).toEqual(has.map(urlOf).sort())
      expect(note.attachments.length).toBeLessThanOrEqual(35)
    }
  })
})

test('nothing is said in another room', () => {
  check(({ event: { roomId }, actions }) => {
    for (const action of actions)
      if (action.do === 'tell') expect(action.place).toEqual({ kind: 'room', roomId })
  })
})
