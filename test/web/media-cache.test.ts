import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createMediaCache, type Copy, type MediaCache } from '../../src/web/media-cache.ts'
import { createRecordingLog, createStillClock } from '../matrix/setup.ts'

const id = (name: string): string => name.padEnd(22, '0')
const mega = 1_000_000

let folder: string
let gone: Set<string>
let cache: MediaCache
let clock: ReturnType<typeof createStillClock>

const make = (maxBytes = 4 * mega): MediaCache =>
  createMediaCache({
    folder: path.join(folder, 'media'),
    maxBytes,
    mayKeep: async (one) => !gone.has(one),
    clock,
    log: createRecordingLog().log,
  })

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'media-cache-'))
  gone = new Set()
  clock = createStillClock()
  cache = make()
  await cache.load()
})
afterEach(() => rmSync(folder, { recursive: true }))

const files = (): string[] => readdirSync(path.join(folder, 'media')).sort()

async function fill(name: string, bytes: Buffer): Promise<void> {
  const filling = cache.begin(id(name), bytes.length)
  if (filling === undefined) throw new Error('no room')
  await filling.write(bytes)
  await filling.end()
}

async function read(copy: Copy | undefined, start = 0, end = copy?.size ?? 0): Promise<Buffer> {
  const chunks: Buffer[] = []
  if (copy === undefined) throw new Error('no copy')
  for await (const chunk of copy.read(start, end)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('a copy', () => {
  test('is found whole, and in parts', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251))
    await fill('a', bytes)
    const copy = cache.find(id('a'))
    expect((await read(copy)).equals(bytes)).toBe(true)
    expect((await read(copy, 70_000, 200_001)).equals(bytes.subarray(70_000, 200_001))).toBe(true)
    expect(await read(copy, 5, 5)).toHaveLength(0)
    expect(files()).toEqual([id('a')])
  })

  test('is read while it gets its name, which we hear of a moment later', async () => {
    const bytes = Buffer.from('whole')
    const filling = cache.begin(id('a'), bytes.length)
    await filling?.write(bytes)
    const target = path.join(folder, 'media', id('a'))
    renameSync(`${target}.part`, target)
    expect(await read(filling?.copy)).toEqual(bytes)
    expect(cache.find(id('a'))).toBeDefined()
  })

  test('is for nobody else on this machine', async () => {
    await fill('a', Buffer.from('secret'))
    const modes = ['media', `media/${id('a')}`].map(
      (name) => statSync(path.join(folder, name)).mode,
    )
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o700, 0o600])
  })

  test('of nothing is kept as well', async () => {
    await cache.begin(id('a'), 0)?.end()
    expect(await read(cache.find(id('a')))).toHaveLength(0)
  })

  test('on its way is read as it comes, by several at their own pace', async () => {
    const filling = cache.begin(id('a'), 6)
    const early = read(cache.find(id('a')))
    const part = read(filling?.copy, 2, 4)
    await filling?.write(Buffer.from('abc'))
    await filling?.write(Buffer.from('def'))
    expect((await part).toString()).toBe('cd')
    await filling?.end()
    expect((await early).toString()).toBe('abcdef')
  })

  test('is begun once', async () => {
    cache.begin(id('a'), 6)
    expect(cache.begin(id('a'), 6)).toBeUndefined()
  })

  test.each<[string, (filling: NonNullable<ReturnType<MediaCache['begin']>>) => Promise<void>]>([
    ['is cut off', (filling) => filling.fail(new Error('cut off'))],
    ['is shorter than announced', (filling) => filling.end()],
    [
      'is longer than announced',
      (filling) => filling.write(Buffer.alloc(9)).catch(() => undefined),
    ],
    ['is deleted on its way', () => cache.forget([id('a')])],
  ])('that %s is thrown away, and its readers hear of it', async (_, act) => {
    const filling = cache.begin(id('a'), 6)
    if (filling === undefined) throw new Error('no room')
    await filling.write(Buffer.from('abc'))
    const reader = read(filling.copy).catch(() => 'error')
    await act(filling)
    expect(await reader).toBe('error')
    expect(cache.find(id('a'))).toBeUndefined()
    expect(files()).toEqual([])
    await fill('a', Buffer.from('anew'))
    expect(files()).toEqual([id('a')])
  })

  test.each([
    '',
    '../../etc/passwd',
    'a'.repeat(21),
    `${'a'.repeat(21)}/`,
    `${'a'.repeat(22)}.part`,
  ])('is never written for the id "%s"', (bad) => {
    expect(cache.begin(bad, 1)).toBeUndefined()
  })
})

describe('the bound', () => {
  test('those that nobody asked for longest make room', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await fill(name, Buffer.alloc(mega))
    await read(cache.find(id('a')))
    await fill('e', Buffer.alloc(10))
    expect(files()).toEqual(['a', 'c', 'd', 'e'].map(id))
  })

  test('what is on its way counts, and is not pushed out', () => {
    const fillings = ['a', 'b', 'c', 'd', 'e'].map((name) => cache.begin(id(name), mega))
    expect(fillings.map((filling) => filling !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ])
  })

  test('one file does not push everything out', () => {
    expect(cache.begin(id('a'), mega + 1)).toBeUndefined()
  })

  test('who reads what is pushed out reads to the end', async () => {
    await fill('a', Buffer.alloc(mega, 'a'))
    const reader = cache.find(id('a'))?.read(0, mega)[Symbol.asyncIterator]()
    await reader?.next()
    for (const name of ['b', 'c', 'd', 'e']) await fill(name, Buffer.alloc(mega))
    let size = 65_536
    for (let next = await reader?.next(); next?.done === false; next = await reader?.next())
      size += next.value.length
    expect(size).toBe(mega)
    expect(files()).not.toContain(id('a'))
  })
})

describe('a file that is deleted', () => {
  test('has no copy any more', async () => {
    await fill('a', Buffer.from('a'))
    await fill('b', Buffer.from('b'))
    await cache.forget([id('a'), id('c')])
    expect(cache.find(id('a'))).toBeUndefined()
    expect(files()).toEqual([id('b')])
  })

  test('while its last piece was written has none either', async () => {
    const filling = cache.begin(id('a'), 1)
    await filling?.write(Buffer.from('a'))
    gone.add(id('a'))
    await filling?.end()
    expect([cache.find(id('a')), files()]).toEqual([undefined, []])
  })

  test('while it got its name has none either', async () => {
    const filling = cache.begin(id('a'), 1)
    await filling?.write(Buffer.from('a'))
    await Promise.all([filling?.end(), cache.forget([id('a')])])
    expect([cache.find(id('a')), files()]).toEqual([undefined, []])
  })
})

describe('after a restart', () => {
  test('copies are there, what was on its way or deleted meanwhile is not', async () => {
    await fill('a', Buffer.from('abc'))
    await fill('b', Buffer.from('b'))
    await cache.begin(id('c'), 5)?.write(Buffer.from('c'))
    gone.add(id('b'))
    writeFileSync(path.join(folder, 'media', 'strange'), '')
    cache = make()
    expect([cache.find(id('a')), cache.begin(id('d'), 1)]).toEqual([undefined, undefined])
    await cache.load()
    expect((await read(cache.find(id('a')))).toString()).toBe('abc')
    expect(files()).toEqual([id('a')])
  })

  test('a smaller bound holds for what is there', async () => {
    for (const name of ['a', 'b', 'c']) await fill(name, Buffer.alloc(mega))
    await fill('d', Buffer.alloc(10))
    cache = make(2 * mega)
    await cache.load()
    expect(files()).toEqual([id('d')])
  })
})

test('a disk that gives trouble means no copies for a while', async () => {
  await fill('a', Buffer.from('abc'))
  rmSync(path.join(folder, 'media'), { recursive: true })
  const filling = cache.begin(id('b'), 1)
  const reader = read(filling?.copy).catch(() => 'error')
  await expect(filling?.write(Buffer.from('b'))).rejects.toThrow('could not be written')
  expect(await reader).toBe('error')
  expect(cache.begin(id('c'), 1)).toBeUndefined()
  await clock.sleep(60_000)
  expect(cache.begin(id('c'), 1)).toBeDefined()
  await expect(read(cache.find(id('a')))).rejects.toThrow('ENOENT')
  expect(cache.find(id('a'))).toBeUndefined()
})

test('a folder that cannot be made means no copies at all', async () => {
  writeFileSync(path.join(folder, 'plain'), '')
  chmodSync(path.join(folder, 'plain'), 0o400)
  const blocked = createMediaCache({
    folder: path.join(folder, 'plain', 'media'),
    maxBytes: mega,
    mayKeep: async () => true,
    clock,
    log: createRecordingLog().log,
  })
  await blocked.load()
  expect(blocked.begin(id('a'), 1)).toBeUndefined()
})
