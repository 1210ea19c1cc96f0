import type { IncomingMessage } from 'node:http'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { asActorId } from '../model/ids.ts'
import type { ActorId } from '../model/ids.ts'
import { largestBody, refuseHead } from './inbox.ts'
import type { Answer, Inbox, InboxDeps } from './inbox.ts'
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

export type InboxRoutesDeps = Pick<InboxDeps, 'findLocalActor'> & {
  readonly inbox: Inbox
  readonly publicUrl: string
  /** Bytes for bodies that come in at the same time. */
  readonly inboxRoom?: number
}

/** POST to the shared inbox and to those of single actors. */
export function inboxRoutes(deps: InboxRoutesDeps): Router {
  const { inbox, publicUrl, inboxRoom: room = mostInMemory } = deps
  const router = Router()
  const memory: Memory = { free: room }
  const take = async (request: Request, response: Response, given?: string): Promise<void> => {
    const recipient = given === undefined ? undefined : asActorId(given)
    const held: Held = { bytes: 0 }
    const { headers } = request
    const length = Number(headers['content-length'] ?? 0)
    const whose = recipient === undefined ? {} : { recipient }
    const unfit = await refuseHead({ headers, length, ...whose }, deps)
    if (unfit !== undefined) {
      // What is still to come is not read.
      response.setHeader('connection', 'close')
      reply(response, unfit)
      return
    }
    if (request.destroyed) return
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
  readonly recipient: ActorId | undefined
}

async function hand({ request, response, body, recipient }: Whole, inbox: Inbox): Promise<void> {
  const { originalUrl: target, headers } = request
  const answer = await inbox({
    target,
    headers,
    body,
    ...(recipient === undefined ? {} : { recipient }),
  })
  reply(response, answer)
}

function reply(response: Response, answer: Answer): void {
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
