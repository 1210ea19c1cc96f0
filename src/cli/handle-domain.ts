import type { Http } from '../model/http.ts'

/** Who answers for a domain on the fediverse, as far as can be seen from here. */
export type Survey =
  | { readonly finding: 'free' }
  /** It leads to the public URL already. */
  | { readonly finding: 'ours' }
  | { readonly finding: 'taken'; readonly by: string }
  | { readonly finding: 'silent'; readonly reason: string }

export type Proposal = { readonly domain: string; readonly because: string }

type Names = { readonly serverName: string; readonly publicUrl: string; readonly bot: string }

/**
 * Asks the server name for WebFinger and NodeInfo. A web site that answers neither leaves the
 * domain free for handles; one that cannot be reached could not serve them either.
 */
export async function survey(http: Http, names: Names): Promise<Survey> {
  const acct = encodeURIComponent(`acct:${names.bot}@${names.serverName}`)
  const base = `https://${names.serverName}/.well-known`
  const publicHost = new URL(names.publicUrl).host
  const answers = await Promise.allSettled(
    [`${base}/webfinger?resource=${acct}`, `${base}/nodeinfo`].map((url) =>
      hostsBehind(http, url, publicHost),
    ),
  )
  const failed = answers.find((answer) => answer.status === 'rejected')
  if (failed !== undefined) return { finding: 'silent', reason: reasonOf(failed.reason) }
  const hosts = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (hosts.length === 0) return { finding: 'free' }
  const other = hosts.find((host) => host !== publicHost)
  return other === undefined ? { finding: 'ours' } : { finding: 'taken', by: other }
}

/** The domain for handles, with the reason in words. */
export function propose(found: Survey, names: Names): Proposal {
  const { serverName, publicUrl } = names
  const publicHost = new URL(publicUrl).host
  switch (found.finding) {
    case 'free':
      return { domain: serverName, because: `${serverName} answers for no fediverse server yet` }
    case 'ours':
      return { domain: serverName, because: `${serverName} leads to ${publicHost} already` }
    case 'taken':
      return { domain: publicHost, because: `${serverName} answers for ${found.by} already` }
    case 'silent':
      return {
        domain: publicHost,
        because: `${serverName} does not answer over https: ${found.reason}`,
      }
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/**
 * The hosts that the answer at `url` leads to; none where it is a web page or an error. Redirects
 * are followed, since "www." is put in front of every path by many sites, but not to the public
 * host, where nothing may run yet.
 */
async function hostsBehind(
  http: Http,
  url: string,
  publicHost: string,
): Promise<readonly string[]> {
  let at = url
  for (let hop = 0; hop < 4; hop++) {
    if (new URL(at).host === publicHost) return [publicHost]
    const headers = { accept: 'application/json' }
    const response = await http({
      method: 'GET',
      url: at,
      headers,
      timeout: 5_000,
      maxBytes: 200_000,
    })
    const target = URL.parse(response.headers['location'] ?? '', at)
    const isRedirect = response.status >= 300 && response.status < 400 && target !== null
    if (!isRedirect) return response.status === 200 ? hostsIn(response.body.toString('utf8')) : []
    at = target.href
  }
  return []
}

const hostsIn = (text: string): readonly string[] =>
  linksIn(text).flatMap((link) => URL.parse(link)?.host ?? [])

function linksIn(text: string): readonly string[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    // Many sites answer every path with their start page.
    return []
  }
  if (typeof document !== 'object' || document === null || !('links' in document)) return []
  if (!Array.isArray(document.links)) return []
  return document.links.flatMap((link: unknown) =>
    typeof link === 'object' && link !== null && 'href' in link && typeof link.href === 'string'
      ? [link.href]
      : [],
  )
}
