import type { Activity } from '../model/activity.ts'
import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Follow } from '../model/relation.ts'
import type { Job } from '../model/job.ts'
import type { PublishAction } from '../model/action.ts'
import type { JobResult } from '../model/job-result.ts'
import type { FollowersSync } from '../model/followers-sync.ts'
import type { Attempt } from './attempt.ts'
import { accountJob, type AccountWork } from './account-work.ts'
import { RejectedError } from '../model/errors.ts'
import { undoFollow } from './follows.ts'
import { isOwnId, newActivityId } from './new-ids.ts'
import { perform } from './perform.ts'
import { receiveActivity } from './receive-activity.ts'

/** FEP-8fcf: another server's list of our users who follow one of its accounts. */

/** What was asked for within this time may still be under way, one way or the other. */
const underWay = 600_000
/** Follows that are taken back in one go; the next post goes on with it. */
const mostUndone = 100

type MendFollow = AccountWork & { readonly type: 'mend-follow' }

const stateBefore = { accepted: 'requested', ended: 'accepted' } as const

const mendJob = ({ followed, activityId }: Follow, is: MendFollow['is']): Change => ({
  change: 'enqueue',
  job: accountJob(
    { type: 'mend-follow', actorId: followed, activityId, is },
    `${activityId} ${is}`,
  ),
})

async function ownFollowsOf(actorId: ActorId, deps: Deps): Promise<readonly Follow[]> {
  const follows = await deps.store.followersOf(actorId)
  return follows.filter(({ follower }) => isOwnId(follower, deps))
}

/** Undefined: it cannot be had, or is not the list that its owner spoke of. */
async function fetchList(
  { sync, actorId }: { readonly sync: FollowersSync; readonly actorId: ActorId },
  deps: Deps,
): Promise<ReadonlySet<ActorId> | undefined> {
  const actor = await deps.store.findRemoteActor(actorId)
  if (actor === undefined || actor.followers !== sync.collectionId) return undefined
  try {
    const listed = await deps.fediverse.fetchFollowers(actor, sync)
    return listed === undefined ? undefined : new Set(listed)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

/** Whoever the other side takes for a follower and who is none. Each has to say so itself. */
async function undo(
  follower: ActorId,
  followed: ActorId,
  deps: Deps,
): Promise<readonly PublishAction[]> {
  const local = await deps.store.findLocalActor(follower)
  if (local === undefined || local.deletedAt !== undefined) return []
  return [undoFollow({ activityId: newActivityId(deps), follower, followed }, deps)]
}

type SyncUpkeep = { readonly actorId: ActorId; readonly sync: FollowersSync }

/**
 * What differs between that list and ours: a follow that the other side does not have ends here, one
 * that it has and we asked for is accepted, one that we do not know is taken back. Nothing is done by a
 * list that has changed since it was spoken of, nor about what was asked for a moment ago.
 */
export async function syncFollowers(
  { actorId, sync }: SyncUpkeep,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  // What is accepted after this may not be in the list yet.
  const before = await ownFollowsOf(actorId, deps)
  const listed = await fetchList({ actorId, sync }, deps)
  if (listed === undefined) return []
  const now = deps.clock.now()
  const known = new Map((await ownFollowsOf(actorId, deps)).map((one) => [one.follower, one]))
  const isSettled = ({ requestedAt }: Follow): boolean => requestedAt + underWay <= now
  const ended = before.filter(
    (follow) => follow.state === 'accepted' && isSettled(follow) && !listed.has(follow.follower),
  )
  const accepted = [...known.values()].filter(
    (follow) => follow.state === 'requested' && isSettled(follow) && listed.has(follow.follower),
  )
  const strangers = [...listed].filter((id) => isOwnId(id, deps) && !known.has(id))
  const undone = await Promise.all(
    strangers.slice(0, mostUndone).map((follower) => undo(follower, actorId, deps)),
  )
  if (ended.length + accepted.length + undone.length > 0) {
    const counts = { ended: ended.length, accepted: accepted.length, undone: undone.length }
    deps.log.info({ actor: actorId, ...counts }, 'followers differ from what their server says')
  }
  return [
    ...ended.map((follow) => mendJob(follow, 'ended')),
    ...accepted.map((follow) => mendJob(follow, 'accepted')),
    ...(await perform(undone.flat(), attempt, deps)),
  ]
}

/** As if the account had answered again, in the order of its activities. */
export async function mendFollow(
  { actorId, activityId, is }: MendFollow,
  job: Job,
  deps: Deps,
): Promise<JobResult> {
  const follow = await deps.store.findFollowByActivity(activityId)
  const isSame = follow?.followed === actorId && follow.state === stateBefore[is]
  if (follow === undefined || !isSame) return { outcome: 'skipped: unwanted', changes: [] }
  const { follower } = follow
  const activity: Activity = {
    id: newActivityId(deps),
    actor: actorId,
    type: is === 'accepted' ? 'accept' : 'reject',
    follow: { type: 'Follow', id: activityId, actor: follower },
  }
  return receiveActivity(activity, job, deps)
}
