import type { Request } from 'express'
import type { ActorId } from '../model/ids.ts'
import type { Block } from '../model/relation.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { isWithin } from '../model/host.ts'
import { isSameHost } from './parse-values.ts'
import { readSignature } from './signature.ts'
import { findSigner } from './signer.ts'
import type { SignerDeps } from './signer.ts'

/** `signed`: whoever does not sign gets what proves our keys and nothing else. */
export type FetchMode = 'signed' | 'public'

export type RequesterDeps = SignerDeps & {
  readonly fetchMode: FetchMode
  /** Hosts whose unsigned GETs are answered as in `public` mode; theirs are their subdomains. */
  readonly unsignedFetchFrom: readonly string[]
  /** Whether nothing of this actor is wanted here at all. */
  readonly isBlocked: (id: ActorId) => Promise<boolean>
  readonly findBlock: (blocker: ActorId, blocked: ActorId) => Promise<Block | undefined>
}

/** Who asks for a document, as far as it is proven. */
export type Requester = {
  readonly actor?: ActorId
  readonly mayReadPublic: boolean
  /** Why it is not known who signed: the key cannot be had just now. */
  readonly trouble?: TransientError
}

export type Requesters = {
  readonly find: (request: Request) => Promise<Requester>
  /** The same, but nobody where that takes long: whoever checks a key of ours waits for the answer. */
  readonly findSoon: (request: Request) => Promise<Requester>
  /** Whether the server wants nothing to do with who asks. */
  readonly isOutcast: (requester: Requester) => Promise<boolean>
  /** Whether the server, or this author, wants nothing to do with who asks. */
  readonly isBarred: (requester: Requester, author: ActorId) => Promise<boolean>
}

/** Less than any server waits for a key. */
const patience = 4_000
const longestUserAgent = 500

/**
 * The hosts of the URLs in `User-Agent`. It proves nothing: anybody can claim to be one of those
 * hosts, and so read what is public.
 */
function claimedHosts({ headers }: Request): readonly string[] {
  const text = (headers['user-agent'] ?? '').slice(0, longestUserAgent)
  return [...text.matchAll(/https?:\/\/[^\s;,()<>"']+/gi)].flatMap(([url]) => {
    const host = URL.parse(url)?.hostname
    return host === undefined ? [] : [host]
  })
}

const isExempt = (request: Request, domains: readonly string[]): boolean =>
  domains.length > 0 &&
  claimedHosts(request).some((host) => domains.some((domain) => isWithin(host, domain)))

/** Who signed; undefined where nobody did, or not so that it holds. Throws `TransientError`. */
async function signerOf(request: Request, deps: SignerDeps): Promise<ActorId | undefined> {
  const { headers, originalUrl: target } = request
  const signature = readSignature(headers)
  // Ours never ask us: whoever names a key of ours would have us ask ourselves.
  if (signature === undefined || isSameHost(signature.keyId, deps.publicUrl)) return undefined
  try {
    const found = await findSigner({ method: 'GET', target, headers }, signature, deps)
    return 'signer' in found ? found.signer : undefined
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

/**
 * Tells who reads our documents. Looking a key up may make its server look up one of ours at the same
 * time: the server's own actor, which signs that, is open to everybody, so that this ends.
 */
export function createRequesters(deps: RequesterDeps): Requesters {
  const { fetchMode, unsignedFetchFrom, clock, isBlocked, findBlock } = deps
  const nobody = (request: Request): Requester => ({
    mayReadPublic: fetchMode === 'public' || isExempt(request, unsignedFetchFrom),
  })
  const find = async (request: Request): Promise<Requester> => {
    try {
      const actor = await signerOf(request, deps)
      return actor === undefined ? nobody(request) : { actor, mayReadPublic: true }
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      return { ...nobody(request), trouble: error }
    }
  }
  const isOutcast = async ({ actor }: Requester): Promise<boolean> =>
    actor !== undefined && (await isBlocked(actor))
  return {
    find,
    isOutcast,
    async findSoon(request) {
      const settled = new AbortController()
      const late = clock.sleep(patience, settled.signal).then(() => nobody(request))
      try {
        return await Promise.race([find(request), late])
      } finally {
        settled.abort()
      }
    },
    async isBarred(requester, author) {
      const { actor } = requester
      if (actor === undefined) return false
      return (await isOutcast(requester)) || (await findBlock(author, actor)) !== undefined
    },
  }
}
