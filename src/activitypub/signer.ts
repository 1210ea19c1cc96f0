import type { ActorId } from '../model/ids.ts'
import type { Clock } from '../model/clock.ts'
import type { Keyring, OwnedKey } from './keyring.ts'
import { verifySignature } from './signature.ts'
import type { ClockWindow, HttpSignature, RequestHeaders } from './signature.ts'

export type SignerDeps = {
  readonly keyring: Keyring
  /** Our own, which the signature must be made for; without a slash at the end. */
  readonly publicUrl: string
  readonly clock: Clock
  /** How far from ours the clocks of others may be. */
  readonly window?: ClockWindow
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

/** `signedAt`: milliseconds since the epoch, as the signature covers it. */
export type Signer = { readonly signer: ActorId; readonly signedAt: number }

/**
 * The actor who signed the request, or what is wrong. Looks once at a fresh key when the signature
 * does not hold: keys are rotated without notice. Throws what the keyring throws.
 */
export async function findSigner(
  { method, target, headers, body }: SignedRequest,
  signature: HttpSignature,
  { keyring, clock, publicUrl, window }: SignerDeps,
): Promise<Signer | { readonly wrong: string }> {
  const verify = ({ key }: OwnedKey) =>
    verifySignature({
      method,
      target,
      headers,
      body,
      now: clock.now(),
      publicKey: key,
      signature,
      publicUrl,
      ...(window === undefined ? {} : { window }),
    })
  const known = await keyring.keyFor(signature.keyId)
  const first = verify(known)
  if (first.ok) return { signer: known.owner, signedAt: first.signedAt }
  if (first.reason !== 'wrong-signature') return { wrong: first.reason }
  const fresh = await keyring.refetch(signature.keyId)
  // Most often it is the same one, and says the same.
  const isSame = fresh.key === known.key || fresh.key.equals(known.key)
  const second = isSame ? first : verify(fresh)
  if (!second.ok) return { wrong: second.reason }
  return { signer: fresh.owner, signedAt: second.signedAt }
}
