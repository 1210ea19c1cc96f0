import { type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto'
import {
  cavageHashes,
  cavageTexts,
  cavageTime,
  faultOfCavage,
  isCavageEd25519,
  readCavage,
  sealCavage,
  toSignCavage,
} from './signature-cavage.ts'
import { isSignedByRsa } from './signature-rsa.ts'
import {
  faultOfMessage,
  isMadeBy,
  messageText,
  readMessage,
  sealMessage,
  toSignMessage,
} from './signature-message.ts'
import type {
  HttpSignature,
  RequestHeaders,
  SignRequest,
  Verdict,
  Verification,
} from './signature-shapes.ts'

/*
 * HTTP signatures, in and out. Whoever uses them knows nothing of schemes: draft-cavage is in
 * `signature-cavage.ts`, RFC 9421 in `signature-message.ts`.
 */
export type {
  ClockWindow,
  HttpSignature,
  RequestHeaders,
  Scheme,
  SignRequest,
  Verdict,
  Verification,
} from './signature-shapes.ts'
export { sha256Of } from './digest.ts'

/** The signature that a request carries; undefined when there is none or it is malformed. */
export function readSignature(headers: RequestHeaders): HttpSignature | undefined {
  const { signature } = headers
  const input = headers['signature-input']
  if (typeof input === 'string') return readMessage(input, headers)
  return typeof signature === 'string' && input === undefined ? readCavage(signature) : undefined
}

/** Whether that key made the signature over one of the texts. */
function isMadeWith(signature: HttpSignature, key: KeyObject, texts: readonly string[]): boolean {
  const isCavage = signature.scheme === 'cavage'
  const { asymmetricKeyType } = key
  if (asymmetricKeyType === 'rsa') {
    const hashes = isMadeBy(signature, 'rsa') ? ['sha256'] : []
    const given = { signature: signature.signature, key, texts }
    return isSignedByRsa({ ...given, hashes: isCavage ? cavageHashes(signature) : hashes })
  }
  if (asymmetricKeyType !== 'ed25519') return false
  if (!(isCavage ? isCavageEd25519(signature) : isMadeBy(signature, 'ed25519'))) return false
  return texts.some((text) => verifyBytes(null, Buffer.from(text), key, signature.signature))
}

function textsOf(signature: HttpSignature, request: Verification): readonly string[] | undefined {
  if (signature.scheme === 'cavage') return cavageTexts(signature, request)
  const text = messageText(signature, request)
  return text === undefined ? undefined : [text]
}

/**
 * Whether the holder of that key sent exactly this request to us, now. Pure; costs no public-key
 * operation when anything cheaper is wrong, else one, or two with Ed25519 and a query.
 */
export function verifySignature(request: Verification): Verdict {
  const signature = request.signature ?? readSignature(request.headers)
  if (signature === undefined) return { ok: false, reason: 'no-signature' }
  const isCavage = signature.scheme === 'cavage'
  const reason = (isCavage ? faultOfCavage : faultOfMessage)(signature, request)
  if (reason !== undefined) return { ok: false, reason }
  const texts = textsOf(signature, request)
  if (texts === undefined) return { ok: false, reason: 'missing-header' }
  if (!isMadeWith(signature, request.publicKey, texts))
    return { ok: false, reason: 'wrong-signature' }
  const { created = 0 } = signature
  return { ok: true, signedAt: isCavage ? cavageTime(signature, request) : created * 1000 }
}

/**
 * Headers that a signature adds: `host`, `date`, `signature`, of a body its digest and `content-type`,
 * and with RFC 9421 `signature-input`.
 */
export type SignedHeaders = Readonly<Record<string, string>>

/** Signs now, or in the thread pool. */
export type Sign = (request: SignRequest) => SignedHeaders | Promise<SignedHeaders>

type Prepared = {
  readonly text: string
  readonly seal: (signature: Buffer) => SignedHeaders
}

function prepare(request: SignRequest): Prepared {
  const url = typeof request.url === 'string' ? new URL(request.url) : request.url
  if (request.scheme === 'rfc9421') {
    const unsigned = toSignMessage(request, url)
    return {
      text: unsigned.text,
      seal(signature) {
        sealMessage(unsigned, unsigned.parameters, signature)
        return unsigned.headers
      },
    }
  }
  const unsigned = toSignCavage(request, url)
  return {
    text: unsigned.text,
    seal(signature) {
      sealCavage(unsigned, request, signature)
      return unsigned.headers
    },
  }
}

const hashFor = ({ asymmetricKeyType }: KeyObject): string | null =>
  asymmetricKeyType === 'ed25519' ? null : 'sha256'

/** The headers that sign this request, dated `date`; for the event loop's own thread. */
export function signRequest(request: SignRequest): SignedHeaders {
  const { text, seal } = prepare(request)
  const { privateKey } = request
  return seal(signBytes(hashFor(privateKey), Buffer.from(text), privateKey))
}

/** As `signRequest`, with the RSA operation (0.7 ms) in the thread pool. */
export function signRequestInPool(request: SignRequest): Promise<SignedHeaders> {
  const { text, seal } = prepare(request)
  const { privateKey } = request
  return new Promise((resolve, reject) => {
    signBytes(hashFor(privateKey), Buffer.from(text), privateKey, (error, signature) => {
      if (error === null) resolve(seal(signature))
      else reject(error)
    })
  })
}
