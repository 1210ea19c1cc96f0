import type { HttpHead, HttpRequest, HttpResponse } from '../../src/model/http.ts'
import { RejectedError } from '../../src/model/errors.ts'

export async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

/** Gives an answer that is in memory as a whole to the sink that was asked for, within its bound. */
export async function throughSink(
  { sink, maxBytes, url }: Pick<HttpRequest, 'sink' | 'maxBytes' | 'url'>,
  response: HttpResponse,
): Promise<HttpResponse> {
  if (sink === undefined) return response
  const { status, headers, body } = response
  const head: HttpHead = { status, headers }
  const taker = sink(head)
  if (taker !== undefined && body.length > maxBytes)
    throw new RejectedError(`${url} is longer than ${maxBytes}`, { code: 'too-large' })
  await taker?.write(body)
  return { ...head, body: Buffer.alloc(0) }
}
