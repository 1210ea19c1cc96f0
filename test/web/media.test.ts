import { afterEach, describe, expect, test } from '@jest/globals'
import { idOf, pngOf, setUp, until, type File, type Setup } from './media-setup.ts'

const size = 10_000
const png = pngOf(size)
const url = (name: string): string => `/media/${idOf(name)}`

let setup: Setup | undefined
afterEach(async () => {
  await setup?.close()
  setup = undefined
})

async function serve(
  files: Readonly<Record<string, File>>,
  options?: Parameters<typeof setUp>[1],
): Promise<Setup> {
  setup = await setUp(files, options)
  return setup
}

const ways: readonly (readonly [string, number])[] = [
  ['from the homeserver', 0],
  ['from a copy', 1_000_000],
]

describe.each(ways)('a file %s', (_, maxBytes) => {
  const cached = { maxBytes }

  test('is what was published, and harmless', async () => {
    const { get } = await serve({ cat: { bytes: png, media: { name: 'Käse (1).png' } } }, cached)
    for (const time of ['first', 'second']) {
      const { status, headers, body } = await get(url('cat'))
      expect([time, status, body.equals(png)]).toEqual([time, 200, true])
      expect(headers).toMatchObject({
        'content-type': 'image/png',
        'content-length': String(size),
        'content-disposition': "inline; filename*=UTF-8''K%C3%A4se%20%281%29.png",
        'accept-ranges': 'bytes',
        etag: `"${idOf('cat')}"`,
        'cache-control': 'public, max-age=86400',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
      })
    }
  })

  test.each<[string, string, number, number]>([
    ['the first bytes', 'bytes=0-99', 0, 100],
    ['the middle', 'bytes=5000-5999', 5_000, 6_000],
    ['one byte', 'bytes=7-7', 7, 8],
    ['all from a place on', 'bytes=9000-', 9_000, size],
    ['the last bytes', 'bytes=-100', size - 100, size],
    ['more than there are at the end', 'bytes=9990-20000', 9_990, size],
    ['more last bytes than there are', 'bytes=-20000', 0, size],
  ])('gives %s alone', async (...[, range, start, end]) => {
    const { get } = await serve({ cat: { bytes: png } }, cached)
    const { status, headers, body } = await get(url('cat'), { headers: { range } })
    expect(status).toBe(206)
    expect(headers['content-range']).toBe(`bytes ${start}-${end - 1}/${size}`)
    expect(headers['content-length']).toBe(String(end - start))
    expect(body.equals(png.subarray(start, end))).toBe(true)
  })

  test.each<[string, Record<string, string>]>([
    ['of no known unit', { range: 'lines=1-2' }],
    ['that is nonsense', { range: 'bytes=a-b-c' }],
    ['of several', { range: 'bytes=0-1,5-6' }],
    ['of another version', { range: 'bytes=0-1', 'if-range': '"other"' }],
    ['that ends before it begins', { range: 'bytes=5-4' }],
    ['of a day', { range: 'bytes=0-1', 'if-range': 'Wed, 21 Oct 2026 07:28:00 GMT' }],
  ])('gives everything for a part %s', async (__, headers) => {
    const { get } = await serve({ cat: { bytes: png } }, cached)
    const { status, body } = await get(url('cat'), { headers })
    expect([status, body.equals(png)]).toEqual([200, true])
  })

  test('gives the part for the version that it is', async () => {
    const { get } = await serve({ cat: { bytes: png } }, cached)
    const headers = { range: 'bytes=0-1', 'if-range': `"${idOf('cat')}"` }
    expect(await get(url('cat'), { headers })).toMatchObject({ status: 206 })
  })

  test.each(['bytes=10000-', 'bytes=10000-10001', 'bytes=-0'])('has no part %s', async (range) => {
    const { get } = await serve({ cat: { bytes: png } }, cached)
    const { status, headers } = await get(url('cat'), { headers: { range } })
    expect([status, headers['content-range'], headers['cache-control']]).toEqual([
      416,
      `bytes */${size}`,
      'no-store',
    ])
  })

  test('of nothing is nothing', async () => {
    const { get } = await serve({ cat: { bytes: Buffer.alloc(0) } }, cached)
    const whole = await get(url('cat'))
    expect([whole.status, whole.headers['content-length'], whole.body.length]).toEqual([
      200,
      '0',
      0,
    ])
    expect(await get(url('cat'), { headers: { range: 'bytes=0-' } })).toMatchObject({ status: 416 })
  })

  test('HEAD says the same without the bytes', async () => {
    const { get } = await serve({ cat: { bytes: png } }, cached)
    const [whole, head] = [await get(url('cat')), await get(url('cat'), { method: 'HEAD' })]
    expect([head.status, head.body.length]).toEqual([200, 0])
    expect(head.headers).toEqual({ ...whole.headers, date: expect.any(String) })
    const part = await get(url('cat'), { method: 'HEAD', headers: { range: 'bytes=0-1' } })
    expect([part.status, part.headers['content-length']]).toEqual([200, String(size)])
  })

  test('that is not for everybody is in nobody else’s cache', async () => {
    const { get } = await serve({ cat: { bytes: png, access: 'private' } }, cached)
    const { status, headers } = await get(url('cat'))
    expect([status, headers['cache-control']]).toEqual([200, 'private, max-age=60'])
  })

  test('that the homeserver has no more is not found', async () => {
    const { get } = await serve({ cat: { bytes: png, manner: 'absent' } }, cached)
    const { status, headers } = await get(url('cat'))
    expect([status, headers['cache-control']]).toEqual([404, 'no-store'])
  })

  test('is not gone because the homeserver is away', async () => {
    const { get, lines } = await serve({ cat: { bytes: png, manner: 'away' } }, cached)
    const { status, headers } = await get(url('cat'))
    expect([status, headers['retry-after'], headers['cache-control']]).toEqual([
      503,
      '10',
      'no-store',
    ])
    expect(headers['etag']).toBeUndefined()
    expect(lines).toMatchObject([{ level: 'warn', message: 'a file could not be sent' }])
  })

  test('that ends too early is not taken for the whole', async () => {
    const large = pngOf(200_000)
    const { get, copies } = await serve({ cat: { bytes: large, manner: 'cut' } }, cached)
    const isWhole = await get(url('cat'))
      .then(({ isCut }) => !isCut)
      .catch(() => false)
    expect(isWhole).toBe(false)
    await until(() => copies().length === 0)
  })

  test('of a homeserver that gives all of it for a part', async () => {
    const { get } = await serve({ cat: { bytes: png, manner: 'without parts' } }, cached)
    const { status, body } = await get(url('cat'), { headers: { range: 'bytes=5000-5999' } })
    expect([status, body.equals(png.subarray(5_000, 6_000))]).toEqual([206, true])
  })

  test('whose size nobody says comes whole', async () => {
    const { get } = await serve({ cat: { bytes: png, manner: 'silent about its size' } }, cached)
    const { status, headers, body } = await get(url('cat'), { headers: { range: 'bytes=0-1' } })
    expect([status, headers['content-length'], headers['accept-ranges']]).toEqual([
      200,
      undefined,
      undefined,
    ])
    expect(body.equals(png)).toBe(true)
  })
})

describe('what it is', () => {
  const text = (words: string): Buffer => Buffer.from(words)
  const box = (brand: string): Buffer =>
    Buffer.concat([Buffer.from([0, 0, 0, 24]), text(`ftyp${brand}\0\0\0\0${brand}mp42`)])

  test.each<[string, Buffer, string, File['media']?]>([
    ['a JPEG', Buffer.from('ffd8ffe000104a46494600010100', 'hex'), 'image/jpeg'],
    ['a GIF', text('GIF89a\x01\0\x01\0'), 'image/gif'],
    ['a film', box('isom'), 'video/mp4'],
    ['a film that is called sound', box('isom'), 'audio/mp4', { mediaType: 'audio/mp4' }],
    ['a film that is called a page', box('isom'), 'video/mp4', { mediaType: 'text/html' }],
  ])('is seen, not believed: %s', async (...row) => {
    const [, bytes, type, media = { mediaType: 'text/html' }] = row
    const { get } = await serve({ it: { bytes, media: { ...media } } })
    const { headers } = await get(url('it'))
    expect([headers['content-type'], headers['content-disposition']]).toEqual([type, 'inline'])
  })

  test.each<[string, Buffer]>([
    ['a drawing', text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a bare drawing', text('<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>')],
    ['a page', text('<!doctype html><script>x()</script>')],
    ['a program', text('x()')],
    ['a document', text('%PDF-1.7\n')],
    ['an archive', Buffer.from('504b0304140000000000', 'hex')],
    ['nothing known', Buffer.from([1, 2, 3])],
    ['nothing', Buffer.alloc(0)],
  ])('is a download: %s', async (_, bytes) => {
    const media = { mediaType: 'image/png', name: '"x".svg' }
    const { get } = await serve({ it: { bytes, media } })
    const { headers, body } = await get(url('it'))
    expect(headers['content-type']).toBe('application/octet-stream')
    expect(headers['content-disposition']).toBe("attachment; filename*=UTF-8''%22x%22.svg")
    expect(body.equals(bytes)).toBe(true)
  })

  test.each<[string, Buffer, number]>([
    ['a picture', pngOf(3_000), 200],
    ['a film', box('isom'), 404],
    ['a document', text('%PDF-1.7\n'), 404],
    ['a huge picture', pngOf(5_000_001), 404],
  ])('has to be a picture for a custom emoji, which %s is or not', async (...row) => {
    const [, bytes, status] = row
    const { get } = await serve({ it: { bytes, media: { isPicture: true } } })
    expect((await get(url('it'))).status).toBe(status)
  })
})

describe('who has it already', () => {
  const etag = `"${idOf('cat')}"`
  test.each([etag, `W/${etag}`, `"x", ${etag}`, '*'])('is told so: %s', async (condition) => {
    const { get, asked } = await serve({ cat: { bytes: png } })
    const answer = await get(url('cat'), { headers: { 'if-none-match': condition } })
    expect([answer.status, answer.body.length, answer.headers['etag']]).toEqual([304, 0, etag])
    expect(asked).toEqual([])
  })

  test('has it not by another name', async () => {
    const { get } = await serve({ cat: { bytes: png } })
    const answer = await get(url('cat'), { headers: { 'if-none-match': '"x"' } })
    expect(answer.status).toBe(200)
  })

  test('hears all the same that it is deleted', async () => {
    const { get } = await serve({ cat: { bytes: png, access: 'gone' } })
    const answer = await get(url('cat'), { headers: { 'if-none-match': etag } })
    expect(answer.status).toBe(410)
  })
})

describe('a URL', () => {
  const id = idOf('cat')
  test.each([
    '/media',
    '/media/',
    `/media/${id.slice(1)}`,
    `/media/${id}x`,
    `/media/${id}/`,
    `/media//${id}`,
    `/media/./${id}`,
    `/media/x/../${id}`,
    `/media/..%2f${id}`,
    `/media/%2e%2e/${id}`,
    `/media/..%2f..%2f..%2fetc%2fpasswd`,
    `/media/${id}%00`,
    `/media/${id}%2f`,
    `/media/${id}.png`,
    `/media/%63at-------------------`,
    `/media/${id.toUpperCase()}`,
    `/media/${idOf('dog')}`,
    '/media/%ff',
    '/media/hs.test/cat',
  ])('that names no file of ours is not found: %s', async (target) => {
    const { get, asked } = await serve({ cat: { bytes: png } })
    const { status, headers, body } = await get(target)
    expect([status, JSON.parse(body.toString())]).toEqual([404, { error: 'no such file' }])
    expect(headers['cache-control']).toBe('no-store')
    expect(asked).toEqual([])
  })

  test('with a query is the same file', async () => {
    const { get } = await serve({ cat: { bytes: png } })
    expect(await get(`${url('cat')}?v=2`)).toMatchObject({ status: 200 })
  })

  test('of what is deleted says so', async () => {
    const { get, asked } = await serve({ cat: { bytes: png, access: 'gone' } })
    for (const method of ['GET', 'HEAD', 'POST'])
      expect(await get(url('cat'), { method })).toMatchObject({
        status: 410,
        headers: { 'cache-control': 'no-store' },
      })
    expect(asked).toEqual([])
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('is only read: %s', async (method) => {
    const { get } = await serve({ cat: { bytes: png } })
    expect(await get(url('cat'), { method })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    })
  })
})
