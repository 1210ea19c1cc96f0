import { constants, hash, type KeyObject, publicDecrypt } from 'node:crypto'

/** RFC 8017, 9.2, note 1: DER of a DigestInfo up to the hash itself. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ['sha256', '3031300d060960864801650304020105000420'],
  ['sha512', '3051300d060960864801650304020305000440'],
])

/** What the signature is over, as its DigestInfo in hexadecimal; undefined where that key did not make it. */
function recover(signature: Buffer, key: KeyObject): string | undefined {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (signature.length !== Math.ceil(bits / 8)) return undefined
  try {
    const padding = constants.RSA_PKCS1_PADDING
    return publicDecrypt({ key, padding }, signature).toString('hex')
  } catch {
    return undefined
  }
}

export type RsaSignature = {
  readonly signature: Buffer
  readonly key: KeyObject
  /** Any of these may have been signed, with any of these hashes. */
  readonly texts: readonly string[]
  readonly hashes: readonly string[]
}

/**
 * Whether it is a signature of RSASSA-PKCS1-v1_5 over one of the texts, by one public-key operation
 * however many there are: the whole of what was signed has to be what it should be (RFC 8017, 8.2.2).
 */
export function isSignedByRsa({ signature, key, texts, hashes }: RsaSignature): boolean {
  if (hashes.length === 0) return false
  const signed = recover(signature, key)
  if (signed === undefined) return false
  return texts.some((text) =>
    hashes.some((name) => {
      const prefix = prefixes.get(name)
      return prefix !== undefined && `${prefix}${hash(name, text, 'hex')}` === signed
    }),
  )
}
