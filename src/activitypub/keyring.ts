import { createPublicKey, type KeyObject } from 'node:crypto'

import type { ActorId } from '../model/ids.ts'
import type { Clock } from '../model/clock.ts'
import type { PublicKey, RemoteActor } from '../model/actor.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { asActorId } from '../model/ids.ts'
import { createAtOnce, type Most } from './at-once.ts'
import type { DocumentFetch, FetchedDocument } from './fetch.ts'
import { createLru } from './lru.ts'
import { hostOf, isSameHost } from './parse-values.ts'
import { parseActor, parsePublicKeys } from './parse.ts'

export type OwnedKey = { readonly owner: ActorId; readonly key: KeyObject }

type KeysOf = Pick<RemoteActor, 'id' | 'publicKeys' | 'fetchedAt'>

export type KeyringDeps = {
  readonly fetchDocument: DocumentFetch
  readonly findRemoteActor: (id: ActorId) => Promise<RemoteActor | undefined>
  /** Of an actor that is known, its keys alone. */
  readonly findKeysOf: (id: ActorId) => Promise<KeysOf | undefined>
  readonly saveRemoteActor: (actor: RemoteActor) => Promise<void>
  readonly clock: Clock
  /** Keys kept in memory. */
  readonly size?: number
}

/**
 * Whose key a signature names. Both throw `RejectedError` when that key can prove nothing (code
 * `gone` when its actor is deleted) and `TransientError` when it cannot be had just now.
 */
export type Keyring = {
  /** From memory, from the stored actor, else fetched. */
  readonly keyFor: (keyId: string) => Promise<OwnedKey>
  /**
   * For a wrong signature, which a new key would explain: fetched again, but the same key as before
   * when it was fetched within the last minute.
   */
  readonly refetch: (keyId: string) => Promise<OwnedKey>
}

const longestKeyId = 2_048
const refetchAfter = 60_000
/**
 * A key is taken from memory for so long, then it is what its actor has by now: one that it has
 * replaced, because somebody may have read it, proves nothing any more.
 */
const rememberedFor = 600_000
/** Of actors that are not stored, whose Updates are not heard. */
const unmetFor = 86_400_000
const refusalLasts = 600_000
const silenceLasts = 30_000
/** Keys that are being fetched: whoever names many of a victim must not flood it. */
const mostAtOnce: Most = { all: 64, ofHost: 4 }

type Kept = OwnedKey & {
  readonly pem: string
  readonly fetchedAt: number
  /** When it was last looked for among what is stored. */
  readonly checkedAt: number
}
type Miss = { readonly until: number; readonly error: RejectedError | TransientError }

/** RSA of a size that neither breaks nor takes long, and Ed25519. */
function readKey({ id, pem }: PublicKey): KeyObject {
  const key = parseKey(pem)
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0
  if (key?.asymmetricKeyType === 'rsa' && bits >= 1024 && bits <= 8192) return key
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new RejectedError(`key ${id} is no RSA or Ed25519 key`, { code: 'unusable-key' })
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem)
  } catch {
    return undefined
  }
}

/**
 * The actor's key of that id, where both name each other and stand on one host. Some servers
 * (activitypub-express) name the actor instead: then its first key is meant.
 */
function ownKeyOf(actor: KeysOf, keyId: string): PublicKey | undefined {
  if (!isSameHost(actor.id, keyId)) return undefined
  const own = actor.publicKeys.filter((key) => key.owner === actor.id)
  return own.find((key) => key.id === keyId) ?? (keyId === actor.id ? own[0] : undefined)
}

function withoutFragment(url: string): string {
  const [base = url] = url.split('#', 1)
  return base
}

/** Whose key it might be, by the usual forms of key ids: `…#main-key`, and GoToSocial's `…/main-key`. */
export const likelyOwners = (keyId: string): readonly ActorId[] => {
  const base = withoutFragment(keyId)
  const parent = base.replace(/\/(?:main-key|publickey|public_key_pem)$/i, '')
  return [...new Set([base, parent])].map(asActorId)
}

type Owner = FetchedDocument & {
  /** What the key's own document says, where it has one. */
  readonly apart?: PublicKey
}

/** The document of whoever owns the key, which has the last word on whether it does. */
async function fetchOwner(keyId: string, fetchDocument: DocumentFetch): Promise<Owner> {
  const found = await fetchDocument(withoutFragment(keyId))
  const stated = parsePublicKeys(found.document).find((key) => key.id === keyId)
  const owner = stated?.owner
  if (stated === undefined || owner === found.document['id'] || owner === found.url) return found
  if (isSameHost(stated.owner, keyId))
    return { ...(await fetchDocument(stated.owner)), apart: stated }
  throw new RejectedError(`key ${keyId} names an owner on another host`, { code: 'hostile' })
}

type Found = { readonly stated: PublicKey; readonly fetchedAt: number }

/** `known`: what can be read for certain, as it was. */
async function findStored(
  keyId: string,
  { findKeysOf }: KeyringDeps,
  known?: Kept,
): Promise<Found | undefined> {
  for (const id of likelyOwners(keyId)) {
    const actor = await findKeysOf(id)
    const stated = actor === undefined ? undefined : ownKeyOf(actor, keyId)
    if (actor === undefined || stated === undefined) continue
    if (stated.pem === known?.pem || parseKey(stated.pem) !== undefined)
      return { stated, fetchedAt: actor.fetchedAt }
  }
  return undefined
}

/** Whether the actor has that key by its id alone: what it is, its own document says. */
function isNamedBy({ document }: FetchedDocument, actor: RemoteActor, key: PublicKey): boolean {
  const { publicKey, assertionMethod } = document
  return key.owner === actor.id && [publicKey, assertionMethod].flat().includes(key.id)
}

async function fetchKey(keyId: string, deps: KeyringDeps): Promise<Found> {
  const found = await fetchOwner(keyId, deps.fetchDocument)
  const { document, fetchedAt, apart } = found
  const given = parseActor(document, fetchedAt)
  const isApart = apart !== undefined && isNamedBy(found, given, apart)
  const actor = isApart ? { ...given, publicKeys: [...given.publicKeys, apart] } : given
  const stated = ownKeyOf(actor, keyId)
  if (stated === undefined) {
    throw new RejectedError(`${actor.id} does not own key ${keyId}`, { code: 'hostile' })
  }
  const stored = await deps.findRemoteActor(actor.id)
  // Only the keys: names are told by whoever looks the actor up, and its handle needs WebFinger.
  if (stored !== undefined) await deps.saveRemoteActor({ ...stored, publicKeys: actor.publicKeys })
  return { stated, fetchedAt }
}

function hostOfKey(keyId: string): string {
  const host = keyId.length > longestKeyId ? undefined : hostOf(keyId)
  if (host !== undefined && /^https?:/i.test(keyId)) return host
  throw new RejectedError('the key id is no URL', { code: 'unusable-key' })
}

function missOf(error: unknown, now: number): Miss | undefined {
  if (error instanceof RejectedError) return { error, until: now + refusalLasts }
  return error instanceof TransientError ? { error, until: now + silenceLasts } : undefined
}

/** Keys of remote actors, checked for ownership in both directions (see `Keyring`). */
export function createKeyring(deps: KeyringDeps): Keyring {
  const { clock } = deps
  const kept = createLru<Kept>(deps.size ?? 5_000)
  const misses = createLru<Miss>(5_000)
  const running = new Map<string, Promise<Kept>>()
  const atOnce = createAtOnce(mostAtOnce)

  const note = (keyId: string, entry: Kept): Kept => (kept.set(keyId, entry), entry)
  const keep = (keyId: string, { stated, fetchedAt }: Found): Kept => {
    const { owner, pem } = stated
    return note(keyId, { owner, pem, key: readKey(stated), fetchedAt, checkedAt: clock.now() })
  }
  const fetchAndKeep = async (keyId: string, host: string): Promise<Kept> => {
    const leave = atOnce.enter(host)
    if (leave === undefined) throw new TransientError(`too many keys of ${host} are being fetched`)
    try {
      return keep(keyId, await fetchKey(keyId, deps))
    } catch (error) {
      const miss = missOf(error, clock.now())
      if (miss !== undefined) misses.set(keyId, miss)
      throw error
    } finally {
      leave()
    }
  }
  const fetchOnce = (keyId: string, host: string): Promise<Kept> => {
    const known = running.get(keyId)
    if (known !== undefined) return known
    const miss = misses.get(keyId)
    if (miss !== undefined && miss.until > clock.now()) return Promise.reject(miss.error)
    const started = fetchAndKeep(keyId, host).finally(() => running.delete(keyId))
    running.set(keyId, started)
    return started
  }
  const keyFor = async (keyId: string): Promise<Kept> => {
    const known = kept.get(keyId)
    const now = clock.now()
    if (known !== undefined && now - known.checkedAt < rememberedFor) return known
    const host = hostOfKey(keyId)
    const stored = await findStored(keyId, deps)
    if (stored !== undefined) return keep(keyId, stored)
    const isRecent = known !== undefined && now - known.fetchedAt < unmetFor
    if (isRecent && (await deps.findRemoteActor(known.owner)) === undefined)
      return note(keyId, { ...known, checkedAt: now })
    return fetchOnce(keyId, host)
  }
  return {
    keyFor,
    async refetch(keyId) {
      const known = await keyFor(keyId)
      // Its actor may have told of another one since.
      const stored = await findStored(keyId, deps, known)
      if (stored !== undefined && stored.stated.pem !== known.pem) return keep(keyId, stored)
      if (clock.now() - known.fetchedAt < refetchAfter) return known
      return fetchOnce(keyId, hostOf(keyId) ?? keyId)
    },
  }
}
