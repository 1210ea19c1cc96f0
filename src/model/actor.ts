import type { ActorId, Mxc, RoomAlias, UserId } from './ids.ts'
import type { Emoji } from './content.ts'
import type { Wishes } from './wishes.ts'

export type ActorKind = 'Person' | 'Service' | 'Group' | 'Organization' | 'Application'

/** A public key as an actor document or a key document of its own states it. */
export type PublicKey = { readonly id: string; readonly owner: ActorId; readonly pem: string }

/** What an account says of itself beside name, text and picture. */
export type ActorDetails = {
  /** URL of the wide picture. */
  readonly header?: string
  /** Lines of its table; values are untrusted HTML. */
  readonly fields: readonly { readonly name: string; readonly value: string }[]
  /** It decides itself who follows it. */
  readonly isLocked: boolean
  /** Accounts that it says it is as well; absent for none. */
  readonly alsoKnownAs?: readonly ActorId[]
  /** Absent for none. */
  readonly wishes?: Wishes
}

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
  /** Absent where it says none of this. */
  readonly details?: ActorDetails
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
  /** Names what its further profile was made from (`bridge/ghost-profile.ts`). */
  readonly told?: string
}

/** The ghost with another picture, or without one. */
export const withPicture = (
  { userId, actorId, registered, displayName, told }: Ghost,
  picture: Pick<Ghost, 'avatar' | 'avatarUrl'>,
): Ghost => ({
  ...{ userId, actorId, registered },
  ...(displayName === undefined ? {} : { displayName }),
  ...(told === undefined ? {} : { told }),
  ...picture,
})

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
  /** Custom emoji that name, text and fields name. */
  readonly emojis?: readonly Emoji[]
  /** Accounts elsewhere that are the same person: they may move here. */
  readonly aliases?: readonly ActorId[]
  /** Where the user has gone on; nothing is published here since. */
  readonly movedTo?: ActorId
}

/**
 * A change of a profile, by its parts; whatever is not named stays as it is when the change is made. As
 * JSON it is the same.
 */
export type ProfileEdit = {
  readonly set: Partial<Omit<OwnProfile, 'fields' | 'aliases'>>
  readonly unset: readonly (keyof OwnProfile)[]
  /** Without a value it is taken away. */
  readonly field?: { readonly name: string; readonly value?: ProfileText }
  readonly alias?: { readonly actorId: ActorId; readonly isOne: boolean }
}

/** What a user's profile on Matrix says beside name and picture (MSC4133). */
export type MatrixProfile = { readonly bio?: ProfileText; readonly header?: Mxc }

export const emptyProfile: OwnProfile = {
  fields: [],
  isLocked: false,
  isDiscoverable: false,
  isIndexable: false,
  isBot: false,
}

/** What makes a local actor that of a room (FEP-1b12); which room it is, its portal says. */
export type OwnGroup = {
  /** The address of the room, where anybody may join it. */
  readonly alias?: RoomAlias
}

/** Our ActivityPub actor that stands for a Matrix user, or for a room. Ids are stable for ever. */
export type LocalActor = {
  readonly id: ActorId
  /** Of a group the actor's own id, which is nobody's. */
  readonly userId: UserId
  /** Unique on the handle domain; the handle is `@username@<handle domain>`. */
  readonly username: string
  readonly displayName?: string
  readonly avatar?: Mxc
  readonly onMatrix?: MatrixProfile
  readonly profile?: OwnProfile
  /** Absent for people. */
  readonly group?: OwnGroup
  readonly createdAt: number
  /**
   * Set once the actor was deleted: its id and its handle then answer 410 for ever. Whose it was is
   * forgotten in the end; `userId` is the actor's own id then, which is nobody's.
   */
  readonly deletedAt?: number
}

/** What the actor is called on the fediverse. */
export const nameOf = (actor: LocalActor): string =>
  actor.profile?.name ?? actor.displayName ?? actor.username

/** The picture it has there. */
export const pictureOf = (actor: LocalActor): Mxc | undefined =>
  actor.profile?.avatar ?? actor.avatar

export const headerOf = (actor: LocalActor): Mxc | undefined =>
  actor.profile?.header ?? actor.onMatrix?.header

export const bioOf = (actor: LocalActor): ProfileText | undefined =>
  actor.profile?.bio ?? actor.onMatrix?.bio

/** What a key of ours signs: requests (`rsa`), or documents (`ed25519`, FEP-8b32). */
export type KeyKind = 'rsa' | 'ed25519'

/** One key of one of our actors. */
export type KeyPair = {
  readonly kind: KeyKind
  /** The actor id with a fragment, which no other key of that actor ever has. */
  readonly keyId: string
  /** SPKI. */
  readonly publicPem: string
  /** The private half, unreadable without the key of the configuration (`activitypub/sealing.ts`). */
  readonly sealed: string
  readonly madeAt: number
  /** Since when a newer one signs in its place; absent: it signs. */
  readonly retiredAt?: number
}
