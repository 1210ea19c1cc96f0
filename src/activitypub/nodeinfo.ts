import type { Clock } from '../model/clock.ts'
import type { Json } from './parse-values.ts'

/** What NodeInfo tells about us (FEP-f1d5): only numbers that were counted. */
export type NodeInfoFacts = {
  readonly name: string
  readonly description: string
  readonly version: string
  readonly repository?: string
  /** Whether anybody with an account of any homeserver may have one here. */
  readonly isOpen: boolean
  /** Ids of the accounts of admins who have one; absent for none. */
  readonly staff?: readonly string[]
  /** Local actors that are not deleted. */
  readonly users: number
  /** Of these, who did something within the last 30 and 180 days. */
  readonly activeMonth: number
  readonly activeHalfyear: number
  /** What they published and did not delete, without private messages. */
  readonly posts: number
  readonly comments: number
}

/** Servers and crawlers ask often, and nobody needs to know to the minute. */
const factsLast = 600_000

/** The same answer for ten minutes, counted once however many ask. */
export function keepFacts(
  count: () => Promise<NodeInfoFacts>,
  clock: Pick<Clock, 'now'>,
): () => Promise<NodeInfoFacts> {
  let kept: { readonly facts: Promise<NodeInfoFacts>; readonly until: number } | undefined
  return () => {
    if (kept !== undefined && clock.now() < kept.until) return kept.facts
    const facts = count()
    const now = { facts, until: clock.now() + factsLast }
    kept = now
    // What failed is counted again by the next who asks.
    facts.catch(() => {
      if (kept === now) kept = undefined
    })
    return facts
  }
}

export const nodeInfoVersions = ['2.1', '2.0'] as const
export type NodeInfoVersion = (typeof nodeInfoVersions)[number]

export const toNodeInfoLinks = (publicUrl: string): Json => ({
  links: nodeInfoVersions.map((version) => ({
    rel: `http://nodeinfo.diaspora.software/ns/schema/${version}`,
    href: `${publicUrl}/nodeinfo/${version}`,
  })),
})

/** Matrix stands in `metadata`: the schema's list of services does not have it. */
export function toNodeInfo(version: NodeInfoVersion, facts: NodeInfoFacts): Json {
  const repository =
    version === '2.1' && facts.repository !== undefined ? { repository: facts.repository } : {}
  return {
    version,
    software: { name: 'footbridge', version: facts.version, ...repository },
    protocols: ['activitypub'],
    services: { inbound: [], outbound: [] },
    openRegistrations: facts.isOpen,
    usage: {
      users: {
        total: facts.users,
        activeMonth: facts.activeMonth,
        activeHalfyear: facts.activeHalfyear,
      },
      localPosts: facts.posts,
      localComments: facts.comments,
    },
    metadata: {
      nodeName: facts.name,
      nodeDescription: facts.description,
      bridge: { protocol: 'matrix' },
      ...(facts.staff === undefined ? {} : { staffAccounts: facts.staff }),
    },
  }
}

export const nodeInfoType = (version: NodeInfoVersion): string =>
  `application/json; profile="http://nodeinfo.diaspora.software/ns/schema/${version}#"`
