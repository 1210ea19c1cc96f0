import type { Action } from '../model/action.ts'
import type { ActorId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { Follow } from '../model/relation.ts'
import type { InnerActivity } from '../model/outgoing.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import type { NewJob } from '../model/job.ts'
import { displayHandle } from '../model/names.ts'
import { newActivityId } from './new-ids.ts'

/** What a user reads whose follow has ended. */
export const leftReason = 'You no longer follow this account.'

/** A follow request that nobody answered is spoken of after this time. */
const followPatience = 86_400_000

/** What a request came to; `actions` still have to be performed. */
export type FollowRequest = {
  readonly result: 'requested' | 'following' | 'waiting'
  readonly actions: readonly Action[]
}

function unansweredJob(follow: Follow): NewJob {
  return {
    kind: 'upkeep',
    key: `unanswered ${follow.activityId}`,
    lane: `upkeep:unanswered ${follow.activityId}`,
    payload: JSON.stringify({ type: 'follow-unanswered', activityId: follow.activityId }),
    runAt: follow.requestedAt + followPatience,
  }
}

/** What of the account its follower wants to see besides its posts. */
export type FollowWishes = { readonly withReplies: boolean; readonly withBoosts: boolean }

/**
 * Asks to follow; an accepted follow only re-invites. Every request is a new activity: receivers
 * drop an id that they have seen, also after an Undo.
 */
export async function requestFollow(
  follower: LocalActor,
  target: RemoteActor,
  { withReplies, withBoosts, deps }: FollowWishes & { readonly deps: Deps },
): Promise<FollowRequest> {
  const known = await deps.store.findFollow(follower.id, target.id)
  const invite: Action = {
    do: 'invite',
    place: { kind: 'actor', actorId: target.id },
    userId: follower.userId,
  }
  if (known?.state === 'accepted') {
    const follow = { ...known, withReplies: withReplies || known.withReplies, withBoosts }
    return {
      result: 'following',
      actions: [{ do: 'commit', changes: [{ change: 'put-follow', follow }] }, invite],
    }
  }
  const now = deps.clock.now()
  const follow: Follow = {
    follower: follower.id,
    followed: target.id,
    activityId: newActivityId(deps),
    state: 'requested',
    requestedAt: now,
    withReplies,
    withBoosts,
  }
  const actions: Action[] = [
    {
      do: 'publish',
      activity: {
        type: 'follow',
        id: follow.activityId,
        actor: follower.id,
        object: target.id,
        to: [target.id],
        cc: [],
      },
      recipients: [target.id],
      toFollowers: false,
      inboxes: [],
      order: `${follower.id} ${target.id}`,
    },
    {
      do: 'commit',
      changes: [
        { change: 'put-follow', follow },
        { change: 'enqueue', job: unansweredJob(follow) },
      ],
    },
  ]
  return { result: known === undefined ? 'requested' : 'waiting', actions }
}

/** Out of the room once the end of the follow is committed: an Accept may be inviting at this moment. */
const leaveJob = ({ activityId, followed }: Follow, userId: UserId): NewJob => ({
  kind: 'upkeep',
  key: `leave ${activityId}`,
  lane: `upkeep:leave ${followed} ${userId}`,
  payload: JSON.stringify({ type: 'leave-portal', actorId: followed, userId }),
})

/** Whether the user follows the account, or has asked to. */
export async function isFollowing(userId: UserId, actorId: ActorId, deps: Deps): Promise<boolean> {
  const actor = await deps.store.findLocalActorByUser(userId)
  if (actor === undefined) return false
  return (await deps.store.findFollow(actor.id, actorId)) !== undefined
}

/** Undoes a follow or a request; empty when there is none. The user leaves the portal. */
export async function endFollow(
  follower: LocalActor,
  target: ActorId,
  deps: Deps,
): Promise<readonly Action[]> {
  const follow = await deps.store.findFollow(follower.id, target)
  if (follow === undefined) return []
  const inner: InnerActivity = {
    type: 'Follow',
    id: follow.activityId,
    actor: follower.id,
    object: target,
  }
  return [
    {
      do: 'publish',
      activity: {
        type: 'undo',
        id: newActivityId(deps),
        actor: follower.id,
        inner,
        to: [target],
        cc: [],
      },
      recipients: [target],
      toFollowers: false,
      inboxes: [],
      order: `${follower.id} ${target}`,
    },
    {
      do: 'commit',
      changes: [
        { change: 'remove-follow', follower: follower.id, followed: target },
        { change: 'enqueue', job: leaveJob(follow, follower.userId) },
      ],
    },
  ]
}

/** Handles of the accounts that a user follows, with their state; sorted. */
export async function followsOfUser(
  userId: UserId,
  deps: Deps,
): Promise<readonly { handle: string; state: Follow['state'] }[]> {
  const actor = await deps.store.findLocalActorByUser(userId)
  if (actor === undefined) return []
  const rows = await Promise.all(
    (await deps.store.followsOf(actor.id)).map(async ({ followed, state }) => ({
      handle: await handleOfActor(followed, deps),
      state,
    })),
  )
  return rows.sort((a, b) => a.handle.localeCompare(b.handle))
}

/** Handles of a user's followers; sorted. */
export async function followersOfUser(userId: UserId, deps: Deps): Promise<readonly string[]> {
  const actor = await deps.store.findLocalActorByUser(userId)
  if (actor === undefined) return []
  const followers = (await deps.store.followersOf(actor.id)).filter(
    ({ state }) => state === 'accepted',
  )
  const handles = await Promise.all(followers.map(({ follower }) => handleOfActor(follower, deps)))
  return handles.sort((a, b) => a.localeCompare(b))
}

/** `@user@host` of any actor we know; its id where we do not. */
export async function handleOfActor(actorId: ActorId, deps: Deps): Promise<string> {
  const remote = await deps.store.findRemoteActor(actorId)
  if (remote !== undefined) return displayHandle(remote)
  const local = await deps.store.findLocalActor(actorId)
  return local === undefined ? actorId : `@${local.username}@${deps.identity.handleDomain}`
}
