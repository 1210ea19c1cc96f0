import { asActorId } from '../model/ids.ts'
import type { ActorId, Mxc } from '../model/ids.ts'
import type { LocalActor, OwnProfile } from '../model/actor.ts'
import { bioOf, emptyProfile, headerOf, nameOf, pictureOf } from '../model/actor.ts'
import { pictureUrl } from '../model/mxc.ts'
import type { ActorKeys } from './key-pairs.ts'
import { proofContext } from './proof.ts'
import { toEmoji } from './emoji-document.ts'
import { featureTermsOfActors } from './quote-document.ts'
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
  featuredTags: `${id}/featured/tags`,
  avatar: `${id}/avatar`,
  header: `${id}/header`,
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
  proofContext,
  'https://www.w3.org/ns/did/v1',
  'https://w3id.org/security/multikey/v1',
  'https://purl.archive.org/socialweb/webfinger',
  {
    manuallyApprovesFollowers: 'as:manuallyApprovesFollowers',
    toot: 'http://joinmastodon.org/ns#',
    discoverable: 'toot:discoverable',
    indexable: 'toot:indexable',
    featured: { '@id': 'toot:featured', '@type': '@id' },
    featuredTags: { '@id': 'toot:featuredTags', '@type': '@id' },
    attributionDomains: { '@id': 'toot:attributionDomains', '@type': '@id' },
    ...featureTermsOfActors,
    alsoKnownAs: { '@id': 'as:alsoKnownAs', '@type': '@id' },
    movedTo: { '@id': 'as:movedTo', '@type': '@id' },
    Emoji: 'toot:Emoji',
    schema: 'http://schema.org#',
    PropertyValue: 'schema:PropertyValue',
    value: 'schema:value',
    lemmy: 'https://join-lemmy.org/ns#',
    matrixUserId: 'lemmy:matrixUserId',
    postingRestrictedToMods: 'lemmy:postingRestrictedToMods',
    implements: { '@id': 'https://w3id.org/fep/844e/implements', '@container': '@set' },
  },
]

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

const matrixAddress = (id: string): string =>
  `https://matrix.to/#/${encodeURIComponent(id).replace(/%40/g, '@').replace(/%3A/g, ':')}`

const matrixLink = (id: string, rel: 'me' | 'noopener'): string =>
  `<a href="${matrixAddress(id)}" rel="${rel}">${escapeHtml(id)}</a>`

/** A room is found by its address; nobody's profile says that it is theirs. */
const matrixFields = ({ userId, group }: LocalActor): readonly Json[] => {
  if (group === undefined) return [property('Matrix', matrixLink(userId, 'me'))]
  return group.alias === undefined ? [] : [property('Matrix', matrixLink(group.alias, 'noopener'))]
}

/**
 * FEP-fffd: whose copy it is, so that no other bridge brings it back. In `tag` and not in `url`: WriteFreely
 * reads actors with one `url` alone, and servers leave out tags that they do not know.
 */
function originalLinks({ userId, group }: LocalActor): readonly Json[] {
  const original = group === undefined ? userId : group.alias
  if (original === undefined) return []
  return [{ type: 'Link', rel: 'canonical', href: matrixAddress(original) }]
}

const imageAt = (url: string, mxc: Mxc): Json => ({ type: 'Image', url: pictureUrl(url, mxc) })

function picturesOf(actor: LocalActor): Json {
  const [avatar, header] = [pictureOf(actor), headerOf(actor)]
  const urls = actorUrls(actor.id)
  return {
    ...(avatar === undefined ? {} : { icon: imageAt(urls.avatar, avatar) }),
    ...(header === undefined ? {} : { image: imageAt(urls.header, header) }),
  }
}

const property = (name: string, value: string): Json => ({ type: 'PropertyValue', name, value })

/** Who shows them here, and where it is said how to end that. */
const bridgeLink = (publicUrl: string): string =>
  `<a href="${publicUrl}/" rel="noopener">Footbridge at ${new URL(publicUrl).host}</a> · opt out: block @${instanceUsername(publicUrl)}@${instanceUsername(publicUrl)}`

function fieldsOf(actor: LocalActor, { publicUrl }: Place): readonly Json[] {
  const own = actor.profile?.fields ?? []
  return [
    ...matrixFields(actor),
    property('Bridged by', bridgeLink(publicUrl)),
    ...own.map(({ name, value }) => property(name, value.html)),
  ]
}

/** The public halves of an actor's keys. */
export type PublishedKeys = Pick<ActorKeys, 'publicKey' | 'multikeys'>

/** `publicKey` is one object, as most servers read it; documents are proven with Multikeys (FEP-521a). */
const toKeys = (owner: ActorId, { publicKey, multikeys }: PublishedKeys): Json => ({
  publicKey: { id: publicKey.id, owner, publicKeyPem: publicKey.pem },
  assertionMethod: multikeys.map(({ id, publicKeyMultibase }) => ({
    id,
    type: 'Multikey',
    controller: owner,
    publicKeyMultibase,
  })),
})

/** What the software of an actor can do beside ActivityPub itself (FEP-844e). */
const implemented: readonly Json[] = [
  {
    name: 'RFC-9421: HTTP Message Signatures',
    href: 'https://datatracker.ietf.org/doc/html/rfc9421',
  },
]

/** The document of a local actor as GET answers it. */
export function toActorDocument(actor: LocalActor, keys: PublishedKeys, place: Place): Json {
  return { '@context': actorContext, ...toActor(actor, keys, place) }
}

const identitiesOf = ({ aliases = [], movedTo }: OwnProfile): Json => ({
  ...(aliases.length === 0 ? {} : { alsoKnownAs: aliases }),
  ...(movedTo === undefined ? {} : { movedTo }),
})

function typeOf({ group, profile }: LocalActor): 'Group' | 'Person' | 'Service' {
  if (group !== undefined) return 'Group'
  return profile?.isBot === true ? 'Service' : 'Person'
}

/**
 * Pages of ours name the author (`fediverse:creator`), which Mastodon shows beside links to them where the
 * author agrees. Nobody else puts them into a collection (FEP-7aa9): a request would be rejected.
 */
const permissionsOf = ({ id }: LocalActor, { publicUrl }: Place): Json => ({
  attributionDomains: [new URL(publicUrl).hostname],
  interactionPolicy: { canFeature: { automaticApproval: [id] } },
})

/** The same without a context, for an Update that embeds it under its own. */
export function toActor(actor: LocalActor, keys: PublishedKeys, place: Place): Json {
  const urls = actorUrls(actor.id)
  const profile = actor.profile ?? emptyProfile
  const bio = bioOf(actor)
  const tags = [...originalLinks(actor), ...(profile.emojis ?? []).map(toEmoji)]
  return {
    id: actor.id,
    type: typeOf(actor),
    preferredUsername: actor.username,
    webfinger: `${actor.username}@${place.handleDomain}`,
    name: nameOf(actor),
    ...(bio === undefined ? {} : { summary: bio.html }),
    url: profileUrl(place.publicUrl, actor.username),
    inbox: urls.inbox,
    outbox: urls.outbox,
    followers: urls.followers,
    following: urls.following,
    featured: urls.featured,
    featuredTags: urls.featuredTags,
    endpoints: { sharedInbox: `${place.publicUrl}/inbox` },
    manuallyApprovesFollowers: profile.isLocked,
    discoverable: profile.isDiscoverable,
    indexable: profile.isIndexable,
    published: new Date(actor.createdAt).toISOString(),
    ...(actor.group === undefined
      ? { matrixUserId: actor.userId }
      : { postingRestrictedToMods: false }),
    attachment: fieldsOf(actor, place),
    ...permissionsOf(actor, place),
    ...(tags.length === 0 ? {} : { tag: tags }),
    ...identitiesOf(profile),
    ...picturesOf(actor),
    generator: {
      type: 'Application',
      id: instanceActorId(place.publicUrl),
      implements: implemented,
    },
    ...toKeys(actor.id, keys),
  }
}

/** The actor that signs our fetches; everybody may read it without a signature. */
export function toInstanceActor(keys: PublishedKeys, bridgeName: string, place: Place): Json {
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
    summary: `<p>A bridge to people on Matrix. Write &quot;help&quot; to this account to learn what it does, and &quot;stop&quot; so that nothing of yours is bridged; blocking it, or #nobridge in your profile, does the same.</p>`,
    url: `${place.publicUrl}/`,
    inbox: `${place.publicUrl}/inbox`,
    outbox: urls.outbox,
    endpoints: { sharedInbox: `${place.publicUrl}/inbox` },
    manuallyApprovesFollowers: true,
    discoverable: false,
    indexable: false,
    implements: implemented,
    ...toKeys(id, keys),
  }
}
