import { createDiscovery } from '../../src/activitypub/discovery.ts'
import { actorDocument, createWeb, documentFetchOf, failureOf, type Page } from './web.ts'

export const json = 'application/activity+json'
export const ld = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
export const bob = 'https://social.test/users/bob'

/** One entry of a web: what `host` answers to WebFinger for that resource. */
export const finger = (host: string, resource: string, page: Page): Record<string, Page> => ({
  [`https://${host}/.well-known/webfinger?resource=${encodeURIComponent(resource)}`]: page,
})
export const jrd = (
  subject: string | undefined,
  href: unknown,
  more: Readonly<Record<string, unknown>> = {},
): Page => ({
  type: 'application/jrd+json',
  json: { subject, links: [{ rel: 'self', type: json, href }], ...more },
})
export const bobAt = (host: string, page: Page) => finger(host, `acct:bob@${host}`, page)
export const actorAt = (id: string, more: Readonly<Record<string, unknown>> = {}) => ({
  [id]: { json: actorDocument(id, more) },
})

export function discover(pages: Record<string, Page>, allowHttp: readonly string[] = []) {
  const web = createWeb(pages)
  const { http, clock } = web
  const discovery = createDiscovery({
    http,
    clock,
    allowHttp,
    userAgent: 'Footbridge/0 (+https://fedi.example.org)',
    fetchDocument: documentFetchOf(web),
  })
  return { ...discovery, web }
}

export const handle = (text: string) => {
  const [username = '', host = ''] = text.split('@')
  return { username, host }
}
export const summary = async (promise: Promise<{ id: string; username: string; host: string }>) => {
  const outcome = (await failureOf(promise)) as {
    resolved?: { id: string; username: string; host: string }
  }
  const { resolved } = outcome
  return resolved === undefined ? outcome : `${resolved.username}@${resolved.host} ${resolved.id}`
}

export const straight = {
  ...bobAt('social.test', jrd('acct:bob@social.test', bob)),
  ...actorAt(bob),
}
export const ap = 'https://ap.test/users/bob'
export const toHandle = jrd('acct:bob@handle.test', ap)
export const split = {
  ...bobAt('handle.test', toHandle),
  ...bobAt('ap.test', toHandle),
  ...actorAt(ap),
}
