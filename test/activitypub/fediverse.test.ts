import { describe, expect, test } from '@jest/globals'

import { actorDocument, createWeb, documentFetchOf, failureOf, type Page } from './web.ts'
import { asActorId, asObjectId } from '../../src/model/ids.ts'
import { createFediverse } from '../../src/activitypub/fediverse.ts'
import type { Fediverse } from '../../src/bridge/ports.ts'
import { imageTypeOf } from '../../src/activitypub/image.ts'
import { parseActor } from '../../src/activitypub/parse.ts'
import { publicCollection } from '../../src/model/audience.ts'
import { createMemoryFiles } from '../support/memory-files.ts'

const files = await createMemoryFiles()

const bob = 'https://social.test/users/bob'
const outbox = `${bob}/outbox`
const actor = parseActor(actorDocument(bob), 0)
const note = (id: string, more: Readonly<Record<string, unknown>> = {}) => ({
  id,
  type: 'Note',
  attributedTo: bob,
  content: id,
  to: [publicCollection],
  published: '2026-07-01T00:00:00Z',
  ...more,
})
const at = (n: number | string) => `https://social.test/notes/${n}`
const create = (object: unknown, more: Readonly<Record<string, unknown>> = {}) => ({
  id: `${at('x')}/activity`,
  type: 'Create',
  actor: bob,
  to: [publicCollection],
  object,
  ...more,
})

function fediverseOf(pages: Record<string, Page>) {
  const web = createWeb(pages)
  const { http, clock } = web
  const fediverse: Fediverse = createFediverse({
    http,
    clock,
    allowHttp: [],
    userAgent: 'Footbridge/0 (+https://fedi.example.org)',
    fetchDocument: documentFetchOf(web),
    files,
    serializer: { serialize: (activity) => activity.id, serializeNote: () => undefined },
  })
  return { fediverse, web }
}

describe('a note', () => {
  const victim = 'https://victim.test/notes/1'
  test.each<readonly [string, Record<string, Page>, unknown]>([
    [
      'is read at its id',
      { [at(1)]: { json: note(at(1)) } },
      { resolved: { id: at(1), author: bob } },
    ],
    [
      'is not read from another host',
      {
        [at(1)]: { status: 302, headers: { location: victim } },
        [victim]: { json: note(victim, { attributedTo: 'https://victim.test/eve' }) },
      },
      { code: 'hostile' },
    ],
    [
      'has its author on its own host',
      { [at(1)]: { json: note(at(1), { attributedTo: 'https://victim.test/eve' }) } },
      { code: 'hostile' },
    ],
    [
      'that is a tombstone is gone',
      { [at(1)]: { json: { id: at(1), type: 'Tombstone' } } },
      { code: 'gone' },
    ],
    ['that is deleted is gone', { [at(1)]: { status: 410 } }, { code: 'gone' }],
    [
      'that is an actor is none',
      { [at(1)]: { json: actorDocument(at(1)) } },
      { code: 'not-activitypub' },
    ],
  ])('%s', async (_name, pages, expected) => {
    const { fediverse } = fediverseOf(pages)
    expect(await failureOf(fediverse.fetchNote(asObjectId(at(1))))).toMatchObject(
      expected as Record<string, unknown>,
    )
  })
})

describe('an outbox', () => {
  const page = (items: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): Page => ({
    json: { type: 'OrderedCollectionPage', orderedItems: items, ...more },
  })
  const collection = (first: unknown): Record<string, Page> => ({
    [outbox]: { json: { id: outbox, type: 'OrderedCollection', first } },
  })
  const idsOf = async (pages: Record<string, Page>, limit = 20) => {
    const { fediverse, web } = fediverseOf(pages)
    const notes = await fediverse.fetchOutbox(actor, limit)
    return { ids: notes.map(({ id }) => id), asked: web.asked().slice(1) }
  }
  const p = (n: number) => `${outbox}?page=${n}`

  test('gives its newest posts, and asks for no more pages than it needs', async () => {
    const items = [2, 1].map((n) => create(note(at(n), { published: `2026-07-0${n}T00:00:00Z` })))
    const pages = { ...collection(p(1)), [p(1)]: page(items, { next: p(2) }) }
    expect(await idsOf(pages, 2)).toEqual({ ids: [at(2), at(1)], asked: [p(1)] })
    expect(await idsOf(pages, 1)).toEqual({ ids: [at(2)], asked: [p(1)] })
  })

  test('asks for forty items at most where it has ids alone', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => at(n + 1))
    const pages = Object.fromEntries(ids.map((id, n) => [id, { json: note(at(n + 1)) }]))
    const { ids: found, asked } = await idsOf({ [outbox]: page(ids), ...pages }, 100)
    expect([found.length, asked.length]).toEqual([40, 40])
  })

  test('has at most three pages', async () => {
    const pages = Object.fromEntries(
      [1, 2, 3, 4].map((n) => [p(n), page([create(note(at(n)))], { next: p(n + 1) })]),
    )
    expect(await idsOf({ ...collection(p(1)), ...pages })).toEqual({
      ids: [at(1), at(2), at(3)],
      asked: [p(1), p(2), p(3)],
    })
  })

  const activity = `${at(1)}/activity`
  test.each<readonly [string, Record<string, Page>, readonly string[]]>([
    ['items without pages', { [outbox]: page([create(note(at(1)))]) }, [at(1)]],
    [
      'a first page that came along',
      collection({ type: 'OrderedCollectionPage', orderedItems: create(note(at(1))) }),
      [at(1)],
    ],
    [
      'ids of activities',
      { [outbox]: page([activity]), [activity]: { json: create(note(at(1)), { id: activity }) } },
      [at(1)],
    ],
    [
      'ids of objects',
      { [outbox]: page([create(at(1))]), [at(1)]: { json: note(at(1)) } },
      [at(1)],
    ],
    ['bare notes', { [outbox]: page([note(at(1))]) }, [at(1)]],
    ['the same twice', { [outbox]: page([note(at(1)), create(note(at(1)))]) }, [at(1)]],
    [
      'an audience that only the activity tells',
      { [outbox]: page([create(note(at(1), { to: undefined }))]) },
      [at(1)],
    ],
    [
      'boosts',
      {
        [outbox]: page([{ id: activity, type: 'Announce', object: at(1) }]),
        [at(1)]: { json: note(at(1)) },
      },
      [],
    ],
    ['followers only', { [outbox]: page([create(note(at(1), { to: [`${bob}/followers`] }))]) }, []],
    [
      "a stranger's post",
      { [outbox]: page([create(note(at(1), { attributedTo: 'https://social.test/eve' }))]) },
      [],
    ],
    [
      'a post of another host',
      { [outbox]: page([create(note('https://victim.test/1', { attributedTo: bob }))]) },
      [],
    ],
    [
      'an id of another host',
      {
        [outbox]: page(['https://victim.test/1']),
        'https://victim.test/1': { json: note('https://victim.test/1') },
      },
      [],
    ],
    [
      'one that is missing among others',
      { [outbox]: page([at(7), null, 7, [], {}, create(note(at(1)))]) },
      [at(1)],
    ],
    [
      'one that is away among others',
      { [outbox]: page([at(7), create(note(at(1)))]), [at(7)]: { status: 500 } },
      [at(1)],
    ],
    [
      'a page that is away',
      {
        ...collection(p(1)),
        [p(1)]: page([create(note(at(1)))], { next: p(2) }),
        [p(2)]: { status: 503 },
      },
      [at(1)],
    ],
    [
      'a call for patience',
      {
        [outbox]: page([create(note(at(1))), at(7), create(note(at(2)))]),
        [at(7)]: { status: 429 },
      },
      [at(1)],
    ],
    [
      'a next page elsewhere',
      {
        ...collection(p(1)),
        [p(1)]: page([create(note(at(1)))], { next: 'https://victim.test/' }),
      },
      [at(1)],
    ],
    ['nothing', { [outbox]: { json: { type: 'OrderedCollection', totalItems: 0 } } }, []],
  ])('with %s', async (...[, pages, expected]) => {
    expect((await idsOf(pages)).ids).toEqual(expected)
  })

  test('that is away or hidden is an error', async () => {
    const { fediverse } = fediverseOf({ [outbox]: { status: 503 } })
    expect(await failureOf(fediverse.fetchOutbox(actor, 20))).toEqual({ name: 'TransientError' })
  })

  test('on another host is not asked', async () => {
    const { fediverse, web } = fediverseOf({ 'https://victim.test/outbox': { json: {} } })
    const elsewhere = { ...actor, outbox: 'https://victim.test/outbox' }
    expect([await fediverse.fetchOutbox(elsewhere, 20), web.asked()]).toEqual([[], []])
  })
})

describe('an image', () => {
  const png = Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1')
  const box = (brands: string) => Buffer.from(`\0\0\0\x20ftyp${brands}`, 'latin1')
  test.each<readonly [Buffer, string | undefined]>([
    [png, 'image/png'],
    [Buffer.from('\xff\xd8\xff\xe0', 'latin1'), 'image/jpeg'],
    [Buffer.from('GIF89a'), 'image/gif'],
    [Buffer.from('GIF87a'), 'image/gif'],
    [Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1'), 'image/webp'],
    [box('avif\0\0\0\0mif1'), 'image/avif'],
    [box('mif1\0\0\0\0miafavif'), 'image/avif'],
    [box('isom\0\0\0\0mp42'), undefined],
    [box('mif1\0\0\0\0heic'), undefined],
    [Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), undefined],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), undefined],
    [Buffer.from('<html>'), undefined],
    [Buffer.from('ftypavif'), undefined],
    [Buffer.alloc(0), undefined],
  ])('%j is %s', (bytes, expected) => expect(imageTypeOf(bytes)).toBe(expected))
})

test('an actor is fetched by its id', async () => {
  const { fediverse } = fediverseOf({ [bob]: { json: actorDocument(bob) } })
  expect(await fediverse.fetchActor(asActorId(bob))).toMatchObject({ id: bob, host: 'social.test' })
})
