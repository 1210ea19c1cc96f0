import type { ActorId, Mxc, UserId } from './ids.ts'

export type ActorKind = 'Person' | 'Service' | 'Group' | 'Organization' | 'Application'

/** A public key as an actor document or a key document of its own states it. */
export type PublicKey = { readonly id: string; readonly owner: ActorId; readonly pem: string }

/** An actor of another server, as last fetched. Texts are untrusted; `summary` is HTML. */
export type RemoteActor = {
  readonly id: ActorId
  readonly kind: ActorKind
  /** The name left of the `@` of the handle, as its server spells it. */
  readonly username: string
  /** The handle's domain, lower case, with a port where it has one; not always the host of `id`. */
  readonly host: string
  readonly name?: string
  readonly summary?: string
  /** The profile page for people. */
  readonly url?: string
  /** URL of the avatar. */
  readonly icon?: string
  readonly inbox: string
  readonly sharedInbox?: string
  readonly outbox?: string
  readonly followers?: string
  /** The collection of what it has pinned. */
  readonly featured?: string
  readonly publicKeys: readonly PublicKey[]
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number
}

/** A Matrix user we control that stands for a remote actor. The pair is stored, never re-derived. */
export type Ghost = {
  readonly userId: UserId
  readonly actorId: ActorId
  /** What the homeserver was last told; absent means not registered or not told yet. */
  readonly registered: boolean
  readonly displayName?: string
  /** The icon URL that `avatar` was made from. */
  readonly avatarUrl?: string
  readonly avatar?: Mxc
}

/** What a user wrote, and the same as HTML for the fediverse. */
export type ProfileText = { readonly source: string; readonly html: string }

/** One line of a profile's table. */
export type ProfileField = { readonly name: string; readonly value: ProfileText }

/** What a user has set for the fediverse alone; name and picture here win over those of Matrix. */
export type OwnProfile = {
  readonly name?: string
  readonly avatar?: Mxc
  readonly header?: Mxc
  readonly bio?: ProfileText
  readonly fields: readonly ProfileField[]
  /** Nobody follows without being let in. */
  readonly isLocked: boolean
  readonly isDiscoverable: boolean
  readonly isIndexable: boolean
  readonly isBot: boolean
}

export const emptyProfile: OwnProfile = {
  fields: [],
  isLocked: false,
  isDiscoverable: false,
  isIndexable: false,
  isBot: false,
}

/** Our ActivityPub actor that stands for a Matrix user. Ids are stable for ever. */
export type LocalActor = {
  readonly id: ActorId
  readonly userId: UserId
  /** Unique on the handle domain; the handle is `@username@<handle domain>`. */
  readonly username: string
  readonly displayName?: string
  readonly avatar?: Mxc
  readonly profile?: OwnProfile
  readonly createdAt: number
  /** Set once the actor was deleted: its id then answers 410 for ever. */
  readonly deletedAt?: number
}

/** What the actor is called on the fediverse. */
export const nameOf = (actor: LocalActor): string =>
  actor.profile?.name ?? actor.displayName ?? actor.username

/** The picture it has there. */
export const pictureOf = (actor: LocalActor): Mxc | undefined =>
  actor.profile?.avatar ?? actor.avatar

/** SPKI and PKCS#8 PEM of one actor. `keyId` is the actor id with `#main-key`. */
export type KeyPair = {
  readonly keyId: string
  readonly publicPem: string
  readonly privatePem: string
}
