/** A server's certificate as a client that trusts the usual authorities sees it. */
export type Certificate = {
  /** Why such a client refuses it, as OpenSSL names it (`CERT_HAS_EXPIRED`); undefined: it does not. */
  readonly refusal?: string
  readonly names: readonly string[]
  /** Milliseconds since the epoch. */
  readonly validFrom: number
  readonly validTo: number
}

/** An error of the system: its code, and its text. */
export type Fault = { readonly code: string; readonly reason: string }

/** Any error as that; a code that is not there is empty. */
export function faultOf(error: unknown): Fault {
  const isObject = typeof error === 'object' && error !== null
  const code = isObject && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const reason =
    isObject && 'message' in error && typeof error.message === 'string'
      ? error.message
      : String(error)
  return { code, reason }
}
