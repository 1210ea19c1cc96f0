import type { ActorId } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import type { QueueSample } from '../model/queue-sample.ts'

/** What admins look through: a part of `Store`. */
export type AdminStore = {
  /** Forgets those from before `keptSince`, milliseconds since the epoch. */
  addQueueSample(sample: QueueSample, keptSince: number): Promise<void>
  /** Since `from`, oldest first. */
  queueSamples(from: number, limit: number): Promise<readonly QueueSample[]>
  /** People of ours by name, behind that one. */
  peopleAfter(username: string, limit: number): Promise<readonly LocalActor[]>
  /** Accounts that an admin has suspended, by id, behind that one; `by` is empty where it is not known any more. */
  suspendedAfter(
    id: ActorId | undefined,
    limit: number,
  ): Promise<readonly { readonly id: ActorId; readonly by: string; readonly at: number }[]>
  followersCount(id: ActorId): Promise<number>
  followingCount(id: ActorId): Promise<number>
}
