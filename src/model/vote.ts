import type { ActorId, EventId, ObjectId, UserId } from './ids.ts'

/**
 * What somebody chose in a poll. In a poll of ours the voter is a remote actor or a Matrix user, in
 * any other one a local actor. One of each choice for each voter.
 */
export type Votes = {
  readonly object: ObjectId
  readonly voter: ActorId | UserId
  /** Names of options. */
  readonly choices: readonly string[]
  /** The Matrix event that cast them. */
  readonly eventId?: EventId
}

export type Tally = {
  /** By the name of the option. */
  readonly votes: ReadonlyMap<string, number>
  readonly voters: readonly (ActorId | UserId)[]
}

export const isMatrixVoter = (voter: ActorId | UserId): voter is UserId => voter.startsWith('@')
