import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mostRecordingBytes } from '../../src/files/facts.ts'
import { createFiles } from '../../src/files/files.ts'
import { createLooks, startReader } from '../../src/files/looks.ts'
import type { FileFacts, Files } from '../../src/model/file.ts'
import {
  ebml,
  flacOf,
  fragmentsOf,
  id3Picture,
  mp3Of,
  opusOf,
  vorbisOf,
  wavOf,
  webmHead,
  webmOf,
} from '../support/recordings.ts'
import { mp4Of } from '../support/samples.ts'

let folder: string
let files: Files
let reader: ChildProcess | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footbridge-'))
  const look = createLooks({ patience: 15_000, idle: 60_000 }, () => (reader = startReader()))
  files = { ...createFiles(folder), look }
})
afterAll(async () => {
  reader?.disconnect()
  await rm(folder, { recursive: true })
})

type Seen = FileFacts & {
  /** Bytes that were read. */
  readonly cost: number
}

async function seen(bytes: Uint8Array, look = files.look): Promise<Seen> {
  const file = await files.create()
  try {
    await file.write(bytes)
    const facts = await files.inspect(file)
    let cost = 0
    const read: typeof file.read = async (start, length) => {
      const piece = await file.read(start, length)
      cost += piece.length
      return piece
    }
    const counted = Object.create(file, { read: { value: read } }) as typeof file
    return { ...(await look(counted, facts)), cost }
  } finally {
    await file.discard()
  }
}

const factsOf = async (bytes: Uint8Array): Promise<FileFacts> => {
  const { cost, ...facts } = await seen(bytes)
  expect(cost).toBeLessThanOrEqual(mostRecordingBytes)
  return facts
}

const times = <Value>(count: number, value: Value): Value[] =>
  Array.from({ length: count }, () => value)

/** Milliseconds of so many frames of an MP3. */
const framesLast = (count: number): number => Math.round((count * 1_152_000) / 44_100)

describe('how long it is, whatever its post says of it', () => {
  const rows: readonly [string, Buffer, FileFacts][] = [
    ['WAV', wavOf(1_500), { mediaType: 'audio/wav', duration: 1_500 }],
    ['FLAC', flacOf(61_000), { mediaType: 'audio/flac', duration: 61_000 }],
    ['FLAC with a cover', flacOf(900, 300_000), { mediaType: 'audio/flac', duration: 900 }],
    ['Ogg with Opus', opusOf(12_000), { mediaType: 'audio/ogg', duration: 12_000 }],
    ['Ogg with Vorbis', vorbisOf(12_000), { mediaType: 'audio/ogg', duration: 12_000 }],
    [
      'an MP3 that says how many frames it has',
      mp3Of(times(30, 64), 3_000),
      { mediaType: 'audio/mpeg', duration: framesLast(3_000) },
    ],
    [
      'an MP3 of one bitrate',
      mp3Of(times(400, 128)),
      { mediaType: 'audio/mpeg', duration: framesLast(400) },
    ],
    [
      'an MP3 of many bitrates that does not say',
      mp3Of(times(100, [64, 128, 192, 128] as const).flat()),
      { mediaType: 'audio/mpeg', duration: framesLast(400) },
    ],
    [
      'an MP3 with a cover',
      Buffer.concat([id3Picture(200_000), mp3Of(times(30, 64), 3_000)]),
      { mediaType: 'audio/mpeg', duration: framesLast(3_000) },
    ],
    [
      'WebM',
      webmOf({ duration: 4_200, video: { width: 640, height: 360 } }),
      {
        ...{ mediaType: 'video/webm', duration: 4_200, width: 640, height: 360 },
        isSilent: false,
      },
    ],
    [
      'WebM without sound',
      webmOf({ duration: 4_200, video: { width: 64, height: 36 }, hasSound: false }),
      { mediaType: 'video/webm', duration: 4_200, width: 64, height: 36, isSilent: true },
    ],
    [
      'WebM with sound alone',
      webmOf({ duration: 7_000 }),
      { mediaType: 'video/webm', duration: 7_000 },
    ],
    ['sound in MP4', fragmentsOf(8_000), { mediaType: 'audio/x-m4a', duration: 8_000 }],
  ]
  test.each(rows)('%s', async (_, bytes, expected) => {
    expect(await factsOf(bytes)).toEqual(expected)
  })

  test('a film that was held upright stays as it is shown', async () => {
    const film = { width: 640, height: 360, duration: 4_200, isTurned: true }
    expect(await factsOf(mp4Of(film))).toMatchObject({ width: 360, height: 640, duration: 4_200 })
  })
})

describe('it costs no more than it has to', () => {
  const rows: readonly [string, Buffer, number][] = [
    ['a large FLAC', Buffer.concat([flacOf(9_000), Buffer.alloc(3_000_000)]), 200_000],
    ['a large cover', flacOf(9_000, 3_000_000), 300_000],
    ['a large cover in ID3', Buffer.concat([id3Picture(3e6), mp3Of(times(9, 64), 90)]), 3_300_000],
    ['a large WAV', wavOf(400_000), 200_000],
    ['an MP3 of one bitrate', mp3Of(times(9_000, 128)), 300_000],
  ]
  test.each(rows)('%s', async (_, bytes, most) => {
    const { duration, cost } = await seen(bytes)
    expect(duration).toBeGreaterThan(0)
    expect(cost).toBeLessThan(most)
  })

  test('one whose length was read already is not looked at', async () => {
    const look = createLooks({ patience: 1, idle: 1 }, () => {
      throw new Error('started')
    })
    expect((await seen(mp4Of({ width: 64, height: 36, duration: 900 }), look)).duration).toBe(900)
  })
})

/** Elements within each other, to that depth. */
function nested(depth: number): Buffer {
  let body = ebml('45a3', Buffer.from('name'))
  for (let n = 0; n < depth; n += 1) body = ebml('67c8', body)
  return body
}

const fourGigabytes = 0xffffffff

describe('what a hostile file says of itself is not believed, and costs little', () => {
  const webm = webmOf({ duration: 5_000, video: { width: 64, height: 36 } })
  const rows: readonly [string, Buffer, number | undefined][] = [
    ['a WAV that claims four gigabytes', wavOf(1_000, fourGigabytes), 1_000],
    ['a WebM of a thousand years', webmOf({ duration: 3e13 }), undefined],
    ['a WebM with no number for its length', webmOf({ duration: NaN }), undefined],
    ['a WebM of less than nothing', webmOf({ duration: -5 }), undefined],
    ['an MP3 of a hundred years', mp3Of(times(30, 64), fourGigabytes), undefined],
    ['a film that is cut', webm.subarray(0, 100), undefined],
    [
      'a name of four gigabytes',
      Buffer.concat([webmHead, ebml('18538067', ebml('4282', Buffer.from('a'), fourGigabytes))]),
      undefined,
    ],
    [
      'elements within each other',
      Buffer.concat([
        ...[webmHead, ebml('18538067', ebml('1254c367', ebml('7373', nested(5_000))))],
      ]),
      undefined,
    ],
    [
      'more entries than there are bytes',
      Buffer.concat([
        ...[Buffer.from('fLaC'), Buffer.from([0x84, 0, 0, 8]), Buffer.from([0, 0, 0, 0])],
        Buffer.from([0xff, 0xff, 0xff, 0x7f]),
      ]),
      undefined,
    ],
    [
      'a tag that never ends',
      Buffer.from('ID3\x03\0\0\x7f\x7f\x7f\x7f' + 'x'.repeat(900)),
      undefined,
    ],
    ['an Ogg that begins and begins', Buffer.concat(times(5_000, opusOf(5, 1))), 5],
    ['noise behind a sound', Buffer.concat([opusOf(900), Buffer.alloc(900_000, 79)]), 900],
  ]
  test.each(rows)('%s', async (_, bytes, expected) => {
    expect((await factsOf(bytes)).duration).toBe(expected)
  })

  test('nothing of it makes the process large, and it serves on', async () => {
    for (const [, bytes] of rows) await seen(bytes)
    expect((await factsOf(wavOf(1_500))).duration).toBe(1_500)
    if (process.platform !== 'linux') return
    const status = await readFile(`/proc/${String(reader?.pid)}/status`, 'utf8')
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])
    expect(peak).toBeLessThan(300_000)
  })

  test('whatever is broken in it', async () => {
    const samples = [
      ...[webmOf({ duration: 900 }), opusOf(900, 3), vorbisOf(900), flacOf(900), wavOf(90)],
      ...[mp3Of(times(9, 64), 90), fragmentsOf(900)],
    ]
    const damage = fc.record({
      sample: fc.constantFrom(...samples),
      at: fc.nat(400),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
      cut: fc.nat(9_000),
    })
    const property = fc.asyncProperty(damage, async ({ sample, at, bytes, cut }) => {
      const broken = Buffer.from(sample)
      Buffer.from(bytes).copy(broken, Math.min(at, broken.length))
      const { duration = 1 } = await factsOf(broken.subarray(0, cut))
      expect(Number.isInteger(duration) && duration >= 1 && duration <= 7 * 86_400_000).toBe(true)
    })
    await fc.assert(property, { numRuns: 300, seed: 4 })
  })
})

test('a film that is read on and on is left alone after 32 MB', async () => {
  // Clusters of a few bytes: each has to be passed by itself.
  const clusters = Buffer.concat(times(100_000, ebml('1f43b675', Buffer.alloc(50))))
  const body = Buffer.concat(times(6, clusters))
  const film = Buffer.concat([webmHead, ebml('18538067', body)])
  expect(film.length).toBeGreaterThan(mostRecordingBytes)
  const { duration, cost } = await seen(film)
  expect(duration).toBeUndefined()
  expect(cost).toBeLessThanOrEqual(mostRecordingBytes)
})
