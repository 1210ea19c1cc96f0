import { asActorId } from '../model/ids.ts'
import type { ActorDetails, ActorKind, PublicKey, RemoteActor } from '../model/actor.ts'
import {
  bounds,
  hostOf,
  httpUrlOf,
  idOf,
  isJson,
  isSameHost,
  languageText,
  listOf,
  pageOf,
  Refusal,
  textOf,
  typesOf,
} from './parse-values.ts'
import type { Json } from './parse-values.ts'
import { decodeMultikey } from './multikey.ts'
import { readWishes } from './parse-wishes.ts'

const kinds: ReadonlyMap<string, ActorKind> = new Map([
  ['Person', 'Person'],
  ['Service', 'Service'],
  ['Group', 'Group'],
  ['Organization', 'Organization'],
  ['Application', 'Application'],
])

/** The actor kind among the types; undefined for what is no actor. */
export function actorKindOf(document: Json): ActorKind | undefined {
  for (const type of typesOf(document)) {
    const kind = kinds.get(type)
    if (kind !== undefined) return kind
  }
  return undefined
}

/**
 * An actor document. `host` is the host of the id: a handle on another domain is a claim, which
 * only WebFinger can prove.
 */
export function readActor(document: unknown, at: number): RemoteActor | Refusal {
  if (!isJson(document)) return new Refusal('not-activitypub', 'not a JSON object')
  const kind = actorKindOf(document)
  if (kind === undefined) return new Refusal('not-activitypub', 'not an actor')
  const id = idOf(document)
  const host = id === undefined ? undefined : hostOf(id)
  if (id === undefined || host === undefined) {
    return new Refusal('not-activitypub', 'an actor without id')
  }
  const inbox = httpUrlOf(document['inbox'])
  if (inbox === undefined) return new Refusal('not-activitypub', `actor ${id} has no inbox`)
  const username = usernameOf(document, id)
  if (username === undefined) {
    return new Refusal('not-activitypub', `actor ${id} has no usable preferredUsername`)
  }
  return {
    id: asActorId(id),
    kind,
    username,
    host,
    inbox,
    publicKeys: readPublicKeys(document),
    fetchedAt: at,
    ...optional('name', languageText(document, 'name', bounds.name)),
    ...optional('summary', languageText(document, 'summary', bounds.summary)),
    ...optional('url', pageOf(document['url'])),
    ...optional('icon', imageOf(document['icon'])),
    ...optional('sharedInbox', sharedInboxOf(document, inbox)),
    ...optional('outbox', idOf(document['outbox'])),
    ...optional('followers', idOf(document['followers'])),
    ...optional('details', detailsOf(document)),
    ...optional('featured', idOf(document['featured'])),
  }
}

/** `exactOptionalPropertyTypes`: an absent member is absent, not undefined. */
export function optional<Name extends string, T>(
  name: Name,
  value: T | undefined,
): Partial<Record<Name, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, T>)
}

// No separators of handles, paths or URLs: such a name could be read as another one.
const usable = /^[^\s@/\\:?#%\p{C}]{1,128}$/u

/** Software without preferredUsername exists (Lemmy's own instance actor): the id's last part, else its host. */
function usernameOf(document: Json, id: string): string | undefined {
  const stated = textOf(document['preferredUsername'], bounds.username + 1)
  if (stated !== undefined) return usable.test(stated) ? stated : undefined
  const claim = textOf(document['webfinger'], bounds.id)?.split('@')[0]
  if (claim !== undefined && usable.test(claim)) return claim
  const url = new URL(id)
  const last = url.pathname.split('/').findLast((part) => part !== '') ?? url.hostname
  const name = last.startsWith('@') ? last.slice(1) : last
  return usable.test(name) ? name : undefined
}

// A shared inbox elsewhere would carry what is meant for this actor to somebody else's server.
function sharedInboxOf(document: Json, inbox: string): string | undefined {
  const endpoints = document['endpoints']
  const shared = httpUrlOf(isJson(endpoints) ? endpoints['sharedInbox'] : document['sharedInbox'])
  return shared !== undefined && isSameHost(shared, inbox) ? shared : undefined
}

/** `PropertyValue` is what Mastodon calls a line of the table; its value is HTML. */
function fieldsOf(document: Json): ActorDetails['fields'] {
  const fields: { name: string; value: string }[] = []
  for (const item of listOf(document['attachment'])) {
    if (fields.length === bounds.fields) break
    if (!isJson(item) || !typesOf(item).includes('PropertyValue')) continue
    const name = textOf(item['name'], bounds.fieldName)
    const value = textOf(item['value'], bounds.name)
    if (name !== undefined && value !== undefined) fields.push({ name, value })
  }
  return fields
}

function detailsOf(document: Json): ActorDetails | undefined {
  const header = imageOf(document['image'])
  const fields = fieldsOf(document)
  const isLocked = document['manuallyApprovesFollowers'] === true
  const alsoKnownAs = aliasesOf(document)
  const wishes = readWishes(document, fields)
  const isPlain = header === undefined && fields.length === 0 && !isLocked
  if (isPlain && alsoKnownAs === undefined && wishes === undefined) return undefined
  return {
    fields,
    isLocked,
    ...optional('header', header),
    ...optional('alsoKnownAs', alsoKnownAs),
    ...optional('wishes', wishes),
  }
}

function aliasesOf(document: Json): ActorDetails['alsoKnownAs'] {
  const ids = listOf(document['alsoKnownAs']).slice(0, bounds.aliases).map(idOf)
  const aliases = ids.filter((id) => id !== undefined).map(asActorId)
  return aliases.length === 0 ? undefined : aliases
}

function imageOf(icon: unknown): string | undefined {
  for (const item of listOf(icon)) {
    const url = isJson(item) ? pageOf(item['url'] ?? item['href']) : httpUrlOf(item)
    if (url !== undefined) return url
  }
  return undefined
}

/**
 * The public keys that an actor document states, or the one that a key document is. Whether the
 * owner agrees is for the reader to check: it has to look at the owner's document.
 */
export function readPublicKeys(document: unknown): readonly PublicKey[] {
  if (!isJson(document)) return []
  const keys = new Map<string, PublicKey>()
  for (const key of statedKeys(document)) {
    const id = idOf(key)
    const owner = idOf(key['owner'] ?? key['controller']) ?? idOf(document)
    const pem = pemOf(key)
    if (id === undefined || owner === undefined || pem === undefined) continue
    // The first of an id counts: Fedify names its RSA key again, as a Multikey.
    if (!keys.has(id)) keys.set(id, { id, owner: asActorId(owner), pem })
    if (keys.size === bounds.keys) break
  }
  return [...keys.values()]
}

/** `publicKey`, then what FEP-521a adds to it; of a key document the key that it is. */
function statedKeys(document: Json): readonly Json[] {
  if (pemOf(document) !== undefined) return [document]
  const { publicKey, assertionMethod } = document
  const stated = [publicKey, assertionMethod].flatMap((one) => listOf(one).slice(0, bounds.keys))
  return stated.filter(isJson)
}

/** As PEM, whichever way it is written; of Multikeys those of Ed25519. */
function pemOf({ publicKeyPem, publicKeyMultibase }: Json): string | undefined {
  if (typeof publicKeyPem === 'string')
    return publicKeyPem.length <= bounds.pem ? publicKeyPem : undefined
  if (typeof publicKeyMultibase !== 'string') return undefined
  return decodeMultikey(publicKeyMultibase)?.export({ type: 'spki', format: 'pem' }).toString()
}
