import { isDigestOf, sha256Of } from './digest.ts'
import {
  activityJson,
  hasBody,
  hostFor,
  isExpired,
  isNear,
  type HttpSignature,
  type SignatureFault,
  type SignRequest,
  type Unsigned,
  type Verification,
} from './signature-shapes.ts'

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

/** Draft 12, 2.1 and 4.1: the `Signature` header. */
export function readCavage(header: string): HttpSignature | undefined {
  if (header.length > longestHeader) return undefined
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

/**
 * What RSA signs the hash of. `hs2019` says nothing but "look at the key": of the fediverse's servers
 * some mean SHA-256 and some SHA-512 with it, none the padding that the draft asks for.
 */
const hashesOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['hs2019', ['sha256', 'sha512']],
  ['rsa-sha256', ['sha256']],
  ['rsa-sha512', ['sha512']],
  ['ed25519', []],
])

export const cavageHashes = ({ algorithm = 'hs2019' }: HttpSignature): readonly string[] =>
  hashesOf.get(algorithm) ?? []

/** Whether a key of Ed25519 may have made it. */
export const isCavageEd25519 = ({ algorithm = 'hs2019' }: HttpSignature): boolean =>
  algorithm === 'hs2019' || algorithm === 'ed25519'

function checkAlgorithm({ algorithm = 'hs2019', covered }: HttpSignature): boolean {
  if (!hashesOf.has(algorithm)) return false
  // Draft 12, 2.3: the old algorithm names know no (created) and no (expires).
  const isTimed = covered.includes('(created)') || covered.includes('(expires)')
  return !(algorithm.startsWith('rsa') && isTimed)
}

function checkCoverage({ covered }: HttpSignature, method: string): boolean {
  const timed = covered.includes('date') || covered.includes('(created)')
  const bodied = !hasBody(method) || covered.includes('digest')
  const whole = covered.includes('(request-target)') && covered.includes('host')
  return timed && bodied && whole
}

const httpDate = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]0000)$/

const dateOf = ({ date }: Verification['headers']): number =>
  typeof date === 'string' && httpDate.test(date) ? Date.parse(date) : NaN

/** When it was signed, by what it covers. */
export const cavageTime = ({ covered, created }: HttpSignature, request: Verification): number =>
  covered.includes('(created)') && created !== undefined ? created * 1000 : dateOf(request.headers)

function checkDigest({ headers, body, method }: Verification): SignatureFault | undefined {
  const { digest } = headers
  if (digest === undefined && !hasBody(method)) return undefined
  if (typeof digest !== 'string') return 'missing-header'
  return isDigestOf(digest, body ?? '') ? undefined : 'digest'
}

/** What is wrong before any key is asked. */
export function faultOfCavage(
  signature: HttpSignature,
  request: Verification,
): SignatureFault | undefined {
  const { covered, created } = signature
  if (!checkAlgorithm(signature)) return 'algorithm'
  if (!checkCoverage(signature, request.method)) return 'not-covered'
  if (covered.includes('date') && !isNear(dateOf(request.headers), request)) return 'clock'
  if (created !== undefined && !isNear(created * 1000, request)) return 'clock'
  return isExpired(signature, request) ? 'expired' : checkDigest(request)
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
      const value = name === 'host' ? hostFor(request) : request.headers[name]
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

/** What may have been signed: older servers leave the query out. Undefined: a header is missing. */
export function cavageTexts(
  signature: HttpSignature,
  request: Verification,
): readonly string[] | undefined {
  const text = signedText(signature, request)
  if (text === undefined) return undefined
  const query = request.target.indexOf('?')
  if (query === -1) return [text]
  const bare = signedText(signature, { ...request, target: request.target.slice(0, query) })
  return bare === undefined ? [text] : [text, bare]
}

/** With `host`, `date` and of a body `digest` and `content-type`, all of them covered. */
export function toSignCavage(request: SignRequest, url: URL): Unsigned {
  const target = `${request.method.toLowerCase()} ${url.pathname}${url.search}`
  const headers: Record<string, string> = { host: url.host, date: request.date.toUTCString() }
  if (request.body !== undefined) {
    headers.digest = `SHA-256=${request.sha256 ?? sha256Of(request.body)}`
    headers['content-type'] = request.contentType ?? activityJson
  }
  Object.assign(headers, request.more)
  let text = `(request-target): ${target}`
  for (const name in headers) text += `\n${name}: ${headers[name] ?? ''}`
  return { headers, text }
}

export function sealCavage(
  { headers }: Unsigned,
  { keyId, privateKey }: SignRequest,
  signature: Buffer,
): void {
  const covered = `(request-target) ${Object.keys(headers).join(' ')}`
  const base64 = signature.toString('base64')
  const algorithm = privateKey.asymmetricKeyType === 'rsa' ? 'rsa-sha256' : 'hs2019'
  headers.signature = `keyId="${keyId}",algorithm="${algorithm}",headers="${covered}",signature="${base64}"`
}
