import type { ActivityId, ActorId, ObjectId } from './ids.ts'

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
}

/** Key: (blocker, blocked). */
export type Block = {
  readonly blocker: ActorId
  readonly blocked: ActorId
  readonly activityId: ActivityId
}

/** A Like in either direction. Key: `activityId`; also unique by (actor, object). */
export type Like = {
  readonly activityId: ActivityId
  readonly actor: ActorId
  readonly object: ObjectId
}
