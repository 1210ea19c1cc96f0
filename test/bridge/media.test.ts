import { beforeEach, describe, expect, test } from '@jest/globals'
import { ensureMedia } from '../../src/bridge/media.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import { asMxc } from '../../src/model/ids.ts'
import type { UploadKind } from '../../src/model/upload.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'
import { html, pdf, pngOf, svg } from '../support/samples.ts'

const url = 'https://remote.example/files/cat'
const png = pngOf(3, 2)
const day = 86_400_000

let bridge: Bridge
beforeEach(async () => {
  bridge = await createBridge()
  bridge.fediverse.files.set(url, png)
})

/** A call that broke is made again a moment later. */
async function ensure(kind: UploadKind = 'attachment') {
  const file = ensureMedia(url, kind, bridge.deps)
  file.catch(() => undefined)
  await bridge.clock.advance(1_000)
  return file
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.catch((cause: unknown) => cause)
  if (error instanceof TransientError) return `transient ${error.of}`
  return error instanceof RejectedError ? error.code : error
}

/** Files on the homeserver, and how often somebody else's server was asked. */
const seen = () => [bridge.hs.uploads().length, bridge.fediverse.fetched.length]

describe('a file of the fediverse', () => {
  test('is on the homeserver byte for byte, with what it is', async () => {
    const file = await ensure()
    const { mxc } = file
    expect(file).toEqual({ mxc, mediaType: 'image/png', size: png.length, width: 3, height: 2 })
    expect(bridge.hs.media(mxc)).toEqual({ bytes: png, mediaType: 'image/png' })
    expect(bridge.fediverse.openFiles()).toBe(0)
  })

  test('is uploaded once, for whatever and however many at the same time', async () => {
    const all = await Promise.all([
      ensure(),
      ensure('avatar'),
      ensure('emoji'),
      ensure('thumbnail'),
    ])
    expect(new Set(all.map(({ mxc }) => mxc)).size).toBe(1)
    await bridge.clock.advance(40 * day)
    expect(await ensure()).toEqual(all[0])
    expect(seen()).toEqual([1, 1])
  })

  test('is looked for once a day, and uploaded again when the homeserver purged it', async () => {
    const { mxc } = await ensure()
    bridge.hs.purge(mxc)
    expect((await ensure()).mxc).toBe(mxc)
    await bridge.clock.advance(day + 1)
    const again = await ensure()
    expect(again.mxc).not.toBe(mxc)
    expect(bridge.hs.media(again.mxc)?.bytes.equals(png)).toBe(true)
    const before = bridge.hs.calls.length
    await bridge.clock.advance(day + 1)
    await ensure()
    await ensure()
    expect(bridge.hs.calls.slice(before)).toHaveLength(1)
  })

  test('whose answer was lost is uploaded again', async () => {
    let cuts = 2
    bridge.hs.injectFaults((request) =>
      /upload/.test(request.url) && cuts-- > 0 ? 'cut-answer' : undefined,
    )
    expect(await failure(ensure())).toBe('transient remote')
    expect((await ensure()).size).toBe(png.length)
    expect(bridge.fediverse.openFiles()).toBe(0)
  })

  test('is not fetched while the homeserver is away', async () => {
    bridge.hs.injectFaults(() => 'timeout')
    expect(await failure(ensure())).toBe('transient homeserver')
    expect(seen()).toEqual([0, 0])
  })
})

describe('a file that cannot be had', () => {
  const refused = new RejectedError('no', { code: 'not-found' })

  test('is not asked for again on the same day', async () => {
    bridge.fediverse.files.set(url, refused)
    expect([await failure(ensure()), await failure(ensure())]).toEqual([
      'not-found',
      'refused-before',
    ])
    expect(seen()).toEqual([0, 1])
    await bridge.clock.advance(day + 1)
    bridge.fediverse.files.set(url, png)
    expect((await ensure()).size).toBe(png.length)
  })

  test('just now is asked for again', async () => {
    bridge.fediverse.files.set(url, new TransientError('away'))
    expect(await failure(ensure())).toBe('transient remote')
    bridge.fediverse.files.set(url, png)
    expect((await ensure()).size).toBe(png.length)
  })

  test.each<[string, Buffer, UploadKind, string]>([
    ['a page called a picture', html, 'avatar', 'not-an-image'],
    ['a drawing that can run programs', svg, 'emoji', 'not-an-image'],
    ['a document', pdf, 'thumbnail', 'not-an-image'],
    ['a huge emoji', Buffer.concat([png, Buffer.alloc(1_000_000)]), 'emoji', 'too-large'],
    ['a huge avatar', Buffer.concat([png, Buffer.alloc(5_000_000)]), 'avatar', 'too-large'],
  ])('%s', async (...[, bytes, kind, expected]) => {
    bridge.fediverse.files.set(url, bytes)
    expect(await failure(ensure(kind))).toBe(expected)
    expect(seen()).toEqual([0, 1])
    expect(bridge.fediverse.openFiles()).toBe(0)
  })

  test('as a picture can be had as a file', async () => {
    bridge.fediverse.files.set(url, pdf)
    expect(await failure(ensure('avatar'))).toBe('not-an-image')
    expect((await ensure()).mediaType).toBe('application/pdf')
    expect(await failure(ensure('avatar'))).toBe('not-an-image')
  })
})

describe('a file may be', () => {
  const bytes = Buffer.concat([png, Buffer.alloc(5_000)])
  test.each<[string, number, number | undefined, string | undefined]>([
    ['as large as the homeserver takes', 6_000, undefined, undefined],
    ['no larger than it takes', 5_000, undefined, 'too-large'],
    ['no larger than the admin wants', 6_000, 5_000, 'too-large'],
    ['no larger than it takes, whatever the admin wants', 5_000, 6_000, 'too-large'],
  ])('%s', async (...[, limit, maxSize, expected]) => {
    const mediaRules = {
      sensitive: 'spoiler',
      emojiReactions: 'text',
      ...(maxSize === undefined ? {} : { maxSize }),
    } as const
    bridge = await createBridge({ mediaRules })
    bridge.fediverse.files.set(url, bytes)
    bridge.hs.setUploadLimit(limit)
    const outcome = await failure(ensure())
    expect(expected === undefined ? outcome : [outcome]).toEqual(
      expected === undefined ? expect.objectContaining({ size: bytes.length }) : [expected],
    )
  })
})

describe('the looks of a picture', () => {
  const blurhash = 'LEHV6nWB2yk8pyo0adR*.7kCMdnj'
  const looking = (): Parameters<typeof ensureMedia>[2] => ({
    ...bridge.deps,
    look: async (file, facts) => {
      const size = (await file.read(0, 100_000)).length
      return { ...facts, width: size, blurhash }
    },
  })

  test('are kept with it', async () => {
    const expected = { width: png.length, height: 2, blurhash }
    expect(await ensureMedia(url, 'attachment', looking())).toMatchObject(expected)
    expect(await ensure()).toMatchObject(expected)
  })

  test.each<UploadKind>(['avatar', 'emoji', 'thumbnail'])(
    'are of no use to an %s',
    async (kind) => {
      expect((await ensureMedia(url, kind, looking())).blurhash).toBeUndefined()
    },
  )
})

test('transfers of one host wait for their turn', async () => {
  const hosts: string[] = []
  const inTurn = async <T>(host: string, work: () => Promise<T>): Promise<T> => {
    hosts.push(host)
    return work()
  }
  await ensureMedia(url, 'attachment', { ...bridge.deps, inTurn })
  await ensureMedia(url, 'attachment', { ...bridge.deps, inTurn })
  expect(hosts).toEqual(['remote.example'])
})

test('what stands in the table is believed', async () => {
  const file = { mxc: asMxc('mxc://hs.test/old'), mediaType: 'image/png', size: 9 }
  const now = bridge.clock.now()
  const upload = { url, file, fetchedAt: now, usedAt: now }
  await bridge.store.commit([{ change: 'put-upload', upload }])
  expect(await ensure()).toEqual(file)
})
