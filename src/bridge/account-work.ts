import type { ActivityId, ActorId, ObjectId, UserId } from '../model/ids.ts'
import type { NewJob } from '../model/job.ts'

/** Work of ours that has its place in the order of an account's activities. */
export type AccountWork =
  /** One more reader: the account's room, with its newest posts, and an invite. */
  | { readonly type: 'open-room'; readonly actorId: ActorId; readonly userId: UserId }
  /** What it published since then, milliseconds since the epoch, and we were not there to hear. */
  | { readonly type: 'catch-up'; readonly actorId: ActorId; readonly since: number }
  /** Something was done with a post in that group, by the activity with which it tells of that. */
  | {
      readonly type: 'announced'
      readonly actorId: ActorId
      readonly activityId: ActivityId
      readonly deed: 'update' | 'delete' | 'restore'
      readonly object: ObjectId
      /** Its own server did not know it a while ago. */
      readonly wasMissing?: boolean
    }
  /** What it has pinned may have changed without a word. */
  | { readonly type: 'pins'; readonly actorId: ActorId }
  /** One follow that the other side sees another way (FEP-8fcf). */
  | {
      readonly type: 'mend-follow'
      readonly actorId: ActorId
      readonly activityId: ActivityId
      readonly is: 'accepted' | 'ended'
    }

/** `key` tells this work from other work of its type for that account. */
export const accountJob = (work: AccountWork, key: string): NewJob => ({
  kind: 'activity',
  key: `${work.type} ${work.actorId} ${key}`,
  lane: `activity:${work.actorId}`,
  // A list: whatever comes from outside is an object, so nobody else can ask for it.
  payload: JSON.stringify([work]),
})

/** What `accountJob` wrote; undefined: an activity. */
export function readAccountWork(payload: string): AccountWork | undefined {
  if (!payload.startsWith('[')) return undefined
  const [work] = JSON.parse(payload) as [AccountWork]
  return work
}
