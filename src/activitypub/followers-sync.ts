import { hash } from 'node:crypto'
import { isSameHost } from './parse-values.ts'
import { httpUrlOf } from './parse-values.ts'

/** FEP-8fcf: both ends of a follow compare, by a digest, what they know of each other. */

/** Followers of one actor on one server: beyond that nothing is compared. */
export const mostFollowersOfHost = 5_000

/** What `Collection-Synchronization` says. */
export type SyncHeader = {
  readonly collectionId: string
  /** Where the followers are listed that are on the reader's server. */
  readonly url: string
  /** Hexadecimal, lower case. */
  readonly digest: string
}

/** SHA-256 of every id, all of them XORed: in no order. */
export function followersDigest(ids: Iterable<string>): string {
  const sum = Buffer.alloc(32)
  for (const id of ids) {
    const one = hash('sha256', id, 'buffer')
    for (let index = 0; index < sum.length; index++) {
      sum[index] = (sum[index] ?? 0) ^ (one[index] ?? 0)
    }
  }
  return sum.toString('hex')
}

export const formatSyncHeader = ({ collectionId, url, digest }: SyncHeader): string =>
  `collectionId="${collectionId}", url="${url}", digest="${digest}"`

const longestHeader = 5_000
const parameter = /\s*([A-Za-z]{1,20})="([^"\\]*)"\s*(?:,|$)/y

/** Undefined for what is malformed, or speaks of another server than that of `actor`. */
export function readSyncHeader(value: unknown, actor: string): SyncHeader | undefined {
  if (typeof value !== 'string' || value.length > longestHeader) return undefined
  const found = new Map<string, string>()
  parameter.lastIndex = 0
  while (parameter.lastIndex < value.length) {
    const [whole, name = '', text = ''] = parameter.exec(value) ?? []
    if (whole === undefined || found.has(name)) return undefined
    found.set(name, text)
  }
  const collectionId = httpUrlOf(found.get('collectionId'))
  const url = httpUrlOf(found.get('url'))
  const digest = found.get('digest')?.toLowerCase()
  if (collectionId === undefined || url === undefined || digest === undefined) return undefined
  if (!/^[0-9a-f]{64}$/.test(digest)) return undefined
  if (!isSameHost(collectionId, actor) || !isSameHost(url, actor)) return undefined
  return { collectionId, url, digest }
}
