import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { tmpdir } from 'node:os'
import { createDiskFile } from '../../src/files/disk.ts'
import { createInspector } from '../../src/files/inspect.ts'
import type { FileFacts } from '../../src/model/file.ts'
import {
  gifOf,
  html,
  jpegOf,
  mp3Of,
  mp4Of,
  oggOf,
  pdf,
  pngOf,
  svg,
  webpOf,
} from '../support/samples.ts'

const { inspect } = createInspector()

async function factsOf(bytes: Uint8Array): Promise<FileFacts> {
  const file = await createDiskFile(tmpdir())
  try {
    await file.write(bytes)
    return await inspect(file)
  } finally {
    await file.discard()
  }
}

const film = { width: 640, height: 360, duration: 4_200 }

describe('a file is what its bytes say', () => {
  const rows: readonly [string, Buffer, FileFacts][] = [
    ['a PNG', pngOf(3, 2), { mediaType: 'image/png', width: 3, height: 2 }],
    ['a JPEG', jpegOf(640, 480), { mediaType: 'image/jpeg', width: 640, height: 480 }],
    [
      'a JPEG with much before its size',
      jpegOf(640, 480, 300_000),
      { mediaType: 'image/jpeg', width: 640, height: 480 },
    ],
    ['a JPEG that never says its size', jpegOf(1, 1).subarray(0, 8), { mediaType: 'image/jpeg' }],
    ['a GIF', gifOf(20, 10), { mediaType: 'image/gif', width: 20, height: 10 }],
    ['a WebP', webpOf(20, 10), { mediaType: 'image/webp', width: 20, height: 10 }],
    ['a film', mp4Of(film), { mediaType: 'video/mp4', ...film, isSilent: false }],
    [
      'a film without sound',
      mp4Of({ ...film, hasSound: false }),
      { mediaType: 'video/mp4', ...film, isSilent: true },
    ],
    [
      'a film that was held upright',
      mp4Of({ ...film, isTurned: true }),
      { mediaType: 'video/mp4', ...film, width: 360, height: 640, isSilent: false },
    ],
    [
      'a QuickTime film',
      mp4Of({ ...film, brand: 'qt  ' }),
      { mediaType: 'video/quicktime', ...film, isSilent: false },
    ],
    ['a film that is cut', mp4Of(film).subarray(0, 600), { mediaType: 'video/mp4' }],
    ['music', mp3Of(0), { mediaType: 'audio/mpeg' }],
    ['music with a cover', mp3Of(90_000), { mediaType: 'audio/mpeg' }],
    ['Ogg with Opus', oggOf('OpusHead'), { mediaType: 'audio/ogg' }],
    ['a document', pdf, { mediaType: 'application/pdf' }],
    ['a page', html, { mediaType: 'text/html' }],
    [
      'a page with a byte order mark',
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), html]),
      { mediaType: 'text/html' },
    ],
    ['a drawing that can run programs', svg, { mediaType: 'image/svg+xml' }],
    ['text', Buffer.from('# Größe\nzwei\n'), { mediaType: 'text/plain' }],
    ['bytes', Buffer.from([1, 0, 2, 0xff]), { mediaType: 'application/octet-stream' }],
    ['nothing', Buffer.alloc(0), { mediaType: 'application/octet-stream' }],
  ]
  test.each(rows)('%s', async (_, bytes, expected) => {
    expect(await factsOf(bytes)).toEqual(expected)
  })

  test('and none of its own can harm who looks', async () => {
    const samples = [pngOf(3, 2), jpegOf(64, 48, 100), webpOf(9, 9), mp4Of(film), mp3Of(9)]
    const damage = fc.record({
      sample: fc.constantFrom(...samples),
      at: fc.nat(1_200),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
      cut: fc.nat(1_500),
    })
    const property = fc.asyncProperty(damage, async ({ sample, at, bytes, cut }) => {
      const broken = Buffer.from(sample)
      Buffer.from(bytes).copy(broken, Math.min(at, broken.length))
      const { width = 1, height = 1, duration = 1 } = await factsOf(broken.subarray(0, cut))
      for (const measure of [width, height, duration]) expect(measure).toBeGreaterThanOrEqual(1)
    })
    await fc.assert(property, { numRuns: 500, seed: 4 })
  })
})
