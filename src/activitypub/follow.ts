import type { Clock } from '../model/clock.ts'
import type { Http, HttpHead, HttpResponse, HttpSink } from '../model/http.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { hostOf } from './parse-values.ts'

export type Following = {
  readonly url: string
  /** Asked anew for every hop: a signature is for one URL. */
  readonly headers: (url: string) => Promise<Readonly<Record<string, string>>>
  /** For all hops together, milliseconds. */
  readonly timeout: number
  readonly maxBytes: number
  /** Gets the body of a 200; no other is read then. */
  readonly sink?: HttpSink
}

export type Landed = {
  /** Where the answer was found; as given when nothing redirected. */
  readonly url: string
  readonly response: HttpResponse
}

const mostRedirects = 3
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

function nextHop(from: string, location: string | undefined): string {
  const next = location === undefined ? null : URL.parse(location, from)
  if (next === null) {
    throw new RejectedError(`${from} redirects to nowhere`, { code: 'not-activitypub' })
  }
  if (from.startsWith('https:') && next.protocol !== 'https:') {
    const message = `${from} redirects away from https`
    throw new RejectedError(message, { code: 'hostile' })
  }
  next.hash = ''
  return next.href
}

/** GET, along at most three redirects, never from https to http. Statuses are left to the caller. */
export async function getFollowing(
  { http, clock }: { readonly http: Http; readonly clock: Clock },
  { url: start, headers, timeout, maxBytes, sink }: Following,
): Promise<Landed> {
  const taking = sink && { sink: ({ status }: HttpHead) => (status === 200 ? sink : undefined) }
  const end = clock.now() + timeout
  let url = start
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const left = end - clock.now()
    if (left <= 0) throw new TransientError(`GET ${start}: timed out after ${timeout} ms`)
    const request = { method: 'GET' as const, url, headers: await headers(url), maxBytes }
    const response = await http({ ...request, ...taking, timeout: left })
    if (!redirects.has(response.status)) return { url, response }
    url = nextHop(url, response.headers.location)
  }
  const message = `${start} redirects more than ${mostRedirects} times`
  throw new RejectedError(message, { code: 'not-activitypub' })
}

const longestPatience = 86_400_000

/**
 * `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), as milliseconds since the epoch, at
 * most a day ahead: nobody can make us wait for ever.
 */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const time = /^\d{1,9}$/.test(value) ? now + Number(value) * 1000 : Date.parse(value)
  return Number.isNaN(time) ? undefined : Math.min(Math.max(time, now), now + longestPatience)
}

type Meaning = { readonly code: string; readonly tell: string }

function meaningOf(status: number, host: string): Meaning {
  switch (status) {
    case 410:
      return { code: 'gone', tell: `${host} says that this was deleted.` }
    case 404:
      return { code: 'not-found', tell: `${host} says that this does not exist.` }
    case 400:
    case 401:
    case 403:
    case 451:
      return { code: 'not-permitted', tell: `${host} does not let this server read it.` }
    default:
      return { code: 'not-activitypub', tell: `${host} answers with no fediverse document.` }
  }
}

/** The error that an answer other than 200 means; undefined for 200. */
export function failureOf(
  { url, response }: Landed,
  now: number,
): TransientError | RejectedError | undefined {
  const { status, headers } = response
  if (status === 200) return undefined
  const message = `GET ${url} answered ${status}`
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAt = readRetryAfter(headers['retry-after'], now)
    return new TransientError(message, { status, ...(retryAt !== undefined && { retryAt }) })
  }
  return new RejectedError(message, { status, ...meaningOf(status, hostOf(url) ?? url) })
}
