import { Router } from 'express'
import type { Request } from 'express'
import type { Clock } from '../model/clock.ts'
import { echoHeader, echoPath, echoProof, readQuestion, type Echo } from '../model/echo.ts'

export type EchoOptions = {
  /** Those who know one of them may ask. */
  readonly hsTokens: readonly string[]
  readonly clock: Clock
}

/** The largest body that is counted, bytes: more than the inbox takes. */
const largestBody = 1_100_000

/**
 * Tells the doctor what arrived of its own request (`model/echo.ts`). To everybody else there is
 * nothing at that path.
 */
export function echoRoutes({ hsTokens, clock }: EchoOptions): Router {
  const router = Router()
  router.all(echoPath, async (request, response, next) => {
    const header = request.get(echoHeader) ?? ''
    const found = hsTokens.flatMap((token) => {
      const asked = readQuestion(header, token, clock.now())
      return asked === undefined ? [] : [echoProof(token, asked)]
    })
    const [proof] = found
    if (proof === undefined) {
      next()
      return
    }
    const size = await sizeOf(request)
    if (size === undefined) {
      response.setHeader('connection', 'close')
      response.status(413).json({ error: 'too large' })
      return
    }
    const { method, originalUrl: target } = request
    const echo: Echo = { proof, method, target, headers: headersOf(request), size }
    response.set('cache-control', 'no-store').json(echo)
  })
  return router
}

const headersOf = ({ headers }: Request): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  )

/** Undefined: too large. Rejects when the sender goes away. */
function sizeOf(request: Request): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= largestBody) return
      request.pause()
      resolve(undefined)
    })
    request.on('end', () => resolve(size))
    request.on('error', reject)
  })
}
