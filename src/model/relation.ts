import type { ActivityId, ActorId, ObjectId } from './ids.ts'
import type { Emoji } from './content.ts'

/** Where a follower reads an account: in its own room, or in the follower's home room. */
export type ShownIn = 'room' | 'home'

/** One direction of a follow; one of both is a local actor. Key: (follower, followed). */
export type Follow = {
  readonly follower: ActorId
  readonly followed: ActorId
  /** Id of the newest Follow activity. */
  readonly activityId: ActivityId
  readonly state: 'requested' | 'accepted' | 'rejected'
  readonly requestedAt: number
  /** Ours only: also show replies to accounts that nobody in the portal follows. */
  readonly withReplies: boolean
  /** Ours only: also show what the account boosts. */
  readonly withBoosts: boolean
  /** Ours only. */
  readonly shownIn: ShownIn
}

/** Key: (blocker, blocked). */
export type Block = {
  readonly blocker: ActorId
  readonly blocked: ActorId
  readonly activityId: ActivityId
}

export type ReactionType = 'Like' | 'EmojiReact' | 'Dislike' | 'Announce'

/** How somebody took a post, as the wire tells it. */
export type Feeling = {
  readonly type: ReactionType
  /** An emoji or `:shortcode:`; a plain Like is ❤️, a Dislike 👎, an Announce 🔁. */
  readonly key: string
  /** The picture of a `:shortcode:`. */
  readonly emoji?: Emoji
}

/**
 * What somebody did with a post, in either direction. Key: `activityId`; also unique by (actor,
 * object, type, key).
 */
export type Reaction = Feeling & {
  readonly activityId: ActivityId
  readonly actor: ActorId
  readonly object: ObjectId
}

export const plainLike = '❤️'
export const dislike = '👎'
export const boost = '🔁'
