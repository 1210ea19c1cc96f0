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

/** How that key would have made the signature: hashes for RSA, null for Ed25519, nothing for others. */
function waysOf(signature: HttpSignature, { asymmetricKeyType }: KeyObject): (string | null)[] {
  const isCavage = signature.scheme === 'cavage'
  if (asymmetricKeyType === 'ed25519')
    return (isCavage ? isCavageEd25519(signature) : isMadeBy(signature, 'ed25519')) ? [null] : []
  if (asymmetricKeyType !== 'rsa') return []
  if (isCavage) return [...cavageHashes(signature)]
  return isMadeBy(signature, 'rsa') ? ['sha256'] : []
}

function textsOf(signature: HttpSignature, request: Verification): readonly string[] | undefined {
  if (signature.scheme === 'cavage') return cavageTexts(signature, request)
  const text = messageText(signature, request)
  return text === undefined ? undefined : [text]
}

/**
 * Whether the holder of that key sent exactly this request to us, now. Pure; costs no public-key
 * operation when anything cheaper is wrong, one when all is right, and at most four.
 */
export function verifySignature(request: Verification): Verdict {
  const signature = request.signature ?? readSignature(request.headers)
  if (signature === undefined) return { ok: false, reason: 'no-signature' }
  const isCavage = signature.scheme === 'cavage'
  const reason = (isCavage ? faultOfCavage : faultOfMessage)(signature, request)
  if (reason !== undefined) return { ok: false, reason }
  const texts = textsOf(signature, request)
  if (texts === undefined) return { ok: false, reason: 'missing-header' }
  const { publicKey } = request
  const isRight = texts.some((text) => {
    const bytes = Buffer.from(text)
    return waysOf(signature, publicKey).some((way) =>
      verifyBytes(way, bytes, publicKey, signature.signature),
    )
  })
  if (!isRight) return { ok: false, reason: 'wrong-signature' }
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
