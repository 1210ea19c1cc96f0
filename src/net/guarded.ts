import type { LookupAddress, LookupOptions } from 'node:dns'
import { isIP } from 'node:net'
import { Agent, buildConnector } from 'undici'

import type { Http, HttpHead, HttpRequest, HttpResponse } from '../model/http.ts'
import { type AddressGuard, createAddressGuard } from './address.ts'
import { createNames, type Names } from './names.ts'
import { createUrlRules } from './url-rules.ts'
import { exchange } from './exchange.ts'
import { RejectedError } from '../model/errors.ts'

export type GuardedHttpOptions = {
  /** Host names, addresses and CIDR ranges that may be private. */
  readonly allowPrivate: readonly string[]
  /** Hosts, with or without a port, that are spoken to without TLS. */
  readonly allowHttp: readonly string[]
  readonly userAgent: string
  /** Per origin; more requests wait. */
  readonly connectionsPerOrigin?: number
  /** Origins with an open connection at the same time. */
  readonly maxOrigins?: number
  /** Who resolves host names; absent: this machine. */
  readonly names?: Names
}

const forbidden = (hostname: string, address: string): RejectedError =>
  new RejectedError(`${hostname} is at ${address}, which is not a public address`, {
    code: 'forbidden-address',
    tell: `${hostname} is not a server on the public internet.`,
  })

type LookupDone = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

/**
 * Lets only permitted addresses of a name through. The socket connects to what is answered here and
 * asks nobody again, so a name that changes its mind between check and connect gains nothing.
 */
const guardedLookup =
  (allows: AddressGuard, names: Names) =>
  (hostname: string, options: LookupOptions, done: LookupDone) => {
    const answer = (found: readonly LookupAddress[]): void => {
      const permitted = found.filter((entry) => allows(entry.address, hostname))
      const [first] = permitted
      if (first === undefined) {
        done(forbidden(hostname, found.map((entry) => entry.address).join(', ')), [])
      } else if (options.all === true) done(null, permitted)
      else done(null, first.address, first.family)
    }
    const fail = (error: unknown): void =>
      done(error instanceof Error ? error : new Error(String(error)), [])
    Promise.resolve(names(hostname, options)).then(answer, fail)
  }

const withoutBrackets = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** The TLS and TCP connector: a literal address never passes through `lookup`, so it is checked here. */
function guardedConnector(allows: AddressGuard, names: Names): buildConnector.connector {
  const connect = buildConnector({
    timeout: 10_000,
    allowH2: false,
    maxCachedSessions: 256,
    lookup: guardedLookup(allows, names),
  })
  return (options, callback) => {
    const hostname = withoutBrackets(options.hostname)
    if (isIP(hostname) !== 0 && !allows(hostname, hostname)) {
      callback(forbidden(hostname, hostname), null)
      return
    }
    connect({ ...options, hostname }, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null)
        return
      }
      const address = socket.remoteAddress ?? ''
      if (allows(address, hostname)) {
        callback(null, socket)
        return
      }
      socket.destroy()
      callback(forbidden(hostname, address), null)
    })
  }
}

/** We ask for plain bytes; an answer that is packed all the same could be a bomb. */
function refusePacked<T extends HttpHead>(request: HttpRequest, head: T): T {
  const encoding = head.headers['content-encoding']
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') {
    return head
  }
  throw new RejectedError(`${request.url} answers in content-encoding ${encoding.slice(0, 40)}`, {
    code: 'hostile',
  })
}

/**
 * The `Http` of everything outside: only public addresses over https, except what the options
 * allow; addresses are checked when the connection is made, whatever name or redirect led there.
 */
export function createGuardedHttp(options: GuardedHttpOptions): {
  readonly http: Http
  readonly close: () => Promise<void>
} {
  const allows = createAddressGuard(options.allowPrivate)
  const rules = createUrlRules(options.allowHttp)
  const defaults = { 'user-agent': options.userAgent, 'accept-encoding': 'identity' }
  const agent = new Agent({
    connect: guardedConnector(allows, options.names ?? createNames()),
    connections: options.connectionsPerOrigin ?? 8,
    // An idle pool closes its sockets and is forgotten, so this bounds busy origins only.
    maxOrigins: options.maxOrigins ?? 2_048,
    keepAliveTimeout: 15_000,
    keepAliveMaxTimeout: 60_000,
    headersTimeout: 30_000,
    bodyTimeout: 15_000,
    maxHeaderSize: 32_768,
    allowH2: false,
  })
  const http = async (request: HttpRequest): Promise<HttpResponse> => {
    const url = rules.check(request.url)
    if (typeof url === 'string') {
      const message = `${request.url.slice(0, 200)} is not requested: ${url}`
      throw new RejectedError(message, { code: 'forbidden-url' })
    }
    const hostname = withoutBrackets(url.hostname)
    if (isIP(hostname) !== 0 && !allows(hostname, hostname)) throw forbidden(hostname, hostname)
    const target = { origin: url.origin, path: url.pathname + url.search, of: 'remote' as const }
    const headers = { ...defaults, ...request.headers }
    const { sink } = request
    const plain = sink && { sink: (head: HttpHead) => sink(refusePacked(request, head)) }
    return refusePacked(request, await exchange(agent, target, { ...request, headers, ...plain }))
  }
  return { http, close: () => agent.close() }
}
