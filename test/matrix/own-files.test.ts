import { afterEach, describe, expect, test } from '@jest/globals'
import { createFileReader } from '../../src/matrix/own-files.ts'
import type { createMediaStream } from '../../src/matrix/media-stream.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import { asMxc } from '../../src/model/ids.ts'
import { createMemoryFiles } from '../support/memory-files.ts'
import { pngOf } from '../support/samples.ts'

const files = await createMemoryFiles()
const mxc = asMxc('mxc://hs.test/cat')
const png = pngOf(4, 3)

type Open = ReturnType<typeof createMediaStream>

/** Gives those pieces, then says whether there is such a file. */
const giving =
  (pieces: readonly Buffer[], isThere = true): Open =>
  async (_, { take }) => {
    const sink = isThere ? take({ start: 0 }) : undefined
    for (const piece of pieces) await sink?.write(piece)
    return isThere
  }

const read = (open: Open, { maxBytes = 1_000, timeout = 5_000 } = {}) =>
  createFileReader({ open, files })(mxc, { maxBytes, timeout })

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await work.catch((cause: unknown) => cause)
  return error instanceof RejectedError ? error.code : error instanceof TransientError && error.of
}

describe('a file of the homeserver', () => {
  afterEach(() => expect(files.open()).toBe(0))

  test('is whole, with what it is', async () => {
    const found = await read(giving([png.subarray(0, 40), png.subarray(40)]))
    expect(found?.facts).toEqual({ mediaType: 'image/png', width: 4, height: 3 })
    expect(await found?.file.read(0, 1_000)).toEqual(png)
    await found?.file.discard()
  })

  test('that is not there is none', async () => {
    expect(await read(giving([], false))).toBeUndefined()
  })

  test('is no larger than is wanted, whatever is said of it', async () => {
    const pieces = [png, Buffer.alloc(600), Buffer.alloc(600)]
    expect(await failureOf(read(giving(pieces)))).toBe('too-large')
  })

  test('comes in time or not at all', async () => {
    const silent: Open = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    expect(await failureOf(read(silent, { timeout: 20 }))).toBe('homeserver')
  })

  test('that breaks off says why', async () => {
    const broken: Open = async (_, { take }) => {
      await take({ start: 0 })?.write(png)
      throw new TransientError('cut', { of: 'homeserver' })
    }
    expect(await failureOf(read(broken))).toBe('homeserver')
  })
})
