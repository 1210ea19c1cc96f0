import type { Json } from './parse-values.ts'

/** What NodeInfo tells about us (FEP-f1d5): only numbers that were counted. */
export type NodeInfoFacts = {
  readonly name: string
  readonly description: string
  readonly version: string
  readonly repository?: string
  /** Local actors that are not deleted. */
  readonly users: number
  /** Objects that local actors published and did not delete. */
  readonly posts: number
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
    openRegistrations: false,
    usage: { users: { total: facts.users }, localPosts: facts.posts },
    metadata: {
      nodeName: facts.name,
      nodeDescription: facts.description,
      bridge: { protocol: 'matrix' },
    },
  }
}

export const nodeInfoType = (version: NodeInfoVersion): string =>
  `application/json; profile="http://nodeinfo.diaspora.software/ns/schema/${version}#"`
