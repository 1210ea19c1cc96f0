import { createHash } from 'node:crypto'
import { asActorId } from '../model/ids.ts'
import type { ActorId } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Json } from './parse-values.ts'

/** Our own addresses; `publicUrl` without a slash at the end. */
export type Place = { readonly publicUrl: string; readonly handleDomain: string }

/** The collections of a local actor, made from its id alone. */
export const actorUrls = (id: ActorId) => ({
  inbox: `${id}/inbox`,
  outbox: `${id}/outbox`,
  followers: `${id}/followers`,
  following: `${id}/following`,
  featured: `${id}/featured`,
  avatar: `${id}/avatar`,
  key: `${id}#main-key`,
})

export const instanceActorId = (publicUrl: string): ActorId => asActorId(`${publicUrl}/actor`)

/** Its name on the fediverse is the host, as everywhere. */
export const instanceUsername = (publicUrl: string): string => new URL(publicUrl).host

/** The page for people. */
export const profileUrl = (publicUrl: string, username: string): string =>
  `${publicUrl}/@${username}`

// The literal strings matter: Mastodon compares the first one, and reads profile fields only with
// its own, wrong, address of schema.org.
export const actorContext: readonly unknown[] = [
  'https://www.w3.org/ns/activitystreams',
  'https://w3id.org/security/v1',
  'https://purl.archive.org/socialweb/webfinger',
  {
    manuallyApprovesFollowers: 'as:manuallyApprovesFollowers',
    toot: 'http://joinmastodon.org/ns#',
    discoverable: 'toot:discoverable',
    indexable: 'toot:indexable',
    featured: { '@id': 'toot:featured', '@type': '@id' },
    schema: 'http://schema.org#',
    PropertyValue: 'schema:PropertyValue',
    value: 'schema:value',
    lemmy: 'https://join-lemmy.org/ns#',
    matrixUserId: 'lemmy:matrixUserId',
  },
]

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

function matrixLink(userId: string): string {
  const target = encodeURIComponent(userId).replace(/%40/g, '@').replace(/%3A/g, ':')
  return `<a href="https://matrix.to/#/${target}" rel="me">${escapeHtml(userId)}</a>`
}

/** Changes with the picture: receivers fetch an avatar again only when its URL is a new one. */
function avatarOf(actor: LocalActor): Json {
  if (actor.avatar === undefined) return {}
  const version = createHash('sha256').update(actor.avatar).digest('hex').slice(0, 12)
  return { icon: { type: 'Image', url: `${actorUrls(actor.id).avatar}?v=${version}` } }
}

/** The document of a local actor as GET answers it. */
export function toActorDocument(actor: LocalActor, publicPem: string, place: Place): Json {
  return { '@context': actorContext, ...toActor(actor, publicPem, place) }
}

/** The same without a context, for an Update that embeds it under its own. */
export function toActor(actor: LocalActor, publicPem: string, place: Place): Json {
  const urls = actorUrls(actor.id)
  return {
    id: actor.id,
    type: 'Person',
    preferredUsername: actor.username,
    webfinger: `${actor.username}@${place.handleDomain}`,
    name: actor.displayName ?? actor.username,
    url: profileUrl(place.publicUrl, actor.username),
    inbox: urls.inbox,
    outbox: urls.outbox,
    followers: urls.followers,
    following: urls.following,
    featured: urls.featured,
    endpoints: { sharedInbox: `${place.publicUrl}/inbox` },
    manuallyApprovesFollowers: false,
    discoverable: false,
    indexable: false,
    published: new Date(actor.createdAt).toISOString(),
    matrixUserId: actor.userId,
    attachment: [{ type: 'PropertyValue', name: 'Matrix', value: matrixLink(actor.userId) }],
    ...avatarOf(actor),
    publicKey: { id: urls.key, owner: actor.id, publicKeyPem: publicPem },
  }
}

/** The actor that signs our fetches; everybody may read it without a signature. */
export function toInstanceActor(publicPem: string, bridgeName: string, place: Place): Json {
  const id = instanceActorId(place.publicUrl)
  const urls = actorUrls(id)
  const username = instanceUsername(place.publicUrl)
  return {
    '@context': actorContext,
    id,
    type: 'Application',
    preferredUsername: username,
    webfinger: `${username}@${username}`,
    name: bridgeName,
    url: `${place.publicUrl}/`,
    inbox: `${place.publicUrl}/inbox`,
    outbox: urls.outbox,
    endpoints: { sharedInbox: `${place.publicUrl}/inbox` },
    manuallyApprovesFollowers: true,
    discoverable: false,
    indexable: false,
    publicKey: { id: urls.key, owner: id, publicKeyPem: publicPem },
  }
}
