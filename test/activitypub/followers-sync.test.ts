import { describe, expect, test } from '@jest/globals'
import type { RemoteActor } from '../../src/model/actor.ts'
import { asActorId } from '../../src/model/ids.ts'
import {
  followersDigest,
  formatSyncHeader,
  readSyncHeader,
  syncHeaderFor,
} from '../../src/activitypub/followers-sync.ts'
import { fetchFollowers } from '../../src/activitypub/outbox.ts'

describe('the digest', () => {
  test('is that of FEP-8fcf, in whatever order', () => {
    const ids = [1, 2].map((n) => `https://testing.example.org/users/${n}`)
    const digest = 'c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f'
    expect([followersDigest(ids), followersDigest(ids.reverse())]).toEqual([digest, digest])
  })
  test('of nobody is zero', () => {
    expect(followersDigest([])).toBe('0'.repeat(64))
  })
})

describe('the header', () => {
  const actor = 'https://a.example/users/1'
  const digest = 'ab'.repeat(32)
  const parts = { collectionId: `${actor}/followers`, url: `${actor}/sync`, digest }
  const text = formatSyncHeader(parts)
  const tight = text.replaceAll(', ', ',')
  test.each([
    ['as the FEP writes it', text],
    ['without spaces', tight],
    ['with what we do not know', `${text}, more="x"`],
    ['in capitals', text.replace(digest, digest.toUpperCase())],
  ])('%s is read', (_how, value) => {
    expect(readSyncHeader(value, actor)).toEqual(parts)
  })
  test.each([
    ['nothing', undefined],
    ['two of them', [text, text]],
    ['no list', 'x'],
    ['a part twice', `${text}, digest="${digest}"`],
    ['no digest', text.replace(/, digest.*/, '')],
    ['a short digest', text.replace(digest, 'ab')],
    ['no hexadecimal', text.replace(digest, 'zz'.repeat(32))],
    ['a list of another host', text.replace(`${actor}/sync`, 'https://b.example/sync')],
    ['followers of another host', text.replace(`${actor}/followers`, 'https://b.example/f')],
    ['a list that is no address', text.replace(`${actor}/sync`, 'file:///etc/passwd')],
    ['a long one', `${text}, more="${'x'.repeat(5_000)}"`],
  ])('%s is none', (_what, value) => {
    expect(readSyncHeader(value, actor)).toBeUndefined()
  })
  test('is left out where more follow than are compared', async () => {
    const signer = asActorId('https://here.example/actors/a')
    const delivery = { signer, inbox: 'https://b.example/inbox' }
    const many = async (_id: string, _base: string, limit: number) =>
      Array.from({ length: limit }, (_, n) => asActorId(`https://b.example/${n}`))
    expect(await syncHeaderFor(delivery, many)).toBeUndefined()
  })
})

describe('the list of followers', () => {
  const actor: RemoteActor = {
    ...{ id: asActorId('https://a.example/users/1'), kind: 'Person', username: 'a' },
    ...{ host: 'a.example', inbox: 'https://a.example/inbox', publicKeys: [], fetchedAt: 0 },
  }
  const url = `${actor.id}/sync`
  const ids = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) =>
      asActorId(`https://here.example/actors/${from + n}`),
    )
  const read = (pages: Readonly<Record<string, object>>, digest: string) => {
    const asked: string[] = []
    const fetchDocument = async (at: string) => {
      asked.push(at)
      return { url: at, document: { ...pages[at] }, fetchedAt: 0 }
    }
    const deps = { fetchDocument, clock: { now: () => 0, sleep: async () => undefined } }
    const sync = { collectionId: `${actor.id}/followers`, url, digest }
    return fetchFollowers(actor, sync, deps).then((list) => ({ list, asked }))
  }
  test.each([
    ['at once', { [url]: { orderedItems: ids(0, 3) } }],
    ['as a Collection', { [url]: { items: ids(0, 3) } }],
    [
      'in pages',
      {
        [url]: { first: `${url}?1` },
        [`${url}?1`]: { orderedItems: ids(0, 2), next: `${url}?2` },
        [`${url}?2`]: { orderedItems: ids(2, 3) },
      },
    ],
    ['with whole actors', { [url]: { orderedItems: ids(0, 3).map((id) => ({ id })) } }],
  ])('is read %s', async (_how, pages) => {
    expect((await read(pages, followersDigest(ids(0, 3)))).list).toEqual(ids(0, 3))
  })
  test('that is empty is one too', async () => {
    expect((await read({ [url]: { totalItems: 0 } }, followersDigest([]))).list).toEqual([])
  })
  test('counts for nothing where it is not the one that was spoken of', async () => {
    const pages = { [url]: { orderedItems: ids(0, 3) } }
    expect((await read(pages, followersDigest(ids(0, 2)))).list).toBeUndefined()
  })
  test('that never ends is left, and so is one of another host', async () => {
    const endless = { orderedItems: ids(0, 1), next: `${url}?1` }
    const { list, asked } = await read({ [url]: { first: `${url}?1` }, [`${url}?1`]: endless }, '')
    expect([list, asked.length]).toEqual([undefined, 11])
    const away = await read({ [url]: { first: 'https://b.example/list' } }, '')
    expect([away.list, away.asked]).toEqual([undefined, [url]])
  })
  test('that comes too slowly is left for another day', async () => {
    let now = 0
    const fetchDocument = async (at: string) => {
      now += 29_000
      const page = at === url ? { first: `${url}?1` } : { orderedItems: [], next: `${at}1` }
      return { url: at, document: page, fetchedAt: 0 }
    }
    const sync = { collectionId: `${actor.id}/followers`, url, digest: followersDigest([]) }
    const clock = { now: () => now, sleep: async () => undefined }
    expect(await fetchFollowers(actor, sync, { fetchDocument, clock })).toBeUndefined()
    expect(now).toBeLessThanOrEqual(90_000)
  })
  test('that is longer than is compared is none', async () => {
    const pages = { [url]: { orderedItems: ids(0, 5_001) } }
    expect((await read(pages, followersDigest(ids(0, 5_001)))).list).toBeUndefined()
  })
})
