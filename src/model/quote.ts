import type { ActorId, ObjectId } from './ids.ts'

/** An author's permission for one quotation of one post, as it stands at its own id (FEP-044f). */
export type QuoteStamp = {
  readonly id: ObjectId
  /** Who permits it: the author of what is quoted. */
  readonly attributedTo: ActorId
  /** The post that quotes. */
  readonly interactingObject: ObjectId
  /** The post that is quoted. */
  readonly interactionTarget: ObjectId
}

/** A stamp that one of our actors gave. */
export type OwnStamp = QuoteStamp & {
  /** Who wrote the post that quotes. */
  readonly quoter: ActorId
  readonly createdAt: number
  readonly revokedAt?: number
}

/** Who may quote a user's posts. */
export const quotePolicies = ['everyone', 'followers', 'nobody'] as const
export type QuotePolicy = (typeof quotePolicies)[number]
