import { RejectedError, TransientError } from '../model/errors.ts'
import type { Clock, Log } from '../model/clock.ts'
import type { Http, HttpRequest, HttpResponse, HttpSource } from '../model/http.ts'
import { asRoomId, type RoomId, type UserId } from '../model/ids.ts'
import { jsonIn, recordIn, toText, type Json } from './fields.ts'

/** One call of the client-server API. */
type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Parts of the path below `/_matrix`, not yet encoded. */
  readonly path: readonly string[]
  /** Who acts; absent: the application service's own user. */
  readonly as?: UserId
  /** Of a list, each is given under that name. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Json
  readonly file?: { readonly source: HttpSource; readonly mediaType: string }
  /** Doing it twice is doing it once, even across a restart of the homeserver. */
  readonly isIdempotent?: boolean
  /** The answer is a list, which is given as `list`. */
  readonly isList?: boolean
}

/** Errors: `TransientError` of the homeserver, `RejectedError` with the errcode as `code`. */
export type Caller = (call: Call) => Promise<Json>

export type HomeserverAccess = {
  readonly http: Http
  /** `https://matrix.example.org` or `http://127.0.0.1:8008`. */
  readonly baseUrl: string
  readonly asToken: string
  readonly botUserId: UserId
  readonly clock: Clock
  readonly log: Log
}

const callTimeout = 30_000
const uploadTimeout = 120_000
/** A page of 100 events of 64 KiB each, and long member lists. */
const maxAnswer = 32 * 1024 * 1024
const pauseBeforeRetry = 100
/** A homeserver that asks for more is asked again after this anyway. */
const longestPause = 3_600_000

/** Path parts of the stable client-server API. */
export const v3 = (...parts: readonly string[]): readonly string[] => ['client', 'v3', ...parts]

const roomOf = ({ path: [, , kind, id] }: Call): RoomId | undefined =>
  kind === 'rooms' && id !== undefined ? asRoomId(id) : undefined

function encodePath(parts: readonly string[]): string {
  // URL parsers resolve dot segments, encoded or not, so these could reach another endpoint.
  if (parts.some((part) => part === '.' || part === '..'))
    throw new RejectedError(`path part in ${parts.join('/')}`, { code: 'M_INVALID_PARAM' })
  return parts.map(encodeURIComponent).join('/')
}

function bodyOf(call: Call): Pick<HttpRequest, 'body' | 'source'> & { readonly type?: string } {
  if (call.file !== undefined) return { source: call.file.source, type: call.file.mediaType }
  if (call.method === 'GET') return {}
  return { body: JSON.stringify(call.body ?? {}), type: 'application/json' }
}

function toRequest(call: Call, access: HomeserverAccess): HttpRequest {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(call.query ?? {}))
    for (const one of typeof value === 'string' ? [value] : value) query.append(name, one)
  if (call.as !== undefined && call.as !== access.botUserId) query.set('user_id', call.as)
  const search = query.size > 0 ? `?${query.toString()}` : ''
  const { type, ...body } = bodyOf(call)
  return {
    method: call.method,
    url: `${access.baseUrl.replace(/\/+$/, '')}/_matrix/${encodePath(call.path)}${search}`,
    headers: {
      authorization: `Bearer ${access.asToken}`,
      accept: 'application/json',
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    ...body,
    timeout: call.file === undefined ? callTimeout : uploadTimeout,
    maxBytes: maxAnswer,
  }
}

function parseBody(response: HttpResponse, isList = false): Json | undefined {
  if (!isList) return recordIn(response.body)
  const value = jsonIn(response.body)
  return Array.isArray(value) ? { list: value } : undefined
}

/** `retry_after_ms` of the body (deprecated, still the finer one), else `Retry-After` in seconds or as a date. */
function pauseOf(body: Json | undefined, response: HttpResponse, now: number): number {
  const stated = body?.['retry_after_ms']
  if (typeof stated === 'number' && stated >= 0) return Math.min(stated, longestPause)
  const header = response.headers['retry-after'] ?? ''
  if (/^\d+$/.test(header)) return Math.min(Number(header) * 1000, longestPause)
  const date = Date.parse(header)
  return Number.isNaN(date) ? 1000 : Math.min(Math.max(date - now, 0), longestPause)
}

/**
 * Only a Matrix error is the homeserver's own word. A 4xx without an errcode comes from a proxy
 * before it, and an unknown token from a registration that it has not loaded yet: both are cured by
 * the admin, and no message may be lost until then.
 */
function toError(response: HttpResponse, call: Call, now: number): Error {
  const body = parseBody(response)
  const code = toText(body?.['errcode'], 255)
  const { status } = response
  const what = `${call.method} ${call.path.join('/')}: ${status} ${code ?? 'without errcode'}`
  if (status === 429 || code === 'M_LIMIT_EXCEEDED') {
    const retryAt = now + pauseOf(body, response, now)
    return new TransientError(what, { of: 'homeserver', status, retryAt })
  }
  // A gateway error in Matrix words tells that another homeserver, which ours needed, is away.
  if ((status === 502 || status === 504) && code !== undefined)
    return new TransientError(what, { of: 'remote', status })
  if (status < 400 || status >= 500 || code === undefined || code === 'M_UNKNOWN_TOKEN')
    return new TransientError(what, { of: 'homeserver', status })
  const reason = toText(body?.['error'], 500) ?? ''
  const tell = `The homeserver refused this (${code}).`
  const roomId = roomOf(call)
  const where = roomId === undefined ? {} : { roomId }
  return new RejectedError(`${what} ${reason}`.trim(), { status, code, tell, ...where })
}

/** Makes the one function through which every call to the homeserver goes. */
export function createCaller(access: HomeserverAccess): Caller {
  const exchange = async (call: Call): Promise<HttpResponse> => {
    try {
      return await access.http(toRequest(call, access))
    } catch (cause) {
      if (!(cause instanceof TransientError)) throw cause
      const what = `${call.method} ${call.path.join('/')}: no answer`
      throw new TransientError(what, { cause, of: 'homeserver' })
    }
  }

  // A kept-alive connection that the homeserver closed just then fails at once and heals at once.
  const exchangeTwice = async (call: Call): Promise<HttpResponse> => {
    if (call.isIdempotent !== true && call.method !== 'GET') return exchange(call)
    try {
      return await exchange(call)
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      await access.clock.sleep(pauseBeforeRetry)
      return exchange(call)
    }
  }

  return async (call) => {
    const response = await exchangeTwice(call)
    const body =
      response.status >= 200 && response.status < 300 ? parseBody(response, call.isList) : undefined
    if (body !== undefined) return body
    const error = toError(response, call, access.clock.now())
    access.log.debug({ method: call.method, status: response.status }, error.message)
    throw error
  }
}

/** An answer without what it must hold is a broken homeserver or proxy, not a refusal. */
export function need<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value
  throw new TransientError(`answer without ${what}`, { of: 'homeserver' })
}

/** Runs `call`; answers `instead` where the homeserver refused it with one of `reasons` (errcode or HTTP status). */
export async function unlessRefused<T>(
  call: Promise<T>,
  reasons: readonly (string | number)[],
  instead: (error: RejectedError) => T | Promise<T>,
): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
    if (reasons.includes(error.code ?? '') || reasons.includes(error.status ?? 0))
      return instead(error)
    throw error
  }
}
