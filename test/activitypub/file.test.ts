import { describe, expect, test } from '@jest/globals'
import { fetchFile } from '../../src/activitypub/file.ts'
import { createMemoryFiles } from '../support/memory-files.ts'
import { html, pngOf } from '../support/samples.ts'
import { wholeOf } from '../support/whole.ts'
import { createWeb, failureOf, type Page } from './web.ts'

const url = 'https://social.test/files/a'
const png = pngOf(3, 2)
const bounds = { maxBytes: 10_000, timeout: 60_000 }

async function fetching(pages: Record<string, Page>) {
  const web = createWeb(pages)
  const files = await createMemoryFiles()
  const deps = { http: web.http, clock: web.clock, userAgent: 'Footbridge', files }
  return { web, files, fetched: fetchFile(url, bounds, deps) }
}

describe('a file', () => {
  test('is what its bytes are, found behind a redirect, and asked for without a signature', async () => {
    const { web, files, fetched } = await fetching({
      [url]: { status: 301, headers: { location: 'https://cdn.test/b' } },
      'https://cdn.test/b': { body: png, type: 'text/html' },
    })
    const { file, facts } = await fetched
    expect(facts).toEqual({ mediaType: 'image/png', width: 3, height: 2 })
    expect((await wholeOf(file.chunks())).equals(png)).toBe(true)
    expect(web.requests.map(({ maxBytes, headers }) => [maxBytes, headers])).toEqual(
      [1, 2].map(() => [10_000, { accept: '*/*', 'user-agent': 'Footbridge' }]),
    )
    expect(files.open()).toBe(1)
  })

  test('that is a page, whatever it is called, is known as one', async () => {
    const { fetched } = await fetching({ [url]: { body: html, type: 'image/png' } })
    expect((await fetched).facts).toEqual({ mediaType: 'text/html' })
  })

  const rows: readonly [string, Record<string, Page>, Record<string, unknown>][] = [
    ['that is not there', { [url]: { status: 404 } }, { code: 'not-found' }],
    ['that is gone', { [url]: { status: 410 } }, { code: 'gone' }],
    ['of a server in trouble', { [url]: { status: 503 } }, { name: 'TransientError' }],
    [
      'of a server that is away',
      { 'https://other.test/': { status: 200 } },
      { name: 'TransientError' },
    ],
    ['that is too large', { [url]: { body: Buffer.alloc(10_001) } }, { code: 'too-large' }],
    ['without bytes', { [url]: { body: Buffer.alloc(0) } }, { code: 'empty-file' }],
    [
      'that leads from https to http',
      { [url]: { status: 302, headers: { location: 'http://social.test/b' } } },
      { code: 'hostile' },
    ],
  ]
  test.each(rows)('%s leaves nothing behind', async (_, pages, expected) => {
    const { files, fetched } = await fetching(pages)
    expect(await failureOf(fetched)).toMatchObject(expected)
    expect(files.open()).toBe(0)
  })
})
