import type { IncomingMessage } from 'node:http'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { asActorId } from '../model/ids.ts'
import { largestBody } from './inbox.ts'
import type { Inbox } from './inbox.ts'
import { fail } from './routes-answers.ts'

/**
 * For `http.createServer`: who sends a request slower than this is answered 408 by Node itself,
 * which senders take as "try again".
 */
export const serverLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
} as const

/** POST to the shared inbox and to those of single actors. */
export function inboxRoutes(inbox: Inbox, publicUrl: string): Router {
  const router = Router()
  const take = async (request: Request, response: Response, recipient?: string): Promise<void> => {
    const body = await readBody(request)
    if (typeof body === 'string') {
      // What is still to come is not read.
      response.setHeader('connection', 'close')
      fail(response, body === 'too-large' ? 413 : 415, body)
      return
    }
    const { originalUrl: target, headers } = request
    const answer = await inbox({
      target,
      headers,
      body,
      ...(recipient === undefined ? {} : { recipient: asActorId(recipient) }),
    })
    response.statusCode = answer.status
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
      response.setHeader(name, value)
    }
    response.end(answer.body)
  }
  router.post('/inbox', (request, response) => take(request, response))
  router.post('/actors/:id/inbox', (request, response) =>
    take(request, response, `${publicUrl}${request.path.slice(0, -'/inbox'.length)}`),
  )
  return router
}

type Refused = 'too-large' | 'content-encoding is not supported'

/** The raw bytes, as the digest is over them. Rejects when the sender goes away. */
async function readBody(request: IncomingMessage): Promise<Buffer | Refused> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') return 'content-encoding is not supported'
  if (Number(request.headers['content-length'] ?? 0) > largestBody) return 'too-large'
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > largestBody) {
        request.pause()
        resolve('too-large')
      } else chunks.push(chunk)
    })
    request.on('end', () => {
      const [only] = chunks
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length))
    })
    request.on('error', reject)
  })
}
