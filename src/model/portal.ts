import type { ActorId, RoomId, UserId } from './ids.ts'

export type PortalKind =
  | 'management'
  | 'notifications'
  | 'direct'
  | 'actor'
  | 'profile'
  | 'group'
  | 'home'
  | 'space'
  | 'moderation'

/**
 * Someone in a direct portal: a Matrix user, a remote actor, or a ghost that was invited and whose
 * account nobody has looked up yet. Who is meant counts, whether or not their server answers.
 */
export type Participant =
  | { readonly kind: 'user'; readonly userId: UserId }
  | { readonly kind: 'actor'; readonly actorId: ActorId }
  | { readonly kind: 'ghost'; readonly userId: UserId }

/**
 * Which portal is meant, whether or not its room exists yet. `(kind, portalKey(seed))` is unique
 * in the store; a room is created for it at most once.
 */
export type PortalSeed =
  | { readonly kind: 'management'; readonly userId: UserId }
  | { readonly kind: 'notifications'; readonly userId: UserId }
  /** `participants` is a set: order and repetition mean nothing. */
  | { readonly kind: 'direct'; readonly participants: readonly Participant[] }
  | { readonly kind: 'actor'; readonly actorId: ActorId }
  /** `userId` owns it; `actorId` is the owner's local actor. */
  | { readonly kind: 'profile'; readonly userId: UserId; readonly actorId: ActorId }
  /** A room of Matrix that its people opened for the fediverse; `actorId` is the local actor of the room. */
  | { readonly kind: 'group'; readonly actorId: ActorId }
  /** The one room where `userId` reads all accounts that are to have no room of their own. */
  | { readonly kind: 'home'; readonly userId: UserId }
  /** The Space that holds the rooms of `userId`. */
  | { readonly kind: 'space'; readonly userId: UserId }
  /** The one room where the admins of the bridge read reports. */
  | { readonly kind: 'moderation' }

/** A Matrix room that stands for something on the fediverse. */
export type Portal = PortalSeed & {
  readonly roomId: RoomId
  /** Direct portals: the `context` that all messages of the room share. */
  readonly context?: string
}

const participantKey = (p: Participant): string => (p.kind === 'actor' ? p.actorId : p.userId)

/** The store's key of a portal within its kind. Direct portals: the sorted set, one id a line. */
export function portalKey(seed: PortalSeed): string {
  switch (seed.kind) {
    case 'management':
    case 'notifications':
    case 'home':
    case 'space':
      return seed.userId
    case 'direct':
      return [...new Set(seed.participants.map(participantKey))].sort().join('\n')
    case 'actor':
    case 'profile':
    case 'group':
      return seed.actorId
    case 'moderation':
      return ''
  }
}
