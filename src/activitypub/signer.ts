import type { KeyObject } from 'node:crypto'
import type { ActorId } from '../model/ids.ts'
import type { Clock } from '../model/clock.ts'
import { verifySignature } from './signature.ts'
import type { HttpSignature, RequestHeaders } from './signature.ts'

export type OwnedKey = { readonly owner: ActorId; readonly key: KeyObject }

export type SignerDeps = {
  readonly keyring: {
    readonly keyFor: (keyId: string) => Promise<OwnedKey>
    readonly refetch: (keyId: string) => Promise<OwnedKey>
  }
  /** Our own public host, which the signature must be made for. */
  readonly host: string
  readonly clock: Clock
}

export type SignedRequest = {
  readonly method: 'GET' | 'POST'
  /** Path and query as they stood on the request line. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: RequestHeaders
  /** The raw bytes: the digest is over them. */
  readonly body?: Buffer
}

/**
 * The actor who signed the request, or what is wrong. Looks once at a fresh key when the signature
 * does not hold: keys are rotated without notice. Throws what the keyring throws.
 */
export async function findSigner(
  { method, target, headers, body }: SignedRequest,
  signature: HttpSignature,
  { keyring, clock, host }: SignerDeps,
): Promise<{ readonly signer: ActorId } | { readonly wrong: string }> {
  const verify = ({ key }: OwnedKey) =>
    verifySignature({
      method,
      target,
      headers,
      body,
      now: clock.now(),
      publicKey: key,
      signature,
      host,
    })
  const known = await keyring.keyFor(signature.keyId)
  const first = verify(known)
  if (first.ok) return { signer: known.owner }
  if (first.reason !== 'wrong-signature') return { wrong: first.reason }
  const fresh = await keyring.refetch(signature.keyId)
  const second = verify(fresh)
  return second.ok ? { signer: fresh.owner } : { wrong: second.reason }
}
