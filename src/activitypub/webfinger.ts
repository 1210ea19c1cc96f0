import { asActorId } from '../model/ids.ts'
import type { ActorId } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import { pictureOf } from '../model/actor.ts'
import { pictureUrl } from '../model/mxc.ts'
import { actorUrls, instanceActorId, instanceUsername, profileUrl } from './actor-document.ts'
import type { Place } from './actor-document.ts'
import type { Json } from './parse-values.ts'

/** What somebody asks WebFinger (RFC 7033) about. */
export type WebFingerTarget =
  | { readonly kind: 'username'; readonly username: string }
  | { readonly kind: 'actor'; readonly id: ActorId }
  | { readonly kind: 'instance' }

/**
 * Reads `resource`: `acct:` with or without a leading `@`, a bare handle, an actor id, a profile
 * page, the server's root (FEP-d556). `malformed` deserves 400, `elsewhere` 404.
 */
export function readResource(
  resource: string | undefined,
  place: Place,
): WebFingerTarget | 'malformed' | 'elsewhere' {
  if (resource === undefined || resource === '' || resource.length > 2048) return 'malformed'
  if (/^https?:\/\//i.test(resource)) return readUrl(resource, place)
  if (/^[a-z][a-z0-9+.-]*:/i.test(resource) && !/^acct:/i.test(resource)) return 'elsewhere'
  return readAccount(resource.replace(/^acct:/i, '').replace(/^@/, ''), place)
}

function readAccount(account: string, place: Place): WebFingerTarget | 'malformed' | 'elsewhere' {
  const parts = account.split('@')
  const [username, domain] = parts
  if (parts.length !== 2 || !username || !domain) return 'malformed'
  const host = instanceUsername(place.publicUrl)
  const asked = domain.toLowerCase()
  // Both domains answer, so that a handle on the actor's own host leads to the canonical one.
  if (asked !== host && asked !== place.handleDomain.toLowerCase()) return 'elsewhere'
  if (asked === host && username.toLowerCase() === host) return { kind: 'instance' }
  return { kind: 'username', username }
}

function readUrl(resource: string, place: Place): WebFingerTarget | 'malformed' | 'elsewhere' {
  const url = URL.parse(resource)
  if (url === null) return 'malformed'
  const own = new URL(place.publicUrl)
  if (url.host !== own.host) return 'elsewhere'
  const path = url.pathname.replace(/\/$/, '')
  if (path === '' || path === '/actor') return { kind: 'instance' }
  const name = /^\/@([^/]+)$/.exec(path)?.[1]
  if (name !== undefined) return { kind: 'username', username: name }
  const isActor = /^\/actors\/[^/]+$/.test(path)
  return isActor ? { kind: 'actor', id: asActorId(`${place.publicUrl}${path}`) } : 'elsewhere'
}

const avatarLinks = (actor: LocalActor) => {
  const avatar = pictureOf(actor)
  if (avatar === undefined) return []
  const href = pictureUrl(actorUrls(actor.id).avatar, avatar)
  return [{ rel: 'http://webfinger.net/rel/avatar', href }]
}

/**
 * The answer for a local actor. Mastodon wants `self` to equal the actor's id byte for byte. Everybody gets
 * it: the picture is in it only where `isPublic`, that is, where everybody may read the actor as well.
 */
export function toWebFinger(actor: LocalActor, place: Place, isPublic = false): Json {
  const page = profileUrl(place.publicUrl, actor.username)
  return {
    subject: `acct:${actor.username}@${place.handleDomain}`,
    aliases: [page, actor.id],
    links: [
      { rel: 'http://webfinger.net/rel/profile-page', type: 'text/html', href: page },
      ...(isPublic ? avatarLinks(actor) : []),
      ...selfLinks(actor.id),
    ],
  }
}

export function toInstanceWebFinger(publicUrl: string): Json {
  const name = instanceUsername(publicUrl)
  const id = instanceActorId(publicUrl)
  return {
    subject: `acct:${name}@${name}`,
    aliases: [id, `${publicUrl}/`],
    links: selfLinks(id),
  }
}

/** The two exact media types that readers know. */
const selfLinks = (href: string) => [
  { rel: 'self', type: 'application/activity+json', href },
  {
    rel: 'self',
    type: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    href,
  },
]

const template = (publicUrl: string): string => `${publicUrl}/.well-known/webfinger?resource={uri}`

/** Mastodon falls back to this only where WebFinger answers 404, and reads exactly this form. */
export const toHostMeta = (publicUrl: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
  <Link rel="lrdd" template="${template(publicUrl)}"/>
</XRD>
`

export const toHostMetaJson = (publicUrl: string): Json => ({
  links: [{ rel: 'lrdd', template: template(publicUrl) }],
})
