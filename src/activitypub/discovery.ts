import { formatHandle, type Handle } from '../model/handle.ts'
import type { RemoteActor } from '../model/actor.ts'
import { RejectedError } from '../model/errors.ts'
import type { DocumentFetch, FetchedDocument } from './fetch.ts'
import {
  createWebFinger,
  type Descriptor,
  isSameHandle,
  normaliseHost,
  readAccount,
  type WebFinger,
  type WebFingerDeps,
} from './webfinger-client.ts'
import { hostOf, httpUrlOf } from './parse-values.ts'
import { parseActor } from './parse.ts'

export type DiscoveryDeps = WebFingerDeps & { readonly fetchDocument: DocumentFetch }

/**
 * Finds actors, and proves their handles: the handle's host names the actor, and the actor, or the
 * host of its id, names the handle. Errors of `Fediverse`, with texts for the user.
 */
export type Discovery = {
  /** A handle, or the address of a profile page or an actor. */
  readonly lookup: (target: Handle | { readonly url: string }) => Promise<RemoteActor>
  /** By id. A handle that cannot be proven is that of the id's own host. */
  readonly fetchActor: (id: string) => Promise<RemoteActor>
}

type Found = { readonly actor: RemoteActor; readonly claim: Handle | undefined }

const dishonest = (handle: Handle, why: string): RejectedError =>
  new RejectedError(`${formatHandle(handle)}: ${why}`, {
    code: 'hostile',
    tell: `I cannot use ${formatHandle(handle)}: the account it leads to does not go by that name.`,
  })

function readFound({ document, fetchedAt }: FetchedDocument): Found {
  // FEP-2c59: a claim until the claimed host has been asked.
  return { actor: parseActor(document, fetchedAt), claim: readAccount(document['webfinger']) }
}

const ownNameOf = ({ id, username, host }: RemoteActor): Handle => ({
  username,
  host: hostOf(id) ?? host,
})

const named = (actor: RemoteActor, { username, host }: Handle): RemoteActor => ({
  ...actor,
  // The actor's own spelling, where it is the same name.
  username: username.toLowerCase() === actor.username.toLowerCase() ? actor.username : username,
  host,
})

/** `https://other.test/@bob@social.test` is what other.test shows of @bob@social.test. */
function handleInUrl(url: URL): Handle | undefined {
  const match = /^\/@([^/@]+)(?:@([^/@]+))?\/?$/.exec(url.pathname)
  const host = normaliseHost(match?.[2] ?? url.host)
  return match?.[1] === undefined || host === undefined ? undefined : { username: match[1], host }
}

function readHandle(given: Handle): Handle {
  const host = normaliseHost(given.host)
  if (host !== undefined && given.username !== '') return { username: given.username, host }
  throw new RejectedError(`no handle: ${formatHandle(given)}`, {
    code: 'not-found',
    tell: `${formatHandle(given)} is no fediverse address. They look like @user@host.`,
  })
}

function readUrl(given: string): URL {
  if (httpUrlOf(given) !== undefined) return new URL(given)
  const tell = 'That is no web address. Give a handle like @user@host or a profile link.'
  throw new RejectedError('no http URL', { code: 'not-found', tell })
}

/** Both directions of a handle's proof, over WebFinger. */
function createProof(askHandle: WebFinger['askHandle']) {
  /** The proper handle and its actors: a subject of another name is asked once, at its own host. */
  const resolve = async (handle: Handle): Promise<Descriptor> => {
    const first = await askHandle(handle)
    if (isSameHandle(first.subject, handle)) return first
    const second = await askHandle(first.subject)
    if (!isSameHandle(second.subject, first.subject)) {
      throw dishonest(handle, `its subject ${formatHandle(first.subject)} names another one`)
    }
    if (second.selves.some((self) => first.selves.includes(self))) return second
    throw dishonest(handle, `${formatHandle(first.subject)} is another actor`)
  }
  /** Whether the actor's side agrees with a handle that names it. */
  const agrees = async ({ actor, claim }: Found, handle: Handle): Promise<boolean> => {
    const own = ownNameOf(actor)
    if (isSameHandle(own, handle)) return true
    if (claim !== undefined && isSameHandle(claim, handle)) return true
    try {
      const back = await askHandle(own)
      return isSameHandle(back.subject, handle) && back.selves.includes(actor.id)
    } catch (error) {
      if (error instanceof RejectedError) return false
      throw error
    }
  }
  /** The handle that an actor really has, starting from the actor. */
  const provenHandle = async (found: Found): Promise<Handle> => {
    const { actor, claim } = found
    const own = ownNameOf(actor)
    if (claim !== undefined && isSameHandle(claim, own)) return own
    try {
      const { subject, selves } = await resolve(claim ?? own)
      return selves.includes(actor.id) && (await agrees(found, subject)) ? subject : own
    } catch (error) {
      // Whoever goes by a name that is kept away does not come in by another one.
      if (error instanceof RejectedError && error.code !== 'domain-blocked') return own
      throw error
    }
  }
  return { resolve, agrees, provenHandle }
}

/** Lookups over a network that is given; keeps nothing. */
export function createDiscovery(deps: DiscoveryDeps): Discovery {
  const { askHandle, askUrl } = createWebFinger(deps)
  const { resolve, agrees, provenHandle } = createProof(askHandle)

  const lookupHandle = async (given: Handle): Promise<RemoteActor> => {
    const { subject, selves } = await resolve(readHandle(given))
    const found = readFound(await deps.fetchDocument(selves[0]))
    // Byte for byte: an id spelt another way is another id to everybody else.
    if (found.actor.id !== selves[0]) throw dishonest(given, `its actor is ${found.actor.id}`)
    if (!(await agrees(found, subject))) throw dishonest(given, `${found.actor.id} disagrees`)
    return named(found.actor, subject)
  }
  const proven = async (document: FetchedDocument): Promise<RemoteActor> => {
    const found = readFound(document)
    return named(found.actor, await provenHandle(found))
  }
  const lookupUrl = async (given: string): Promise<RemoteActor> => {
    const url = readUrl(given)
    const handle = handleInUrl(url)
    if (handle !== undefined && handle.host !== url.host) return lookupHandle(handle)
    try {
      return await proven(await deps.fetchDocument(given))
    } catch (error) {
      // A page for people: its host may know whose it is.
      const isPage = error instanceof RejectedError && error.code === 'not-activitypub'
      if (!isPage) throw error
    }
    if (handle !== undefined) return lookupHandle(handle)
    const { selves } = await askUrl(given)
    return proven(await deps.fetchDocument(selves[0]))
  }
  return {
    lookup: (target) => ('url' in target ? lookupUrl(target.url) : lookupHandle(target)),
    async fetchActor(id) {
      const document = await deps.fetchDocument(id)
      if (document.document['id'] === id) return proven(document)
      throw new RejectedError(`${id} answers as ${document.url}`, { code: 'hostile' })
    },
  }
}
