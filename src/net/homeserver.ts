import { Pool } from 'undici'

import type { Http } from '../model/http.ts'
import { RejectedError } from '../model/errors.ts'
import { exchange } from './exchange.ts'
import { createReadBuffers } from './read-buffers.ts'

export type HomeserverHttpOptions = {
  /** `https://matrix.example.org`; a path is not used, requests carry whole URLs. */
  readonly baseUrl: string
  /** Requests to the homeserver at the same time; more wait. */
  readonly connections?: number
  /** For large bodies that pass through: see `read-buffers.ts`. */
  readonly reusesBuffers?: boolean
}

/**
 * The `Http` of our one homeserver: one pool of kept-alive connections and no address guard, for
 * the admin named that address. URLs of any other origin are refused. `close` waits for what runs.
 */
export function createHomeserverHttp(options: HomeserverHttpOptions): {
  readonly http: Http
  readonly close: () => Promise<void>
} {
  const { origin } = new URL(options.baseUrl)
  const connecting = { timeout: 10_000, allowH2: false }
  const buffers = options.reusesBuffers === true ? createReadBuffers(connecting) : undefined
  const release = buffers && { release: buffers.release }
  const pool = new Pool(origin, {
    connections: options.connections ?? 64,
    allowH2: false,
    keepAliveTimeout: 30_000,
    // The exchange's own clock is stricter: long polls and slow joins set it per request.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: buffers?.connect ?? connecting,
  })
  const prefix = `${origin}/`
  return {
    http: (request) => {
      if (!request.url.startsWith(prefix)) {
        const error = new RejectedError(`not the homeserver: ${request.url.slice(0, 200)}`, {
          code: 'forbidden-url',
        })
        return Promise.reject(error)
      }
      const path = request.url.slice(origin.length)
      return exchange(pool, { origin, path, of: 'homeserver', ...release }, request)
    },
    close: () => pool.close(),
  }
}
