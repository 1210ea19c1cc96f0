import type { IncomingMessage } from 'node:http'

/**
 * The whole body, or that it is longer than `maxBytes`. A longer one is read to its end without
 * being kept: a client that is cut off while it writes would not read the answer.
 */
export async function readBody(
  req: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | 'too-large'> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
    else chunks.length = 0
  }
  return size <= maxBytes ? Buffer.concat(chunks, size) : 'too-large'
}
