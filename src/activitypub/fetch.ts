import type { ActorId } from '../model/ids.ts'
import type { Clock } from '../model/clock.ts'
import type { HttpRequest } from '../model/http.ts'
import { RejectedError } from '../model/errors.ts'
import { deepestDocument, maxDepth } from './depth.ts'
import { failureOf, getFollowing, type Landed } from './follow.ts'
import { hostOf, idOf, isJson, isSameHost, type Json } from './parse-values.ts'
import type { SigningKey } from './key-pairs.ts'
import type { SignedHttp } from './signed-http.ts'

export type DocumentFetchDeps = {
  readonly http: SignedHttp
  readonly clock: Clock
  readonly userAgent: string
  /** The instance actor's key: servers in secure mode answer nobody who does not sign. */
  readonly signer: () => Promise<SigningKey>
  /** The key of one of our people. */
  readonly keyOf: (id: ActorId) => Promise<SigningKey>
}

export type FetchedDocument = {
  /** Where it was found, without fragment. */
  readonly url: string
  readonly document: Json
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number
}

/**
 * Which documents an answer may be. `itself`: only the one whose id is the URL it was found at.
 * `anything`: a page of a collection, say, that has no id of its own but speaks for its host; it
 * must be found on the host that was asked.
 */
export type Identity = 'itself' | 'anything'

/**
 * Safe to call many times at once: one URL is fetched once at a time. `as`: somebody of ours who may
 * read what is there; their key signs once more where the instance actor is refused, and only on the
 * host of that URL. Errors of `Fediverse`.
 */
export type DocumentFetch = (
  url: string,
  identity?: Identity,
  as?: ActorId,
) => Promise<FetchedDocument>

type Asking = {
  readonly as: ActorId | undefined
  /** What was asked for: the only host that hears who reads. */
  readonly given: string
  readonly deps: DocumentFetchDeps
}

export const longestDocument = 1_000_000
const timeout = 30_000
const accept =
  'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
const namespace = 'https://www.w3.org/ns/activitystreams'

/**
 * ActivityPub 3.2. Nothing else passes: any server that stores people's files can be made to
 * answer `application/json` of a stranger's making.
 */
export function isActivityType(header: string | undefined): boolean {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim())
  if (type.toLowerCase() === 'application/activity+json') return true
  if (type.toLowerCase() !== 'application/ld+json') return false
  return parameters.some((parameter) => {
    const profile = /^profile="?([^"]*)"?$/i.exec(parameter)?.[1]
    return profile?.split(' ').some((one) => one.replace(/#$/, '') === namespace) === true
  })
}

const withoutFragment = (url: string): string => {
  const hash = url.indexOf('#')
  return hash === -1 ? url : url.slice(0, hash)
}

const isSameUrl = (a: string, b: string): boolean =>
  a === b || URL.parse(a)?.href === URL.parse(b)?.href

const reject = (message: string, code: 'not-activitypub' | 'hostile', url: string): RejectedError =>
  new RejectedError(message, {
    code,
    tell: `${hostOf(url) ?? url} answers with no usable fediverse document.`,
  })

function readDocument({ url, response }: Landed): Json {
  const type = response.headers['content-type']
  if (!isActivityType(type)) {
    throw reject(`${url} is ${type?.slice(0, 100) ?? 'of no type'}`, 'not-activitypub', url)
  }
  if (maxDepth(response.body) > deepestDocument) {
    throw reject(`${url} nests deeper than ${deepestDocument} levels`, 'hostile', url)
  }
  const document = parseJson(response.body)
  if (isJson(document)) return document
  throw reject(`${url} is no JSON object`, 'not-activitypub', url)
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

/** How servers answer who may not read a post: many do not even say that it is there. */
const refusals: ReadonlySet<number | undefined> = new Set([401, 403, 404])

/** A person's key is used only where it is needed: the instance actor asks first. */
async function load(url: string, { as, given, deps }: Asking): Promise<FetchedDocument> {
  try {
    return await loadSigned(url, () => deps.signer(), deps)
  } catch (error) {
    const isRefused = error instanceof RejectedError && refusals.has(error.status)
    if (as === undefined || !isRefused) throw error
    const keyFor = (target: string) => (isSameHost(target, given) ? deps.keyOf(as) : deps.signer())
    return loadSigned(url, keyFor, deps)
  }
}

async function loadSigned(
  url: string,
  keyFor: (url: string) => Promise<SigningKey>,
  deps: DocumentFetchDeps,
): Promise<FetchedDocument> {
  const headers = async () => ({ accept, 'user-agent': deps.userAgent })
  const http = async (request: HttpRequest) => deps.http(request, await keyFor(request.url))
  const given = { url, headers, timeout, maxBytes: longestDocument }
  const landed = await getFollowing({ http, clock: deps.clock }, given)
  const fetchedAt = deps.clock.now()
  const failure = failureOf(landed, fetchedAt)
  if (failure !== undefined) throw failure
  return { url: landed.url, document: readDocument(landed), fetchedAt }
}

const isItself = ({ url, document }: FetchedDocument): boolean => {
  const id = idOf(document)
  return id !== undefined && isSameUrl(withoutFragment(id), url)
}

/**
 * A document is its host's word only at its own id (FEP-fe34): one that was found elsewhere on that
 * host (a profile page, GoToSocial's key stubs) is fetched again from there.
 */
async function loadItself(url: string, asking: Asking): Promise<FetchedDocument> {
  const first = await load(url, asking)
  if (isItself(first)) return first
  const id = idOf(first.document)
  if (id === undefined || !isSameHost(id, first.url)) {
    throw reject(`${first.url} answers with ${id ?? 'no id'}`, 'hostile', url)
  }
  const second = await load(withoutFragment(id), asking)
  if (isItself(second)) return second
  throw reject(`${id} answers with another id`, 'hostile', url)
}

async function loadAnything(url: string, asking: Asking): Promise<FetchedDocument> {
  const found = await load(url, asking)
  if (isSameHost(found.url, url)) return found
  throw reject(`${url} is on another host, ${found.url}`, 'hostile', url)
}

/** Fetches ActivityPub documents: signed, bounded, and only from where they may speak. */
export function createDocumentFetch(deps: DocumentFetchDeps): DocumentFetch {
  const running = new Map<string, Promise<FetchedDocument>>()
  return (given, identity = 'itself', as) => {
    const url = withoutFragment(given)
    // What one person may read is not for whoever asks at the same time.
    const key = `${identity} ${as ?? ''} ${url}`
    const known = running.get(key)
    if (known !== undefined) return known
    const loading = identity === 'itself' ? loadItself : loadAnything
    const started = loading(url, { as, given: url, deps }).finally(() => running.delete(key))
    running.set(key, started)
    return started
  }
}
