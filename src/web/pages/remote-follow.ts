import type { Clock } from '../../model/clock.ts'
import { RejectedError, TransientError } from '../../model/errors.ts'
import type { Handle } from '../../model/handle.ts'
import type { PageDeps } from './reads.ts'

type Deps = Pick<PageDeps, 'askTemplate' | 'takeLookup' | 'publicUrl' | 'handleDomain' | 'bot'> & {
  readonly clock: Clock
}

/** Where the visitor goes on, or why nowhere. */
export type Way =
  | { readonly to: string }
  | { readonly problem: string; readonly status: number; readonly retryAfter?: number }

/** Milliseconds that a visitor waits for their server; they sit there and look at it. */
const patience = 10_000

/** `@you@your.server`, with or without the first `@`, or the address of the profile page. */
export function readAccount(text: string): Handle | undefined {
  const trimmed = text.trim()
  if (trimmed.length > 300) return undefined
  const page = /^https?:\/\/([^/?#@\s]+)\/(?:@|users\/|u\/|profile\/)([^@/?#\s]+)\/?$/i.exec(
    trimmed,
  )
  const written = /^(?:acct:)?@?([^@\s/:]+)@([^@\s/?#]+)$/i.exec(trimmed)
  const [username, domain] = page === null ? [written?.[1], written?.[2]] : [page[2], page[1]]
  const host = URL.parse(`https://${domain ?? ''}`)?.host ?? ''
  return username === undefined || host === '' ? undefined : { username, host }
}

/**
 * The page of the visitor's server for that account or post (`rel`
 * `http://ostatus.org/schema/1.0/subscribe`). It is another server's word: it leads to a web page, and
 * to one with TLS wherever we have TLS.
 */
export function fillTemplate(template: string, uri: string, publicUrl: string): string | undefined {
  if (template.length > 2_000 || !template.includes('{uri}')) return undefined
  const url = URL.parse(template.replace('{uri}', () => encodeURIComponent(uri)))
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const isFine =
    url.protocol === 'https:' || (url.protocol === 'http:' && publicUrl.startsWith('http:'))
  return isFine ? url.href : undefined
}

async function askInTime(
  handle: Handle,
  { askTemplate, clock }: Deps,
): Promise<string | undefined> {
  const over = new AbortController()
  const late = clock.sleep(patience, over.signal).then(() => {
    throw new TransientError(`${handle.host} takes too long`)
  })
  // Whichever is second has nobody who listens any more.
  late.catch(() => undefined)
  try {
    return await Promise.race([askTemplate(handle), late])
  } finally {
    over.abort()
  }
}

function excuse(error: unknown, { username, host }: Handle): Way {
  if (error instanceof TransientError)
    return { problem: `${host} does not answer right now. Try again later.`, status: 502 }
  if (!(error instanceof RejectedError)) throw error
  if (error.code === 'domain-blocked')
    return { problem: `This server has nothing to do with ${host}.`, status: 403 }
  if (error.code === 'not-found' || error.code === 'gone')
    return { problem: `There is no account @${username}@${host}. Check the spelling.`, status: 404 }
  return { problem: `${host} is no server of the fediverse, as far as can be seen.`, status: 404 }
}

/** Asks the visitor's server how to go on there with `uri`, a handle without `@` or an address. */
export async function findWay(
  account: string,
  { uri, visitor }: { readonly uri: string; readonly visitor: string },
  deps: Deps,
): Promise<Way> {
  const handle = readAccount(account)
  if (handle === undefined)
    return { problem: 'Write your account like @you@your.server.', status: 400 }
  const { host } = handle
  if (host === deps.handleDomain || host === new URL(deps.publicUrl).host)
    return { problem: `You are here already: on Matrix, write to ${deps.bot}.`, status: 400 }
  const wait = deps.takeLookup(visitor)
  if (wait > 0) {
    const retryAfter = Math.ceil(wait / 1_000)
    return { problem: 'Too many tries. Wait a minute, then try again.', status: 429, retryAfter }
  }
  try {
    const template = await askInTime(handle, deps)
    const to = template === undefined ? undefined : fillTemplate(template, uri, deps.publicUrl)
    if (to !== undefined) return { to }
    const problem = `${host} does not say how to follow from here. Search there for ${uri.startsWith('http') ? uri : `@${uri}`} instead.`
    return { problem, status: 404 }
  } catch (error) {
    return excuse(error, handle)
  }
}
