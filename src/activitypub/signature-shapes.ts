import type { KeyObject } from 'node:crypto'

/** draft-cavage-http-signatures-12, and HTTP Message Signatures. */
export type Scheme = 'cavage' | 'rfc9421'

/** A signature as a request carries it, not verified yet. Only `keyId` is for those who ask. */
export type HttpSignature = {
  readonly scheme: Scheme
  readonly keyId: string
  readonly algorithm?: string
  /** Names of what is signed, lower case, in order. */
  readonly covered: readonly string[]
  readonly signature: Buffer
  /** Seconds since the epoch. */
  readonly created?: number
  readonly expires?: number
  /** RFC 9421: the parameters as they are signed. */
  readonly parameters?: string
}

export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** How far from ours the time of a signature may be, milliseconds. */
export type ClockWindow = { readonly maxAge: number; readonly ahead: number }

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
   * Our own public URL, without a path. Its host is put in the place of the `host` header: a request
   * that was signed for another server then fails, and a proxy that rewrites the header breaks nothing.
   */
  readonly publicUrl?: string
  /** An hour both ways when absent. */
  readonly window?: ClockWindow
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

/** `signedAt`: the time that the signature covers, milliseconds since the epoch. */
export type Verdict =
  | { readonly ok: true; readonly signedAt: number }
  | { readonly ok: false; readonly reason: SignatureFault }

export type SignRequest = {
  readonly method: string
  readonly url: string | URL
  readonly body?: string | Uint8Array
  /** `sha256Of` that body, where it is known already. */
  readonly sha256?: string
  readonly keyId: string
  /** RSA or Ed25519. */
  readonly privateKey: KeyObject
  readonly date: Date
  /** Of the body; ActivityPub's own by default. */
  readonly contentType?: string
  /** Further headers, in lower case, that are sent and covered. */
  readonly more?: Readonly<Record<string, string>>
  /** draft-cavage by default. */
  readonly scheme?: Scheme
}

/** Headers of a request that is about to be signed, and the text that its signature is over. */
export type Unsigned = { readonly headers: Record<string, string>; readonly text: string }

/** Of a body where nothing else is said. */
export const activityJson = 'application/activity+json'

const hour = 3_600_000
const defaultWindow: ClockWindow = { maxAge: hour, ahead: hour }
/** Expiry is an agreement between two clocks; some signers set ten seconds. */
const expiryMargin = 300_000

export const hasBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD'

export function isNear(time: number, { now, window = defaultWindow }: Verification): boolean {
  return now - time <= window.maxAge && time - now <= window.ahead
}

/** Whether the time that the signature sets itself is over. */
export function isExpired(
  { expires, created = 0 }: HttpSignature,
  { now, window = defaultWindow }: Verification,
): boolean {
  if (expires === undefined) return false
  const margin = Math.min(expiryMargin, window.maxAge)
  return expires * 1000 + margin < now || expires < created
}

/** The value of `host`, and of everything that contains it. */
export const hostFor = ({ publicUrl, headers }: Verification): string | undefined => {
  if (publicUrl !== undefined) return publicUrl.slice(publicUrl.indexOf('//') + 2)
  return typeof headers.host === 'string' ? headers.host : undefined
}
