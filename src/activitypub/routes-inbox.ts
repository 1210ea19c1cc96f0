import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Router } from 'express'
import { asActorId } from '../model/ids.ts'
import { largestBody, refuseHead } from './inbox.ts'
import type { Answer, Inbox, InboxDeps } from './inbox.ts'
import { answerTrouble, fail } from './routes-answers.ts'

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

export type InboxRoutesDeps = Pick<InboxDeps, 'findLocalActor' | 'log'> & {
  readonly inbox: Inbox
  readonly publicUrl: string
  /** Bytes for bodies that come in at the same time. */
  readonly inboxRoom?: number
  /** Told the status of each answer. */
  readonly answered?: (status: number) => void
}

/** Says whether it answers the request; if not, it has not touched it. */
export type Front = (request: IncomingMessage, response: ServerResponse) => boolean

/** What `front` does not answer goes to `app`. */
export const behind =
  (front: Front, app: RequestListener): RequestListener =>
  (request, response) => {
    if (!front(request, response)) app(request, response)
  }

type InboxRoutes = {
  /**
   * For what is posted to a path spelt as we write it, which is nearly everything that comes:
   * before Express, whose routing is dear beside a refusal.
   */
  readonly front: Front
  /** The same for every other spelling of the path. */
  readonly router: Router
}

const spelt = /^(?:\/actors\/[\w-]+)?\/inbox(?=\?|$)/

/** POST to the shared inbox and to those of single actors. */
export function inboxRoutes(deps: InboxRoutesDeps): InboxRoutes {
  const take = taking(deps)
  const router = Router()
  router.post('/inbox', (request, response) => take(request, response, '/inbox'))
  router.post('/actors/:id/inbox', (request, response) => take(request, response, request.path))
  return {
    router,
    front(request, response) {
      const [path] = (request.method === 'POST' && spelt.exec(request.url ?? '')) || []
      if (path === undefined) return false
      take(request, response, path).catch((error: unknown) => {
        if (!answerTrouble(response, error, { request, log: deps.log })) request.destroy()
      })
      return true
    },
  }
}

type Take = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>

function taking(deps: InboxRoutesDeps): Take {
  const { inbox, publicUrl, inboxRoom: room = mostInMemory } = deps
  const memory: Memory = { free: room }
  return async (request, response, path) => {
    const { answered } = deps
    if (answered !== undefined) response.once('finish', () => answered(response.statusCode))
    const held: Held = { bytes: 0 }
    const { headers } = request
    const length = Number(headers['content-length'] ?? 0)
    const owner = path.slice(0, -'/inbox'.length)
    const whose = owner === '' ? {} : { recipient: asActorId(`${publicUrl}${owner}`) }
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
      else reply(response, await inbox({ target: request.url ?? '', headers, body, ...whose }))
    } finally {
      memory.free += held.bytes
    }
  }
}

function reply(response: ServerResponse, answer: Answer): void {
  const { status, headers, body = '' } = answer
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

const refusals = {
  'too large': 413,
  'content-encoding is not supported': 415,
  'too much comes at once': 503,
} as const

type Refused = keyof typeof refusals

function refuse(response: ServerResponse, reason: Refused): void {
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
