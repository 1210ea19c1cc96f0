import { describe, expect, test } from '@jest/globals'
import { fetchNews } from '../../src/activitypub/news.ts'
import { parseActor } from '../../src/activitypub/parse.ts'
import { actorDocument, createWeb, documentFetchOf, failureOf, type Page } from './web.ts'

const id = 'https://social.test/users/bob'
const outbox = `${id}/outbox`
const actor = parseActor(actorDocument(id), 0)
const everybody = 'https://www.w3.org/ns/activitystreams#Public'

const dayOf = (n: number): string => new Date(Date.UTC(2026, 6, n)).toISOString()
const at = (n: number): string => `${id}/notes/${n}`
const note = (n: number, more: Record<string, unknown> = {}) => ({
  id: at(n),
  type: 'Note',
  attributedTo: id,
  to: [everybody],
  content: `post ${n}`,
  published: dayOf(n),
  ...more,
})
const create = (n: number, more: Record<string, unknown> = {}) => ({
  id: `${at(n)}/activity`,
  type: 'Create',
  actor: id,
  to: [everybody],
  published: dayOf(n),
  object: note(n),
  ...more,
})
const announce = (n: number, more: Record<string, unknown> = {}) => ({
  id: `${id}/boosts/${n}`,
  type: 'Announce',
  actor: id,
  published: dayOf(n),
  object: 'https://other.test/1',
  ...more,
})
const pageOf = (items: readonly unknown[], next?: string): Page => ({
  json: { type: 'OrderedCollectionPage', orderedItems: items, ...(next && { next }) },
})

type Asked = { readonly since?: number; readonly limit?: number; readonly isLast?: boolean }

/** What happened, in short: the type and the day. */
async function newsOf(pages: Record<string, Page>, asked: Asked = {}) {
  const web = createWeb(pages)
  const { since = 5, limit = 100, isLast = false } = asked
  const bounds = { since: Date.parse(dayOf(since)), limit, isLast }
  const deps = { clock: web.clock, fetchDocument: documentFetchOf(web) }
  const news = await fetchNews(actor, bounds, deps)
  const days = news.map((one) => `${one.activity.type} ${new Date(one.at).getUTCDate()}`)
  return { days, ids: news.map(({ activity }) => activity.id), asked: web.asked() }
}

const only = (...items: readonly unknown[]): Record<string, Page> => ({ [outbox]: pageOf(items) })

describe('news of an outbox', () => {
  test('that gives ids alone are asked for one by one, forty at most', async () => {
    const days = Array.from({ length: 60 }, (_, n) => 90 - n)
    const ids = days.map((n) => create(n).id)
    const pages = Object.fromEntries(days.map((n) => [create(n).id, { json: create(n) }]))
    const { ids: found, asked } = await newsOf({ ...only(...ids), ...pages })
    expect([found.length, asked.length]).toEqual([40, 41])
  })

  test('are posts and boosts since a day, oldest first, and no pages further back', async () => {
    const first = { json: { id: outbox, type: 'OrderedCollection', first: `${outbox}?1` } }
    const { days, asked } = await newsOf({
      [outbox]: first,
      [`${outbox}?1`]: pageOf([create(8), announce(7)], `${outbox}?2`),
      [`${outbox}?2`]: pageOf([create(6), create(4)], `${outbox}?3`),
      [`${outbox}?3`]: pageOf([create(3)]),
    })
    expect(days).toEqual(['create 6', 'announce 7', 'create 8'])
    expect(asked).toEqual([outbox, `${outbox}?1`, `${outbox}?2`])
  })

  test('of the same second are in the order in which they came', async () => {
    const same = (n: number) => create(n, { object: note(n, { published: dayOf(7) }) })
    const { ids } = await newsOf(only(same(9), same(8), same(7)))
    expect(ids).toEqual([7, 8, 9].map((n) => `${at(n)}/activity`))
  })

  test('are the newest where there are many', async () => {
    expect((await newsOf(only(create(9), create(8), create(7)), { limit: 2 })).days).toEqual([
      'create 8',
      'create 9',
    ])
  })

  test('may be notes alone, or ids, which are asked for until one is too old', async () => {
    const pages = {
      ...only(at(8), `${at(7)}/activity`, at(4), at(3)),
      [at(8)]: { json: note(8) },
      [`${at(7)}/activity`]: { json: create(7) },
      [at(4)]: { json: note(4) },
    }
    const { days, asked } = await newsOf(pages)
    expect(days).toEqual(['create 7', 'create 8'])
    expect(asked).not.toContain(at(3))
  })

  test('that cannot be read just now end it, unless nobody asks again', async () => {
    const pages = { ...only(at(8), create(7)), [at(8)]: { status: 503 } }
    expect(await failureOf(newsOf(pages))).toMatchObject({ name: 'TransientError' })
    expect((await newsOf(pages, { isLast: true })).days).toEqual(['create 7'])
  })

  test.each<readonly [string, unknown]>([
    [
      'a post that is not for everybody',
      create(8, { object: note(8, { to: [`${id}/followers`] }) }),
    ],
    ['what somebody else did', create(8, { actor: 'https://social.test/users/eve' })],
    ['what claims an id of another host', create(8, { id: 'https://victim.test/1' })],
    ['a boost in the name of another', announce(8, { actor: 'https://victim.test/users/eve' })],
    ['a boost without a date', announce(8, { published: undefined })],
    ['a bare note of somebody else', note(8, { attributedTo: 'https://social.test/users/eve' })],
    ['an id on another host', 'https://victim.test/1'],
    ['a like', { id: `${id}/likes/1`, type: 'Like', actor: id, object: 'https://other.test/1' }],
    ['nonsense', { type: ['Create'], id: 7 }],
    ['nothing', null],
  ])('are not %s', async (_, item) => {
    expect((await newsOf(only(item, create(7)))).days).toEqual(['create 7'])
  })

  test('of an outbox on another host are none', async () => {
    const elsewhere = { ...actor, outbox: 'https://victim.test/outbox' }
    const web = createWeb()
    const bounds = { since: 0, limit: 9, isLast: false }
    const deps = { clock: web.clock, fetchDocument: documentFetchOf(web) }
    expect(await fetchNews(elsewhere, bounds, deps)).toEqual([])
    expect(web.asked()).toEqual([])
  })
})
