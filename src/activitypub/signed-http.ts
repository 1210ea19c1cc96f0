import type { Clock } from '../model/clock.ts'
import type { Http, HttpRequest, HttpResponse } from '../model/http.ts'
import { createLru } from './lru.ts'
import type { Scheme, Sign, SignRequest } from './signature.ts'

/**
 * Which scheme a server takes, where it is not draft-cavage; kept over restarts. `place`: its host, and
 * for what is read there `GET` before that. Some inboxes look at a signature only after they have said
 * yes, so what a GET comes to, with whatever stands before the server, must not decide about them.
 */
export type Schemes = {
  readonly find: (place: string) => Promise<Scheme>
  readonly learn: (place: string, scheme: Scheme) => Promise<void>
}

export type SignedHttpDeps = {
  readonly http: Http
  readonly sign: Sign
  readonly schemes: Schemes
  readonly clock: Clock
}

/** Who signs; `sha256` of the body where it is known already; `more` headers that are signed too. */
export type By = Pick<SignRequest, 'keyId' | 'privateKey' | 'sha256' | 'more'>

/**
 * An exchange with a signature. A server that refuses is asked once more with the other scheme, and
 * what it takes is remembered. Errors of `Http`.
 */
export type SignedHttp = (request: HttpRequest, by: By) => Promise<HttpResponse>

/** What servers answer to a signature that they cannot read; PeerTube answers 403. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403])
/** How long a server that refused both ways is asked in one only: less than a delivery waits for its next try. */
const refusalLasts = 300_000
/** How long a way that was taken is known to work: until then only 401 is about signatures. */
const proofLasts = 86_400_000
const mostHosts = 1_000

const otherThan = (scheme: Scheme): Scheme => (scheme === 'cavage' ? 'rfc9421' : 'cavage')
const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300

/** Signs whatever goes to the fediverse, each time anew: receivers refuse a date that is some minutes old. */
export function createSignedHttp({ http, sign, schemes, clock }: SignedHttpDeps): SignedHttp {
  const refused = createLru<number>(mostHosts)
  const proven = createLru<{ readonly scheme: Scheme; readonly at: number }>(mostHosts)

  const send = async (request: HttpRequest, by: By, scheme: Scheme): Promise<HttpResponse> => {
    const { method, url, body } = request
    const date = new Date(clock.now())
    const signed = await sign({
      ...{ method, url, date, scheme, keyId: by.keyId, privateKey: by.privateKey },
      ...(body === undefined ? {} : { body }),
      ...(by.sha256 === undefined ? {} : { sha256: by.sha256 }),
      ...(by.more === undefined ? {} : { more: by.more }),
    })
    return http({ ...request, headers: { ...request.headers, ...signed } })
  }
  // A public document is given to whoever asks: only a POST proves something.
  const note = ({ method }: HttpRequest, host: string, scheme: Scheme): void => {
    if (method === 'POST') proven.set(host, { scheme, at: clock.now() })
  }
  const isAboutSignature = (status: number, way: string, scheme: Scheme): boolean => {
    if (!refusals.has(status) || (refused.get(way) ?? 0) > clock.now()) return false
    const known = proven.get(way.slice(way.indexOf(' ') + 1))
    return status === 401 || known?.scheme !== scheme || known.at + proofLasts < clock.now()
  }

  return async (request, by) => {
    const end = clock.now() + request.timeout
    const { host } = new URL(request.url)
    const way = `${request.method} ${host}`
    const place = request.method === 'POST' ? host : way
    const scheme = await schemes.find(place)
    const first = await send(request, by, scheme)
    if (isSuccess(first)) note(request, host, scheme)
    const timeout = end - clock.now()
    if (timeout <= 0 || !isAboutSignature(first.status, way, scheme)) return first
    const other = otherThan(scheme)
    const second = await send({ ...request, timeout }, by, other)
    if (isSuccess(second)) {
      note(request, host, other)
      await schemes.learn(place, other)
      return second
    }
    if (!refusals.has(second.status)) return second
    refused.set(way, clock.now() + refusalLasts)
    return first
  }
}

export type SchemesDeps = {
  readonly findMark: (key: string) => Promise<string | undefined>
  readonly setMark: (key: string, value: string) => Promise<void>
  readonly clock: Clock
}

/** Then draft-cavage is tried again: servers are moved, rebuilt and put behind something else. */
const remembered = 7 * 86_400_000
const markOf = (place: string): string => `signature ${place}`

/** Remembers servers that take RFC 9421 alone; all others are asked with draft-cavage first. */
export function createSchemes({ findMark, setMark, clock }: SchemesDeps): Schemes {
  /** Until when RFC 9421 is tried first, milliseconds since the epoch; 0: not. */
  const known = createLru<number>(mostHosts)
  return {
    async find(place) {
      let until = known.get(place)
      if (until === undefined) {
        until = Number((await findMark(markOf(place))) ?? 0)
        known.set(place, until)
      }
      return until > clock.now() ? 'rfc9421' : 'cavage'
    },
    async learn(place, scheme) {
      const until = scheme === 'rfc9421' ? clock.now() + remembered : 0
      const before = known.get(place)
      known.set(place, until)
      // Of many deliveries at once one is enough to write it down.
      if (scheme === 'cavage' && before === 0) return
      if (before !== undefined && before > clock.now() && until > 0) return
      await setMark(markOf(place), String(until))
    },
  }
}
