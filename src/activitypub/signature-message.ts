import type { KeyObject } from 'node:crypto'
import { isContentDigestOf, sha256Of } from './digest.ts'
import {
  activityJson,
  hasBody,
  hostFor,
  isExpired,
  isNear,
  type HttpSignature,
  type RequestHeaders,
  type SignatureFault,
  type SignRequest,
  type Unsigned,
  type Verification,
} from './signature-shapes.ts'
import { base64Of, readDictionary, stringOf, wholeOf, type Member } from './structured-fields.ts'

/** Signatures looked at in one request; one of them is judged. */
const mostSignatures = 4
/** RFC 9421, 6.2.2: those that the fediverse's servers have keys for, and the kind of key. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['rsa-v1_5-sha256', 'rsa'],
  ['ed25519', 'ed25519'],
])

/** Whether a key of that kind may have made it. */
export const isMadeBy = ({ algorithm }: HttpSignature, kind: string): boolean =>
  algorithm === undefined ? [...kinds.values()].includes(kind) : kinds.get(algorithm) === kind

/** 2.3 and 2.5: as the last line of what is signed has it. */
function parametersOf(names: readonly string[], { parameters }: Member): string {
  let text = `(${names.map((name) => `"${name}"`).join(' ')})`
  for (const [key, value] of parameters) text += value === '?1' ? `;${key}` : `;${key}=${value}`
  return text
}

function readOne(input: Member, signature: Member | undefined): HttpSignature | undefined {
  const base64 = base64Of(signature?.value)
  const keyId = stringOf(input.parameters.get('keyid'))
  const created = wholeOf(input.parameters.get('created'))
  const expires = wholeOf(input.parameters.get('expires'))
  if (!base64 || !keyId || input.items === undefined) return undefined
  if (created === undefined || (input.parameters.has('expires') && expires === undefined))
    return undefined
  const covered: string[] = []
  for (const { value, parameters } of input.items) {
    const name = stringOf(value)
    // Parameters change what a name means; nobody sends them here.
    if (name === undefined || parameters.size > 0 || covered.includes(name)) return undefined
    covered.push(name)
  }
  const algorithm = input.parameters.get('alg')
  return {
    scheme: 'rfc9421',
    keyId,
    covered,
    created,
    signature: Buffer.from(base64, 'base64'),
    parameters: parametersOf(covered, input),
    ...(algorithm !== undefined && { algorithm: stringOf(algorithm) ?? '' }),
    ...(expires !== undefined && { expires }),
  }
}

/** Proxies add signatures of their own: the first that says enough is the sender's. */
const saysEnough = ({ covered, algorithm }: HttpSignature, headers: RequestHeaders): boolean =>
  covered.includes('@method') &&
  (headers['content-digest'] === undefined || covered.includes('content-digest')) &&
  (algorithm === undefined || kinds.has(algorithm))

/** 4.1 and 4.2: `Signature-Input` and `Signature`, which belong together by their labels. */
export function readMessage(input: string, headers: RequestHeaders): HttpSignature | undefined {
  const { signature: header } = headers
  const inputs = readDictionary(input)
  const signatures = typeof header === 'string' ? readDictionary(header) : undefined
  if (inputs === undefined || signatures === undefined || inputs.size > mostSignatures)
    return undefined
  const found: HttpSignature[] = []
  for (const [label, member] of inputs) {
    const one = readOne(member, signatures.get(label))
    if (one !== undefined) found.push(one)
  }
  return found.find((one) => saysEnough(one, headers)) ?? found[0]
}

function checkCoverage({ covered }: HttpSignature, { method, target }: Verification): boolean {
  const has = (name: string): boolean => covered.includes(name)
  const path = has('@request-target') || (has('@path') && (has('@query') || !target.includes('?')))
  const whole = has('@target-uri') || ((has('@authority') || has('host')) && path)
  return has('@method') && whole && (!hasBody(method) || has('content-digest'))
}

function checkDigest(
  { covered }: HttpSignature,
  request: Verification,
): SignatureFault | undefined {
  if (!covered.includes('content-digest')) return undefined
  const header = request.headers['content-digest']
  if (typeof header !== 'string') return 'missing-header'
  return isContentDigestOf(header, request.body ?? '') ? undefined : 'digest'
}

/** What is wrong before any key is asked. */
export function faultOfMessage(
  signature: HttpSignature,
  request: Verification,
): SignatureFault | undefined {
  const { algorithm, created = NaN } = signature
  if (algorithm !== undefined && !kinds.has(algorithm)) return 'algorithm'
  if (!checkCoverage(signature, request)) return 'not-covered'
  if (!isNear(created * 1000, request)) return 'clock'
  return isExpired(signature, request) ? 'expired' : checkDigest(signature, request)
}

/** 2.1 and 2.2. */
function valueOf(name: string, request: Verification): string | undefined {
  const { target, method, publicUrl, headers } = request
  const query = target.indexOf('?')
  switch (name) {
    case '@method':
      return method
    case '@target-uri':
      return publicUrl === undefined
        ? `https://${hostFor(request) ?? ''}${target}`
        : `${publicUrl}${target}`
    case '@authority':
    case 'host':
      return hostFor(request)
    case '@scheme':
      return publicUrl?.startsWith('http:') ? 'http' : 'https'
    case '@request-target':
      return target
    case '@path':
      return query === -1 ? target : target.slice(0, query)
    case '@query':
      return query === -1 ? '?' : target.slice(query)
    default: {
      const value = headers[name]
      return typeof value === 'string' ? value : undefined
    }
  }
}

/** 2.5: the signature base. Undefined: something that is covered is missing. */
export function messageText(signature: HttpSignature, request: Verification): string | undefined {
  let text = ''
  for (const name of signature.covered) {
    const value = valueOf(name, request)
    if (value === undefined) return undefined
    text += `"${name}": ${value}\n`
  }
  return `${text}"@signature-params": ${signature.parameters ?? ''}`
}

const label = 'sig1'

/**
 * What Mastodon asks to be covered, and no more: method, URL, and of a body its digest. `date` goes
 * along for those who look at it.
 */
export function toSignMessage(
  request: SignRequest,
  url: URL,
): Unsigned & { readonly parameters: string } {
  const headers: Record<string, string> = { host: url.host, date: request.date.toUTCString() }
  const uri = url.href.slice(0, url.href.length - url.hash.length)
  let text = `"@method": ${request.method}\n"@target-uri": ${uri}\n`
  let names = '"@method" "@target-uri"'
  if (request.body !== undefined) {
    const digest = `sha-256=:${request.sha256 ?? sha256Of(request.body)}:`
    headers['content-digest'] = digest
    headers['content-type'] = request.contentType ?? activityJson
    text += `"content-digest": ${digest}\n`
    names += ' "content-digest"'
  }
  for (const [name, value] of Object.entries(request.more ?? {})) {
    headers[name] = value
    text += `"${name}": ${value}\n`
    names += ` "${name}"`
  }
  const created = Math.floor(request.date.getTime() / 1000)
  const algorithm = algorithmOf(request.privateKey)
  const parameters = `(${names});created=${created};keyid="${request.keyId}";alg="${algorithm}"`
  return { headers, text: `${text}"@signature-params": ${parameters}`, parameters }
}

const algorithmOf = ({ asymmetricKeyType }: KeyObject): string =>
  asymmetricKeyType === 'ed25519' ? 'ed25519' : 'rsa-v1_5-sha256'

export function sealMessage({ headers }: Unsigned, parameters: string, signature: Buffer): void {
  headers['signature-input'] = `${label}=${parameters}`
  headers.signature = `${label}=:${signature.toString('base64')}:`
}
