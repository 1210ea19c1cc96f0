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

/** Bytes of bodies in memory at the same time: each waits for the key of its sender, whose server may be slow. */
const mostInMemory = 64_000_000

/** POST to the shared inbox and to those of single actors. `room`: bytes for bodies. */
export function inboxRoutes(inbox: Inbox, publicUrl: string, room = mostInMemory): Router {
  const router = Router()
  const memory: Memory = { free: room }
  const take = async (request: Request, response: Response, recipient?: string): Promise<void> => {
    const held: Held = { bytes: 0 }
    try {
      const body = await readBody(request, held, memory)
      if (typeof body === 'string') refuse(response, body)
      else await hand({ request, response, body, recipient }, inbox)
    } finally {
      memory.free += held.bytes
    }
  }
  router.post('/inbox', (request, response) => take(request, response))
  router.post('/actors/:id/inbox', (request, response) =>
    take(request, response, `${publicUrl}${request.path.slice(0, -'/inbox'.length)}`),
  )
  return router
}

type Whole = {
  readonly request: Request
  readonly response: Response
  readonly body: Buffer
  readonly recipient: string | undefined
}

async function hand({ request, response, body, recipient }: Whole, inbox: Inbox): Promise<void> {
  const { originalUrl: target, headers } = request
  const answer = await inbox({
    target,
    headers,
    body,
    ...(recipient === undefined ? {} : { recipient: asActorId(recipient) }),
  })
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  response.end(answer.body)
}

const refusals = {
  'too large': 413,
  'content-encoding is not supported': 415,
  'too much comes at once': 503,
} as const

type Refused = keyof typeof refusals

function refuse(response: Response, reason: Refused): void {
  // What is still to come is not read.
  response.setHeader('connection', 'close')
  fail(response, refusals[reason], reason)
}

type Memory = { free: number }
type Held = { bytes: number }

/** The raw bytes, as the digest is over them. Rejects when the sender goes away. */
async function readBody(
  request: IncomingMessage,
  held: Held,
  memory: Memory,
): Promise<Buffer | Refused> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') return 'content-encoding is not supported'
  if (Number(request.headers['content-length'] ?? 0) > largestBody) return 'too large'
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => {
      held.bytes += chunk.length
      memory.free -= chunk.length
      const isTooLarge = held.bytes > largestBody
      if (isTooLarge || memory.free < 0) {
        request.pause()
        resolve(isTooLarge ? 'too large' : 'too much comes at once')
      } else chunks.push(chunk)
    })
    request.on('end', () => {
      const [only] = chunks
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, held.bytes))
    })
    request.on('error', reject)
  })
}
