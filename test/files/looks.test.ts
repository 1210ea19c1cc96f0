import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from 'blurhash'
import sharp from 'sharp'
import { createFiles } from '../../src/files/files.ts'
import { createLooks, startReader, type LookLimits } from '../../src/files/looks.ts'
import type { FileFacts, Files } from '../../src/model/file.ts'
import { mp4Of, pngOf } from '../support/samples.ts'

let folder: string
let files: Files
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footbridge-'))
  files = createFiles(folder)
})
afterAll(() => rm(folder, { recursive: true }))

/** What is known of a file after `look`. */
async function seen(bytes: Uint8Array, look = files.look, known?: FileFacts): Promise<FileFacts> {
  const file = await files.create()
  try {
    await file.write(bytes)
    return await look(file, known ?? (await files.inspect(file)))
  } finally {
    await file.discard()
  }
}

/** Looks, and keeps the processes that it starts. */
function watched(limits: Partial<LookLimits> = {}) {
  const readers: ChildProcess[] = []
  const start = (): ChildProcess => {
    const reader = startReader()
    readers.push(reader)
    return reader
  }
  return { readers, look: createLooks({ patience: 10_000, idle: 10_000, ...limits }, start) }
}

const until = async (isThere: () => boolean): Promise<void> => {
  const end = Date.now() + 10_000
  while (!isThere()) {
    if (Date.now() > end) throw new Error('not within ten seconds')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Left half red, right half blue. */
const flag = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#ff0000' } }).composite([
    {
      input: { create: { width: width / 2, height, channels: 3, background: '#0000ff' } },
      left: width / 2,
      top: 0,
    },
  ])

const formats = ['png', 'jpeg', 'gif', 'webp', 'avif'] as const

describe('a picture', () => {
  test.each(formats)('has looks: %s', async (format) => {
    const bytes = await flag(400, 200).toFormat(format).toBuffer()
    const { blurhash = '', ...facts } = await seen(bytes)
    expect(facts).toEqual({ mediaType: `image/${format}`, width: 400, height: 200 })
    const pixels = decode(blurhash, 8, 4)
    const [left, right] = [pixels.slice(0, 3), pixels.slice(7 * 4, 7 * 4 + 3)].map((pixel) => [
      ...pixel,
    ])
    expect(left?.[0]).toBeGreaterThan((left?.[2] ?? 0) + 100)
    expect(right?.[2]).toBeGreaterThan((right?.[0] ?? 0) + 100)
  })

  test('is as large as it is shown, however the camera was held', async () => {
    const bytes = await flag(400, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect(await seen(bytes)).toMatchObject({ width: 200, height: 400 })
  })

  test('of one pixel has looks, too', async () => {
    expect((await seen(pngOf(1, 1))).blurhash).toBeDefined()
  })

  test('keeps its process for the next one, which ends when none comes', async () => {
    const { look, readers } = watched({ idle: 300 })
    await Promise.all([seen(pngOf(3, 2), look), seen(pngOf(2, 3), look)])
    expect(readers).toHaveLength(1)
    await until(() => readers[0]?.exitCode === 0)
    expect((await seen(pngOf(3, 2), look)).blurhash).toBeDefined()
    expect(readers).toHaveLength(2)
  })
})

describe('what is no picture that can be decoded is left as it is', () => {
  const facts = { mediaType: 'image/png', width: 3, height: 2 }

  test('since it is broken', async () => {
    const cut = pngOf(300, 200).subarray(0, 80)
    expect(await seen(cut, files.look, facts)).toEqual(facts)
    expect((await seen(pngOf(3, 2))).blurhash).toBeDefined()
  })

  test('since it says something else of itself than its header', async () => {
    const background = '#000000'
    const create = { width: 6_000, height: 5_000, channels: 3, background } as const
    const bomb = await sharp({ create }).png().toBuffer()
    expect(await seen(bomb, files.look, facts)).toEqual(facts)
  })

  test('since it is a film', async () => {
    const film = mp4Of({ width: 64, height: 36, duration: 1_000 })
    expect((await seen(film)).blurhash).toBeUndefined()
  })

  test.each<[string, FileFacts]>([
    ['more pixels than anybody shows', { ...facts, width: 10_000, height: 10_000 }],
    ['no size', { mediaType: 'image/png' }],
    ['a drawing', { ...facts, mediaType: 'image/svg+xml' }],
  ])('and nobody asks a process: %s', async (_, known) => {
    const { look, readers } = watched()
    expect(await seen(pngOf(3, 2), look, known)).toEqual(known)
    expect(readers).toEqual([])
  })
})

describe('a process that', () => {
  test('is killed costs the looks of one picture', async () => {
    const { look, readers } = watched()
    await seen(pngOf(3, 2), look)
    const reader = readers[0]
    if (reader === undefined) throw new Error('no process')
    const gone = once(reader, 'exit')
    const send = reader.send.bind(reader) as (...what: unknown[]) => boolean
    jest.spyOn(reader, 'send').mockImplementation((...what: unknown[]) => {
      reader.kill('SIGKILL')
      return send(...what)
    })
    expect((await seen(pngOf(3, 2), look)).blurhash).toBeUndefined()
    await gone
    expect((await seen(pngOf(3, 2), look)).blurhash).toBeDefined()
    expect(readers).toHaveLength(2)
  })

  test('takes too long is ended', async () => {
    const { look, readers } = watched({ patience: 1 })
    expect((await seen(pngOf(3, 2), look)).blurhash).toBeUndefined()
    await until(() => readers[0]?.signalCode === 'SIGKILL')
  })
})

test('a file that is looked at behind one that takes too long has a process of its own', async () => {
  const facts = { width: 3, height: 2, blurhash: 'L' }
  /** Does not end at once when it is killed, as no process does. */
  const reader = (answers: boolean): ChildProcess => {
    const child = Object.assign(new EventEmitter(), {
      connected: true,
      killed: false,
      kill() {
        child.killed = true
        setImmediate(() => child.emit('exit'))
        return true
      },
      send(_: unknown, done: (error: null) => void) {
        done(null)
        if (answers && !child.killed) child.emit('message', { facts })
      },
      disconnect: () => undefined,
    })
    return child as unknown as ChildProcess
  }
  const readers = [reader(false), reader(true)]
  const start = () => readers.shift() ?? reader(true)
  const look = createLooks({ patience: 50, idle: 1 }, start)
  const both = await Promise.all([1, 2].map(() => seen(pngOf(3, 2), look)))
  expect(both.map(({ blurhash }) => blurhash)).toEqual([undefined, 'L'])
})
