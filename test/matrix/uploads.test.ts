import { describe, expect, test } from '@jest/globals'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import type { HttpRequest, HttpResponse, HttpSource } from '../../src/model/http.ts'
import { asMxc } from '../../src/model/ids.ts'
import { createHomeserver } from '../../src/matrix/client.ts'
import { pngOf } from '../support/samples.ts'
import { throughSink, wholeOf } from '../support/whole.ts'
import { bot, createRecordingLog, createStillClock, setUp } from './setup.ts'

const png = pngOf(3, 2)

function sourceOf(bytes: Buffer): HttpSource {
  return {
    size: bytes.length,
    async *chunks() {
      yield bytes.subarray(0, 10)
      yield bytes.subarray(10)
    },
  }
}
const file = { source: sourceOf(png), mediaType: 'image/png', name: 'käse & brot.png' }

type Answer = { readonly status: number; readonly body?: string; readonly retryAfter?: string }
type Answers = Readonly<Record<string, Answer | Error>>

/** A homeserver that answers by the last part of the path. */
function against(answers: Answers) {
  const requests: HttpRequest[] = []
  const { log } = createRecordingLog()
  const http = async (request: HttpRequest): Promise<HttpResponse> => {
    requests.push(request)
    const answer = answers[new URL(request.url).pathname.split('/').at(-1) ?? '']
    if (answer === undefined || answer instanceof Error)
      throw answer ?? new TransientError('nobody there')
    const body = Buffer.from(answer.body ?? '{}')
    return throughSink(request, { status: answer.status, headers: {}, body })
  }
  const clock = createStillClock(1_000_000)
  const access = { http, baseUrl: 'https://hs.test', asToken: 'secret', botUserId: bot, clock, log }
  return { requests, client: createHomeserver(access), clock }
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.catch((cause: unknown) => cause)
  if (error instanceof TransientError) return `transient ${error.of}`
  return error instanceof RejectedError ? `rejected ${error.code ?? ''}` : error
}

const reset = new TransientError('the connection was closed')
const well: Answer = { status: 200, body: '{"versions":[]}' }
const answerOf = (errcode: string): string => JSON.stringify({ errcode, error: 'because' })

describe('an upload', () => {
  test('keeps every byte and the type, and has a name', async () => {
    const { hs, client } = setUp()
    expect(hs.media(await client.upload(file))).toEqual({ bytes: png, mediaType: 'image/png' })
    const { requests, client: other } = against({
      upload: { status: 200, body: '{"content_uri":"mxc://hs.test/abc"}' },
    })
    expect(await other.upload(file)).toBe('mxc://hs.test/abc')
    const [{ url, source, headers } = { url: '' }] = requests
    expect(new URL(url).searchParams.get('filename')).toBe('käse & brot.png')
    expect(headers?.['content-type']).toBe('image/png')
    expect(source === undefined || (await wholeOf(source.chunks())).equals(png)).toBe(true)
  })

  test.each<[string, Answers, string]>([
    [
      'refused in words',
      { upload: { status: 413, body: answerOf('M_TOO_LARGE') }, versions: well },
      'rejected M_TOO_LARGE',
    ],
    [
      'refused by a proxy',
      { upload: { status: 413, body: '<html>' }, versions: well },
      'rejected M_TOO_LARGE',
    ],
    ['cut off by a homeserver that is well', { upload: reset, versions: well }, 'transient remote'],
    [
      'failing in a homeserver that is well',
      { upload: { status: 500, body: answerOf('M_UNKNOWN') }, versions: well },
      'transient remote',
    ],
    [
      'answered without a word of where it is',
      { upload: { status: 200 }, versions: well },
      'transient remote',
    ],
    ['while the homeserver is away', { upload: reset, versions: reset }, 'transient homeserver'],
    [
      'while there are too many',
      { upload: { status: 429, body: answerOf('M_LIMIT_EXCEEDED') }, versions: well },
      'transient homeserver',
    ],
    [
      'forbidden',
      { upload: { status: 403, body: answerOf('M_FORBIDDEN') }, versions: well },
      'rejected M_FORBIDDEN',
    ],
  ])('%s', async (_, answers, expected) => {
    expect(await failure(against(answers).client.upload(file))).toBe(expected)
  })

  test('whose connection broke is tried once more, from the beginning', async () => {
    const { hs, client } = setUp()
    let calls = 0
    hs.injectFaults(({ url }) => (/upload/.test(url) && ++calls === 1 ? 'timeout' : undefined))
    expect(hs.media(await client.upload(file))?.bytes.equals(png)).toBe(true)
  })
})

describe('the limit of uploads', () => {
  const limit: Answer = { status: 200, body: '{"m.upload.size":1000}' }

  test('is asked for once a minute', async () => {
    const { requests, client, clock } = against({ config: limit })
    expect([await client.uploadLimit(), await client.uploadLimit()]).toEqual([1000, 1000])
    expect(requests).toHaveLength(1)
    await clock.sleep(61_000)
    await client.uploadLimit()
    expect(requests.map(({ url }) => new URL(url).pathname)).toEqual([
      '/_matrix/client/v1/media/config',
      '/_matrix/client/v1/media/config',
    ])
  })

  test('is asked for as before spec 1.11 where the homeserver is so old', async () => {
    const { client, hs } = setUp()
    hs.setUploadLimit(7)
    const answers = against({ config: { status: 404, body: answerOf('M_UNRECOGNIZED') } })
    expect(await failure(answers.client.uploadLimit())).toBe('rejected M_UNRECOGNIZED')
    expect(answers.requests.map(({ url }) => new URL(url).pathname)).toEqual([
      '/_matrix/client/v1/media/config',
      '/_matrix/media/v3/config',
    ])
    expect(await client.uploadLimit()).toBe(7)
  })

  test.each(['{}', '{"m.upload.size":"much"}', '{"m.upload.size":0}'])(
    '%s is none',
    async (body) => {
      expect(await against({ config: { status: 200, body } }).client.uploadLimit()).toBeUndefined()
    },
  )

  test('of a homeserver that is away is not known', async () => {
    expect(await failure(against({}).client.uploadLimit())).toBe('transient homeserver')
  })
})

describe('a file on the homeserver', () => {
  test('is there until it is purged, and is not read to know that', async () => {
    const { hs, client } = setUp()
    const mxc = await client.upload(file)
    expect(await client.hasMedia(mxc)).toBe(true)
    hs.purge(mxc)
    expect(await client.hasMedia(mxc)).toBe(false)
    const { requests, client: other } = against({ abc: { status: 307 } })
    expect(await other.hasMedia(asMxc('mxc://hs.test/abc'))).toBe(true)
    expect(requests[0]?.sink?.({ status: 200, headers: {} })).toBeUndefined()
  })
})
