import { hash } from 'node:crypto'
import { base64Of, readDictionary } from './structured-fields.ts'

/** What digests are made with here, by their names in lower case. */
const hashes: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
])

export type Bytes = string | Uint8Array
type Sum = readonly [name: string, base64: string]

/** The SHA-256 of a body, base64. */
export const sha256Of = (body: Bytes): string => hash('sha256', body, 'base64')

/** Whether at least one sum is of a kind that we know, and all of those are right, each once. */
function areRight(sums: readonly Sum[], body: Bytes): boolean {
  const seen: string[] = []
  for (const [name, base64] of sums) {
    const kind = hashes.get(name)
    if (kind === undefined) continue
    if (seen.includes(name) || hash(kind, body, 'base64') !== base64) return false
    seen.push(name)
  }
  return seen.length > 0
}

/** The sums in one `Digest` that are looked at. */
const mostSums = 8

/** `Digest` (RFC 3230), which goes with draft-cavage. */
export function isDigestOf(header: string, body: Bytes): boolean {
  const sums = header.split(',', mostSums).map((entry): Sum => {
    const equals = entry.indexOf('=')
    const end = equals === -1 ? entry.length : equals
    return [entry.slice(0, end).trim().toLowerCase(), entry.slice(end + 1).trim()]
  })
  return areRight(sums, body)
}

/** `Content-Digest` (RFC 9530), which goes with RFC 9421. */
export function isContentDigestOf(header: string, body: Bytes): boolean {
  const members = [...(readDictionary(header) ?? [])]
  return areRight(
    members.map(([name, { value }]): Sum => [name, base64Of(value) ?? '']),
    body,
  )
}
