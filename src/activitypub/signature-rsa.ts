import { constants, hash, type KeyObject, publicDecrypt, verify } from 'node:crypto'

/** RFC 8017, 9.2, note 1: DER of a DigestInfo up to the hash itself. */
const prefixes: ReadonlyMap<string, Buffer> = new Map([
  ['sha256', Buffer.from('3031300d060960864801650304020105000420', 'hex')],
  ['sha512', Buffer.from('3051300d060960864801650304020305000440', 'hex')],
])

/** The block that the signature is of; undefined where it is none of that key. */
function recover(signature: Buffer, key: KeyObject): Buffer | undefined {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (signature.length !== Math.ceil(bits / 8)) return undefined
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature)
  } catch {
    return undefined
  }
}

/** RFC 8017, 9.2: the only block of that length that stands for the text. */
function blockOf(text: string, name: string, length: number): Buffer | undefined {
  const prefix = prefixes.get(name)
  if (prefix === undefined) return undefined
  const tail = Buffer.concat([Buffer.of(0), prefix, hash(name, text, 'buffer')])
  // At least eight bytes fill it.
  if (length < tail.length + 10) return undefined
  const block = Buffer.alloc(length, 0xff)
  block[0] = 0
  block[1] = 1
  tail.copy(block, length - tail.length)
  return block
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
  const [text, ...otherTexts] = texts
  const [name, ...otherHashes] = hashes
  if (text === undefined || name === undefined) return false
  // Of one text and one hash, this says the same in a bit more than half of the time.
  if (otherTexts.length === 0 && otherHashes.length === 0)
    return verify(name, Buffer.from(text), key, signature)
  const signed = recover(signature, key)
  if (signed === undefined) return false
  return texts.some((one) =>
    hashes.some((other) => blockOf(one, other, signed.length)?.equals(signed) === true),
  )
}
