import type { Clock } from '../model/clock.ts'
import type { Http } from '../model/http.ts'
import type { Server } from '../model/server.ts'
import { deepestDocument, maxDepth } from './depth.ts'
import { failureOf, getFollowing } from './follow.ts'
import { httpUrlOf, isJson, isSameHost, listOf, textOf, type Json } from './parse-values.ts'
import { schemeRule } from './webfinger-client.ts'

export type NodeInfoDeps = {
  readonly http: Http
  readonly clock: Clock
  readonly userAgent: string
  readonly allowHttp: readonly string[]
}

const timeout = 10_000
const longestAnswer = 256_000
const relation = /^https?:\/\/nodeinfo\.diaspora\.software\/ns\/schema\/(?:1\.\d|2\.[01])$/

async function getJson(url: string, deps: NodeInfoDeps): Promise<Json | undefined> {
  const headers = { accept: 'application/json', 'user-agent': deps.userAgent }
  const landed = await getFollowing(deps, {
    url,
    headers: () => Promise.resolve(headers),
    timeout,
    maxBytes: longestAnswer,
  })
  const failure = failureOf(landed, deps.clock.now())
  if (failure !== undefined) throw failure
  if (maxDepth(landed.response.body) > deepestDocument) return undefined
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(landed.response.body))
    return isJson(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The newest document on the host's own name that we can read; the schemas agree on `software`. */
function documentUrl(index: Json | undefined, base: string): string | undefined {
  const found = listOf(index?.['links']).flatMap((link): [string, string][] => {
    if (!isJson(link) || typeof link['rel'] !== 'string' || !relation.test(link['rel'])) return []
    const url = httpUrlOf(link['href'])
    return url === undefined || !isSameHost(url, base) ? [] : [[link['rel'], url]]
  })
  return found.sort(([a], [b]) => a.localeCompare(b)).at(-1)?.[1]
}

/**
 * What runs at a host (NodeInfo). A host that tells nothing readable is a `Server` without a name;
 * `TransientError` and `RejectedError` as any other fetch.
 */
export function createNodeInfoClient(deps: NodeInfoDeps): (host: string) => Promise<Server> {
  const schemeOf = schemeRule(deps.allowHttp)
  return async (host) => {
    const base = `${schemeOf(host)}://${host}`
    const url = documentUrl(await getJson(`${base}/.well-known/nodeinfo`, deps), base)
    const document = url === undefined ? undefined : await getJson(url, deps)
    const software = document?.['software']
    const name = isJson(software) ? textOf(software['name'], 100)?.toLowerCase() : undefined
    const version = isJson(software) ? textOf(software['version'], 100) : undefined
    const metadata = document?.['metadata']
    const features = isJson(metadata) ? listOf(metadata['features']) : []
    return {
      host,
      fetchedAt: deps.clock.now(),
      ...(name === undefined ? {} : { software: name }),
      ...(version === undefined ? {} : { version }),
      ...(features.includes('pleroma_chat_messages') ? { hasChats: true } : {}),
    }
  }
}
