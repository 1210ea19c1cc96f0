import { createPublicKey, type KeyObject } from 'node:crypto'

/** Base58 as Bitcoin writes it: no 0, O, I and l, which look like others. */
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const digits = new Map(Array.from(alphabet, (sign, value) => [sign, value]))
/** Characters; the work grows with their square. */
const longest = 256

/** Multibase base58btc: `z`, then the bytes as one large number. */
export function encodeMultibase(bytes: Uint8Array): string {
  const places: number[] = []
  for (const byte of bytes) {
    let carry = byte
    for (let at = 0; at < places.length || carry > 0; at++) {
      carry += (places[at] ?? 0) * 256
      places[at] = carry % 58
      carry = Math.floor(carry / 58)
    }
  }
  const leading = bytes.findIndex((byte) => byte !== 0)
  const zeros = '1'.repeat(leading === -1 ? bytes.length : leading)
  return `z${zeros}${places
    .reverse()
    .map((place) => alphabet[place])
    .join('')}`
}

/** The bytes of a multibase text in base58btc; undefined for any other, and for a very long one. */
export function decodeMultibase(text: string): Buffer | undefined {
  if (!text.startsWith('z') || text.length > longest) return undefined
  const bytes: number[] = []
  for (const sign of text.slice(1)) {
    let carry = digits.get(sign)
    if (carry === undefined) return undefined
    for (let at = 0; at < bytes.length || carry > 0; at++) {
      carry += (bytes[at] ?? 0) * 58
      bytes[at] = carry % 256
      carry = Math.floor(carry / 256)
    }
  }
  const zeros = /^z(1*)/.exec(text)?.[1]?.length ?? 0
  return Buffer.from([...new Array<number>(zeros).fill(0), ...bytes.reverse()])
}

/** Multicodec `ed25519-pub`, 0xed as a varint. */
const ed25519 = Buffer.from([0xed, 0x01])
/** What stands before the 32 bytes of an Ed25519 key in SPKI (RFC 8410). */
const spki = Buffer.from('302a300506032b6570032100', 'hex')

/** `publicKeyMultibase` of an Ed25519 key (Controlled Identifiers 1.0, 2.2.2). */
export function encodeMultikey(publicKey: KeyObject): string {
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(spki.length)
  return encodeMultibase(Buffer.concat([ed25519, raw]))
}

/** The Ed25519 key that a `publicKeyMultibase` is; undefined for other kinds of keys and nonsense. */
export function decodeMultikey(text: string): KeyObject | undefined {
  const bytes = decodeMultibase(text)
  if (bytes?.length !== ed25519.length + 32 || !bytes.subarray(0, 2).equals(ed25519)) {
    return undefined
  }
  const key = Buffer.concat([spki, bytes.subarray(ed25519.length)])
  return createPublicKey({ key, format: 'der', type: 'spki' })
}
