import type { Action, PublishAction } from '../model/action.ts'
import type { ActorId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Follow, ShownIn } from '../model/relation.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import type { NewJob } from '../model/job.ts'
import type { PortalSeed } from '../model/portal.ts'
import { inMinutes, numbered } from '../model/limits.ts'
import { displayHandle } from '../model/names.ts'
import { whileNew } from '../translate/over-limit.ts'
import { acceptedOf } from './accepted.ts'
import { accountJob } from './account-work.ts'
import { newActivityId } from './new-ids.ts'
import { askedEnough } from './user-limits.ts'

/** What a user reads whose follow has ended. */
const leftReason = 'You no longer follow this account.'

/** A follow request that nobody answered is spoken of after this time. */
const followPatience = 86_400_000

/** What a request came to; `actions` still have to be performed. */
export type FollowRequest =
  | { readonly result: 'requested' | 'following' | 'waiting'; readonly actions: readonly Action[] }
  /** They have asked as often as they may; `text` says so, and until when. */
  | { readonly result: 'too-often'; readonly text: string }

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
export type FollowWishes = {
  readonly withReplies: boolean
  readonly withBoosts: boolean
  /** Absent: where it is shown already, or in its own room. */
  readonly shownIn?: ShownIn
}

/**
 * Asks to follow; an accepted follow only re-invites, and moves where that is wished. Every request is
 * a new activity: receivers drop an id that they have seen, also after an Undo.
 */
export async function requestFollow(
  follower: LocalActor,
  target: RemoteActor,
  { withReplies, withBoosts, shownIn, deps }: FollowWishes & { readonly deps: Deps },
): Promise<FollowRequest> {
  const known = await deps.store.findFollow(follower.id, target.id)
  if (known?.state === 'accepted') {
    // Never the follow anew: the account may be ending it at this moment.
    const change = {
      ...({ change: 'read-of', follower: follower.id, followed: target.id } as const),
      ...{ withReplies: withReplies || known.withReplies, withBoosts },
    }
    const moved = showIn(known, shownIn ?? known.shownIn, { userId: follower.userId, deps })
    return { result: 'following', actions: [{ do: 'commit', changes: [change] }, ...moved] }
  }
  const enough = await askedEnough(follower, deps)
  if (enough !== undefined) return { result: 'too-often', text: tooOften(enough, deps) }
  const inRoom = shownIn === undefined ? {} : { shownIn }
  return askToFollow(follower, target, { known, withReplies, withBoosts, ...inRoom, deps })
}

function tooOften(
  { most, nextAt, newUntil }: NonNullable<Awaited<ReturnType<typeof askedEnough>>>,
  { clock }: Deps,
): string {
  const now = clock.now()
  return `Not asked: you have asked to follow ${numbered(most, 'account', 'accounts')} within an hour, which is as many as this server allows. Ask again in ${inMinutes(nextAt, now)}.${whileNew(newUntil, now)}`
}

/** The same for who is not held to any number: the account that they followed has moved. */
export function askToFollow(
  follower: LocalActor,
  target: RemoteActor,
  {
    known,
    withReplies,
    withBoosts,
    shownIn,
    deps,
  }: FollowWishes & {
    readonly known: Follow | undefined
    readonly deps: Deps
  },
): FollowRequest & { readonly actions: readonly Action[] } {
  const now = deps.clock.now()
  const follow: Follow = {
    follower: follower.id,
    followed: target.id,
    activityId: newActivityId(deps),
    state: 'requested',
    requestedAt: now,
    withReplies,
    withBoosts,
    shownIn: shownIn ?? known?.shownIn ?? 'room',
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
const leaveJob = (
  { activityId, followed }: Pick<Follow, 'activityId' | 'followed'>,
  userId: UserId,
  deps: Deps,
): NewJob => ({
  kind: 'upkeep',
  key: `leave ${activityId} ${deps.random.id()}`,
  lane: `upkeep:leave ${followed} ${userId}`,
  payload: JSON.stringify({ type: 'leave-portal', actorId: followed, userId }),
})

/** What somebody reads whom we take out of an account's room. */
export async function whyOut(userId: UserId, actorId: ActorId, deps: Deps): Promise<string> {
  const actor = await deps.store.findLocalActorByUser(userId)
  const follow = actor && (await deps.store.findFollow(actor.id, actorId))
  if (follow?.shownIn === 'home') return 'Its posts are in your Home room now.'
  return follow === undefined ? leftReason : 'You are invited again once it lets you follow it.'
}

/** Whether the user has asked to follow it and is not let yet. */
export async function isAsking(userId: UserId, actorId: ActorId, deps: Deps): Promise<boolean> {
  const actor = await deps.store.findLocalActorByUser(userId)
  const follow = actor && (await deps.store.findFollow(actor.id, actorId))
  return follow?.state === 'requested'
}

/** Whether the user is to be in the account's room: they follow it, or have asked to, and read it there. */
export async function isReadInRoom(userId: UserId, actorId: ActorId, deps: Deps): Promise<boolean> {
  const actor = await deps.store.findLocalActorByUser(userId)
  if (actor === undefined) return false
  return (await deps.store.findFollow(actor.id, actorId))?.shownIn === 'room'
}

/**
 * What brings an account to where its follower reads it from now on, with an invite for those who are
 * not there. What was asked for only is shown there once it is accepted.
 */
export function showIn(
  { follower, followed, activityId, state, shownIn: before }: Follow,
  shownIn: ShownIn,
  { userId, deps }: { readonly userId: UserId; readonly deps: Deps },
): readonly Action[] {
  const isMoved = before !== shownIn
  const isAccepted = state === 'accepted'
  const invite = (place: PortalSeed): Action => ({ do: 'invite', place, userId })
  const changes: Change[] = isMoved ? [{ change: 'read-in', follower, followed, shownIn }] : []
  if (shownIn === 'home') {
    const job = leaveJob({ activityId, followed }, userId, deps)
    if (isMoved) changes.push({ change: 'enqueue', job })
    return [{ do: 'commit', changes }, ...(isAccepted ? [invite({ kind: 'home', userId })] : [])]
  }
  if (!isMoved) return isAccepted ? [invite({ kind: 'actor', actorId: followed })] : []
  const work = { type: 'open-room', actorId: followed, userId } as const
  const job = accountJob(work, `${userId} ${deps.random.id()}`)
  return [
    { do: 'commit', changes: isAccepted ? [...changes, { change: 'enqueue', job }] : changes },
  ]
}

/** Tells the account that one of ours follows it no more. */
export function undoFollow(
  { activityId, follower, followed }: Pick<Follow, 'activityId' | 'follower' | 'followed'>,
  deps: Deps,
): PublishAction {
  const inner = { type: 'Follow', id: activityId, actor: follower, object: followed } as const
  const id = newActivityId(deps)
  return {
    do: 'publish',
    activity: { type: 'undo', id, actor: follower, inner, to: [followed], cc: [] },
    recipients: [followed],
    toFollowers: false,
    inboxes: [],
    order: `${follower} ${followed}`,
  }
}

/** Undoes a follow or a request; empty when there is none. The user leaves the portal. */
export async function endFollow(
  { id, userId }: LocalActor,
  target: ActorId,
  deps: Deps,
): Promise<readonly Action[]> {
  const follow = await deps.store.findFollow(id, target)
  if (follow === undefined) return []
  const changes: Change[] = [
    { change: 'remove-follow', follower: id, followed: target },
    { change: 'enqueue', job: leaveJob(follow, userId, deps) },
  ]
  return [undoFollow(follow, deps), { do: 'commit', changes }]
}

/** Handles of the accounts that a user follows, with their state and where they are read; sorted. */
export async function followsOfUser(
  userId: UserId,
  deps: Deps,
): Promise<readonly ({ handle: string } & Pick<Follow, 'state' | 'shownIn'>)[]> {
  const actor = await deps.store.findLocalActorByUser(userId)
  if (actor === undefined) return []
  const rows = await Promise.all(
    (await deps.store.followsOf(actor.id)).map(async ({ followed, state, shownIn }) => ({
      handle: await handleOfActor(followed, deps),
      state,
      shownIn,
    })),
  )
  return rows.sort((a, b) => a.handle.localeCompare(b.handle))
}

/** Handles of a user's followers; sorted. */
export async function followersOfUser(userId: UserId, deps: Deps): Promise<readonly string[]> {
  const actor = await deps.store.findLocalActorByUser(userId)
  if (actor === undefined) return []
  const followers = await acceptedOf(actor.id, deps)
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
