import type { Clock } from '../model/clock.ts'
import { formatHandle, type Handle } from '../model/handle.ts'
import type { Http } from '../model/http.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { deepestDocument, maxDepth } from './depth.ts'
import { failureOf, getFollowing, type Landed } from './follow.ts'
import { httpUrlOf, isJson, type Json, listOf } from './parse-values.ts'

export type WebFingerDeps = {
  readonly http: Http
  readonly clock: Clock
  readonly userAgent: string
  /** Hosts, with or without a port, that speak http: test networks. */
  readonly allowHttp: readonly string[]
}

/** What a host says about a name: its proper handle, and the ids of its actors. */
export type Descriptor = {
  readonly subject: Handle
  /** Mostly one; Lemmy names a person and a community of the same name. */
  readonly selves: readonly [string, ...string[]]
  /** Where people of that host go on with an account or post from elsewhere; `{uri}` stands for it. */
  readonly subscribe?: string
}

/**
 * Asks a host for a name. `RejectedError`: `not-found`, `gone`, `not-activitypub`; their texts are
 * for the user. `TransientError` when the host does not answer now.
 */
export type WebFinger = {
  readonly askHandle: (handle: Handle) => Promise<Descriptor>
  /** Any resource, at a host of the caller's choice: how a domain speaks of somebody else's actor. */
  readonly askAbout: (host: string, resource: string) => Promise<Descriptor>
  /** For a profile page, on its own host. */
  readonly askUrl: (url: string) => Promise<Descriptor>
}

const timeout = 15_000
const longestAnswer = 256_000
/** Mastodon takes these two, to the letter. */
const selfTypes: ReadonlySet<unknown> = new Set([
  'application/activity+json',
  'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
])

/** Lower case, punycode, without the default port; undefined for what is no host. */
export function normaliseHost(host: string): string | undefined {
  if (host === '' || host.length > 255 || /[/?#@\\\s]/.test(host)) return undefined
  const url = URL.parse(`https://${host}`)
  return url === null || url.host === '' ? undefined : url.host
}

/** Handles are compared without regard to case, as every server does. */
export const isSameHandle = (a: Handle, b: Handle): boolean =>
  a.host === b.host && a.username.toLowerCase() === b.username.toLowerCase()

/** `acct:user@host`, with or without the scheme or a leading `@`. */
export function readAccount(value: unknown): Handle | undefined {
  if (typeof value !== 'string' || value.length > 512 || !value.isWellFormed()) return undefined
  const match = /^(?:acct:)?@?([^@\s/]+)@([^@\s/]+)$/i.exec(value)
  const host = normaliseHost(match?.[2] ?? '')
  return match?.[1] === undefined || host === undefined ? undefined : { username: match[1], host }
}

/** A host of the list speaks http, every other https. */
export function schemeRule(allowHttp: readonly string[]): (host: string) => 'http' | 'https' {
  const plain = new Set(allowHttp.map((host) => host.trim().toLowerCase()))
  return (host) => {
    const name = host.replace(/:\d+$/, '')
    return plain.has(host) || plain.has(name) || plain.has(`${host}:80`) ? 'http' : 'https'
  }
}

/** How people write it, without the leading `@`, where it may be a mail address. */
type Asked = { readonly name: string; readonly host: string }

const noServer = ({ host }: Asked, cause: unknown): RejectedError =>
  new RejectedError(`no host ${host}`, {
    cause,
    code: 'not-found',
    tell: `There is no server named ${host}. Check the spelling.`,
  })

const noAccount = ({ name, host }: Asked, cause: RejectedError): RejectedError =>
  cause.code === 'gone'
    ? new RejectedError(cause.message, {
        cause,
        code: 'gone',
        tell: `${name} is gone: ${host} says the account was deleted.`,
      })
    : new RejectedError(cause.message, {
        cause,
        code: 'not-found',
        tell: `I cannot find ${name}: ${host} says there is no such account.`,
      })

const noFediverse = ({ name }: Asked, cause?: unknown): RejectedError =>
  new RejectedError(`no WebFinger for ${name}`, {
    cause,
    code: 'not-activitypub',
    tell: `${name.replace(/^@/, '')} answers no fediverse lookup. If you have a profile link, try \`follow https://…\`.`,
  })

const isUnknownName = (error: unknown): boolean =>
  error instanceof TransientError &&
  typeof error.cause === 'object' &&
  error.cause !== null &&
  'code' in error.cause &&
  error.cause.code === 'ENOTFOUND'

/** What is not asked at all: the text says why. */
const isOurRefusal = ({ code }: RejectedError): boolean =>
  code === 'forbidden-address' || code === 'domain-blocked'

function parseJson({ response }: Landed): Json | undefined {
  if (maxDepth(response.body) > deepestDocument) return undefined
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(response.body))
    return isJson(value) ? value : undefined
  } catch {
    return undefined
  }
}

function readDescriptor(landed: Landed): Descriptor | undefined {
  const document = parseJson(landed)
  const subject = readAccount(document?.['subject'])
  const links = listOf(document?.['links']).slice(0, 100)
  const found: string[] = []
  for (const link of links) {
    if (!isJson(link) || link['rel'] !== 'self' || !selfTypes.has(link['type'])) continue
    const href = httpUrlOf(link['href'])
    if (href !== undefined && !found.includes(href)) found.push(href)
  }
  const [first, ...others] = found
  if (subject === undefined || first === undefined) return undefined
  const subscribe = readSubscribe(links)
  return { subject, selves: [first, ...others], ...(subscribe === undefined ? {} : { subscribe }) }
}

function readSubscribe(links: readonly unknown[]): string | undefined {
  const templates = links.flatMap((link) =>
    isJson(link) && link['rel'] === 'http://ostatus.org/schema/1.0/subscribe'
      ? [link['template']]
      : [],
  )
  return templates.find((template) => typeof template === 'string')
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
}

/** The `lrdd` template of an XRD document (RFC 6415), which names where WebFinger really is. */
function readTemplate({ response }: Landed): string | undefined {
  for (const [link] of response.body.toString().matchAll(/<(?:\w+:)?Link\s[^>]{1,2000}>/g)) {
    if (!/\srel=["']lrdd["']/.test(link)) continue
    const template = /\stemplate=["']([^"']{1,1000})["']/.exec(link)?.[1]
    const plain = template?.replace(
      /&(amp|quot|apos|lt|gt);/g,
      (_, name: string) => entities[name] ?? '',
    )
    // Put into the name of a host, it leads nowhere.
    if (plain?.includes('{uri}') === true && URL.canParse(plain.replace('{uri}', '%40')))
      return plain
  }
  return undefined
}

/** Whatever the scheme: some name it by https where they speak http. */
function isWebFingerOf(host: string, template: string): boolean {
  const url = URL.parse(template)
  return url?.host === host && url.pathname === '/.well-known/webfinger'
}

/** No address holds half a character. */
function queryFor(resource: string, asked: Asked): string {
  if (!resource.isWellFormed()) throw noFediverse(asked)
  return `?resource=${encodeURIComponent(resource)}`
}

export function createWebFinger(deps: WebFingerDeps): WebFinger {
  const schemeOf = schemeRule(deps.allowHttp)
  const get = (url: string, accept: string): Promise<Landed> =>
    getFollowing(deps, {
      url,
      headers: () => Promise.resolve({ accept, 'user-agent': deps.userAgent }),
      timeout,
      maxBytes: longestAnswer,
    })
  const wellKnown = (host: string, name: string) =>
    `${schemeOf(host)}://${host}/.well-known/${name}`

  /** The second way in, for hosts whose WebFinger is somewhere else. `same`: it is not. */
  const viaHostMeta = async (resource: string, asked: Asked): Promise<Landed | 'none' | 'same'> => {
    const meta = await get(wellKnown(asked.host, 'host-meta'), 'application/xrd+xml')
    const template = meta.response.status === 200 ? readTemplate(meta) : undefined
    if (template === undefined) return 'none'
    const url = template.replace('{uri}', encodeURIComponent(resource))
    return isWebFingerOf(asked.host, url) ? 'same' : get(url, 'application/jrd+json')
  }
  /** Tells a fediverse server that knows no such account from a host that is none. */
  const isFediverse = async (host: string): Promise<boolean> => {
    const landed = await get(wellKnown(host, 'nodeinfo'), 'application/json')
    return landed.response.status === 200 && Array.isArray(parseJson(landed)?.['links'])
  }
  const find = async (resource: string, asked: Asked): Promise<Landed> => {
    const query = queryFor(resource, asked)
    const first = await get(wellKnown(asked.host, 'webfinger') + query, 'application/jrd+json')
    // Any other refusal is an answer about this account (Mastodon's rule).
    if (first.response.status !== 404) return first
    const second = await viaHostMeta(resource, asked)
    if (typeof second !== 'string') return second
    if (second === 'same' || (await isFediverse(asked.host))) return first
    throw noFediverse(asked)
  }
  const ask = async (resource: string, asked: Asked): Promise<Descriptor> => {
    try {
      const landed = await find(resource, asked)
      const failure = failureOf(landed, deps.clock.now())
      if (failure !== undefined) throw failure
      const descriptor = readDescriptor(landed)
      if (descriptor !== undefined) return descriptor
    } catch (error) {
      if (isUnknownName(error)) throw noServer(asked, error)
      if (!(error instanceof RejectedError) || isOurRefusal(error)) throw error
      if (error.code === 'not-found' || error.code === 'gone') throw noAccount(asked, error)
      throw noFediverse(asked, error)
    }
    throw noFediverse(asked)
  }
  return {
    askHandle: (handle) =>
      ask(`acct:${handle.username}@${handle.host}`, {
        name: formatHandle(handle),
        host: handle.host,
      }),
    askAbout: (host, resource) => ask(resource, { name: resource, host }),
    askUrl: (url) => ask(url, { name: url, host: new URL(url).host }),
  }
}
