import { hash, type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto'

/**
 * HTTP signatures of draft-cavage-http-signatures-12 with RSA-SHA256: what every server of the
 * fediverse sends and accepts. RFC 9421 is another `scheme` beside it.
 */
export type HttpSignature = {
  readonly scheme: 'cavage'
  readonly keyId: string
  readonly algorithm?: string
  /** Names of what is signed, lower case, in order. */
  readonly covered: readonly string[]
  readonly signature: Buffer
  /** Seconds since the epoch. */
  readonly created?: number
  readonly expires?: number
}

export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

const longestHeader = 8_192
const mostCovered = 32
const parameter = /\s*([A-Za-z]{1,20})=(?:"([^"\\]*)"|(\d{1,12}))\s*(?:,|$)/y

function readParameters(header: string): Map<string, string> | undefined {
  const found = new Map<string, string>()
  parameter.lastIndex = 0
  while (parameter.lastIndex < header.length) {
    const match = parameter.exec(header)
    if (match === null) return undefined
    const [, name = '', quoted, bare] = match
    // Whoever repeats a parameter hopes that two readers choose differently.
    if (found.has(name)) return undefined
    found.set(name, quoted ?? bare ?? '')
  }
  return found
}

const secondsOf = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d{1,12}$/.test(value) ? Number(value) : undefined

/** The signature that a request carries; undefined when there is none or it is malformed. */
export function readSignature(headers: RequestHeaders): HttpSignature | undefined {
  const { signature: header } = headers
  if (typeof header !== 'string' || header.length > longestHeader) return undefined
  const parameters = readParameters(header)
  const keyId = parameters?.get('keyId')
  const signature = parameters?.get('signature')
  if (parameters === undefined || !keyId || !signature) return undefined
  const covered = (parameters.get('headers') ?? '(created)').toLowerCase().trim().split(/ +/)
  if (covered.length > mostCovered || new Set(covered).size !== covered.length) return undefined
  const algorithm = parameters.get('algorithm')?.toLowerCase()
  const created = secondsOf(parameters.get('created'))
  const expires = secondsOf(parameters.get('expires'))
  if (parameters.has('created') && created === undefined) return undefined
  if (parameters.has('expires') && expires === undefined) return undefined
  return {
    scheme: 'cavage',
    keyId,
    covered,
    signature: Buffer.from(signature, 'base64'),
    ...(algorithm !== undefined && { algorithm }),
    ...(created !== undefined && { created }),
    ...(expires !== undefined && { expires }),
  }
}

export type Verification = {
  readonly method: string
  /** Path and query as they stood on the request line. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: RequestHeaders
  /** The raw bytes. */
  readonly body: Buffer | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly publicKey: KeyObject
  /** What `readSignature` answered, to save reading it again. */
  readonly signature?: HttpSignature | undefined
  /**
   * Our own public host. It is put in the place of the `host` header: a request that was signed
   * for another server then fails, and a proxy that rewrites the header breaks nothing.
   */
  readonly host?: string
  /** How far the signer's clock may be away from ours, milliseconds. */
  readonly window?: number
}

export type SignatureFault =
  | 'no-signature'
  | 'algorithm'
  | 'not-covered'
  | 'missing-header'
  | 'digest'
  | 'clock'
  | 'expired'
  /** The only one that another key could mend. */
  | 'wrong-signature'

export type Verdict =
  { readonly ok: true } | { readonly ok: false; readonly reason: SignatureFault }

const hour = 3_600_000
/** Expiry is an agreement between two clocks; some signers set ten seconds. */
const expiryMargin = 300_000
const httpDate = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]0000)$/

function checkAlgorithm({ algorithm, covered }: HttpSignature): SignatureFault | undefined {
  if (algorithm === undefined || algorithm === 'hs2019') return undefined
  if (algorithm !== 'rsa-sha256') return 'algorithm'
  // Draft 12, 2.3: the old algorithm names know no (created) and no (expires).
  return covered.includes('(created)') || covered.includes('(expires)') ? 'algorithm' : undefined
}

function checkCoverage(signature: HttpSignature, method: string): SignatureFault | undefined {
  const { covered } = signature
  const timed = covered.includes('date') || covered.includes('(created)')
  const bodied = method === 'GET' || method === 'HEAD' || covered.includes('digest')
  const whole = covered.includes('(request-target)') && covered.includes('host')
  return timed && bodied && whole ? undefined : 'not-covered'
}

function checkClock(signature: HttpSignature, request: Verification): SignatureFault | undefined {
  const { covered, created, expires } = signature
  const { now, headers, window = hour } = request
  const isNear = (time: number): boolean => Math.abs(now - time) <= window
  if (covered.includes('date')) {
    const { date } = headers
    if (typeof date !== 'string' || !httpDate.test(date) || !isNear(Date.parse(date)))
      return 'clock'
  }
  if (created !== undefined && !isNear(created * 1000)) return 'clock'
  if (expires === undefined) return undefined
  return expires * 1000 + expiryMargin < now || expires < (created ?? 0) ? 'expired' : undefined
}

function checkDigest({ headers, body, method }: Verification): SignatureFault | undefined {
  const { digest } = headers
  if (digest === undefined && (method === 'GET' || method === 'HEAD')) return undefined
  if (typeof digest !== 'string') return 'missing-header'
  const sums = digest
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => /^sha-256=/i.test(entry))
  const [sum] = sums
  if (sum === undefined || sums.length !== 1) return 'digest'
  const actual = hash('sha256', body ?? '', 'base64')
  return sum.slice('sha-256='.length) === actual ? undefined : 'digest'
}

function lineOf(name: string, signature: HttpSignature, request: Verification): string | undefined {
  const { created, expires } = signature
  switch (name) {
    case '(request-target)':
      return `${name}: ${request.method.toLowerCase()} ${request.target}`
    case '(created)':
      return created === undefined ? undefined : `${name}: ${String(created)}`
    case '(expires)':
      return expires === undefined ? undefined : `${name}: ${String(expires)}`
    default: {
      const value = name === 'host' ? (request.host ?? request.headers.host) : request.headers[name]
      return typeof value === 'string' ? `${name}: ${value}` : undefined
    }
  }
}

function signedText(signature: HttpSignature, request: Verification): string | undefined {
  let text = ''
  for (const name of signature.covered) {
    const line = lineOf(name, signature, request)
    if (line === undefined) return undefined
    text += text === '' ? line : `\n${line}`
  }
  return text
}

const isValid = (
  text: string,
  { publicKey }: Verification,
  { signature }: HttpSignature,
): boolean =>
  publicKey.asymmetricKeyType === 'rsa' &&
  verifyBytes('sha256', Buffer.from(text), publicKey, signature)

/**
 * Whether the holder of that key sent exactly this request to us, now. Pure; costs one RSA
 * verification at most, and none when anything cheaper is wrong.
 */
export function verifySignature(request: Verification): Verdict {
  const signature = request.signature ?? readSignature(request.headers)
  if (signature === undefined) return { ok: false, reason: 'no-signature' }
  const reason =
    checkAlgorithm(signature) ??
    checkCoverage(signature, request.method) ??
    checkClock(signature, request) ??
    checkDigest(request)
  if (reason !== undefined) return { ok: false, reason }
  const text = signedText(signature, request)
  if (text === undefined) return { ok: false, reason: 'missing-header' }
  if (isValid(text, request, signature)) return { ok: true }
  // Older servers leave the query out of what they sign.
  const query = request.target.indexOf('?')
  if (query === -1) return { ok: false, reason: 'wrong-signature' }
  const bare = signedText(signature, { ...request, target: request.target.slice(0, query) })
  const ok = bare !== undefined && isValid(bare, request, signature)
  return ok ? { ok } : { ok, reason: 'wrong-signature' }
}

export type SignRequest = {
  readonly method: string
  readonly url: string | URL
  readonly body?: string | Uint8Array
  /** `digestOf` that body, where it is known already. */
  readonly digest?: string
  readonly keyId: string
  readonly privateKey: KeyObject
  readonly date: Date
  /** Of the body; ActivityPub's own by default. */
  readonly contentType?: string
}

/** Headers that a signature adds: `host`, `date`, `signature`, and of a body `digest` and `content-type`. */
export type SignedHeaders = Readonly<Record<string, string>>

/** Signs now, or in the thread pool. */
export type Sign = (request: SignRequest) => SignedHeaders | Promise<SignedHeaders>

const activityJson = 'application/activity+json'

/** The `digest` header of a body. */
export const digestOf = (body: string | Uint8Array): string =>
  `SHA-256=${hash('sha256', body, 'base64')}`

function toSign(request: SignRequest): { headers: Record<string, string>; text: string } {
  const url = typeof request.url === 'string' ? new URL(request.url) : request.url
  const target = `${request.method.toLowerCase()} ${url.pathname}${url.search}`
  const headers: Record<string, string> = { host: url.host, date: request.date.toUTCString() }
  if (request.body !== undefined) {
    headers.digest = request.digest ?? digestOf(request.body)
    headers['content-type'] = request.contentType ?? activityJson
  }
  let text = `(request-target): ${target}`
  for (const name in headers) text += `\n${name}: ${headers[name] ?? ''}`
  return { headers, text }
}

function seal(
  headers: Record<string, string>,
  { keyId }: SignRequest,
  signature: Buffer,
): SignedHeaders {
  const covered = `(request-target) ${Object.keys(headers).join(' ')}`
  const base64 = signature.toString('base64')
  headers.signature = `keyId="${keyId}",algorithm="rsa-sha256",headers="${covered}",signature="${base64}"`
  return headers
}

/** The headers that sign this request, dated `date`; for the event loop's own thread. */
export function signRequest(request: SignRequest): SignedHeaders {
  const { headers, text } = toSign(request)
  return seal(headers, request, signBytes('sha256', Buffer.from(text), request.privateKey))
}

/** As `signRequest`, with the RSA operation (0.7 ms) in the thread pool. */
export function signRequestInPool(request: SignRequest): Promise<SignedHeaders> {
  const { headers, text } = toSign(request)
  return new Promise((resolve, reject) => {
    signBytes('sha256', Buffer.from(text), request.privateKey, (error, signature) => {
      if (error === null) resolve(seal(headers, request, signature))
      else reject(error)
    })
  })
}
