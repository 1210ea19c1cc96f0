import { hash } from 'node:crypto'
import type { ActorId } from '../model/ids.ts'
import type { FollowersSync } from '../model/followers-sync.ts'
import type { NewJob } from '../model/job.ts'
import { actorUrls } from './actor-document.ts'
import { httpUrlOf, isJson, isSameHost, listOf } from './parse-values.ts'
import { readSignature } from './signature.ts'
import type { RequestHeaders } from './signature.ts'

/** FEP-8fcf: both ends of a follow compare, by a digest, what they know of each other. */

/** Followers of one actor on one server: beyond that nothing is compared. */
export const mostFollowersOfHost = 5_000

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

export const formatSyncHeader = ({ collectionId, url, digest }: FollowersSync): string =>
  `collectionId="${collectionId}", url="${url}", digest="${digest}"`

const longestHeader = 5_000
const parameter = /\s*([A-Za-z]{1,20})="([^"\\]*)"\s*(?:,|$)/y

/** Undefined for what is malformed, or speaks of another server than that of `actor`. */
export function readSyncHeader(value: unknown, actor: string): FollowersSync | undefined {
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

/** Where our own followers are listed for servers that they are on. */
const partialFollowersOf = (actor: ActorId): string =>
  `${actorUrls(actor).followers}/synchronization`

export type FollowersOn = (id: ActorId, base: string, limit: number) => Promise<readonly ActorId[]>

const headerName = 'collection-synchronization'

/** Whether an activity (JSON text) is for the followers of `signer`. */
export function isForFollowers(document: string, signer: ActorId): boolean {
  const { followers } = actorUrls(signer)
  if (!document.includes(followers)) return false
  const activity: unknown = JSON.parse(document)
  return (
    isJson(activity) && [...listOf(activity['to']), ...listOf(activity['cc'])].includes(followers)
  )
}

/**
 * The header for one delivery to the followers of `signer`; undefined where there are more of them on
 * that server than are compared.
 */
export async function syncHeaderFor(
  { signer, inbox }: { readonly signer: ActorId; readonly inbox: string },
  followersOn: FollowersOn,
): Promise<Readonly<Record<string, string>> | undefined> {
  const base = new URL('/', inbox).href
  const ids = await followersOn(signer, base, mostFollowersOfHost + 1)
  if (ids.length > mostFollowersOfHost) return undefined
  const collectionId = actorUrls(signer).followers
  const sync = { collectionId, url: partialFollowersOf(signer), digest: followersDigest(ids) }
  return { [headerName]: formatSyncHeader(sync) }
}

export type SyncJob = NewJob & { readonly host: string }

export type SyncDeps = {
  readonly publicUrl: string
  readonly now: () => number
  readonly followersOn: FollowersOn
}

/** A Follow, an Undo or an Accept may be under way; and who posts much is asked no more than this often. */
const syncDelay = 60_000
const syncPause = 600_000

/**
 * The job that compares what a sender's server knows of our followers of them with what we know, where
 * the digests differ. The header counts only where the signature covers it.
 */
export async function syncJobFor(
  actorId: ActorId,
  headers: RequestHeaders,
  { publicUrl, now, followersOn }: SyncDeps,
): Promise<SyncJob | undefined> {
  const sync = readSyncHeader(headers[headerName], actorId)
  if (sync === undefined || readSignature(headers)?.covered.includes(headerName) !== true)
    return undefined
  const ids = await followersOn(actorId, `${publicUrl}/`, mostFollowersOfHost + 1)
  if (ids.length > mostFollowersOfHost || followersDigest(ids) === sync.digest) return undefined
  return {
    kind: 'upkeep',
    key: `sync ${actorId} ${Math.floor(now() / syncPause)}`,
    lane: `upkeep:sync ${actorId}`,
    host: new URL(actorId).host,
    payload: JSON.stringify({ type: 'sync-followers', actorId, sync }),
    runAt: now() + syncDelay,
  }
}
