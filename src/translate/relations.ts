import { noticeId } from '../model/notice-id.ts'
import { type Action, type Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { ActivityId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Block, Follow } from '../model/relation.ts'
import type { InnerActivity } from '../model/outgoing.ts'
import type { KnownForMatrix } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { NewJob } from '../model/job.ts'
import { asActivityId, asActorId } from '../model/ids.ts'
import { displayHandle } from '../model/names.ts'

const authorHandle = (known: KnownForMatrix): string => displayHandle(known.author.actor)

/** Says that this Follow came, whatever has become of it. */
export const heardMark = (id: ActivityId): string => `heard follow ${id}`

/**
 * One notice tells of all new followers that came within this time, milliseconds; a late one leaves
 * the others to the next.
 */
export const followerNoticeDelay = 30_000

function followerNoticeJob(owner: LocalActor, now: number): NewJob {
  const slot = Math.floor(now / followerNoticeDelay)
  return {
    kind: 'upkeep',
    key: `followers ${owner.id} ${slot}`,
    lane: `upkeep:followers ${owner.id}`,
    payload: JSON.stringify({
      type: 'new-followers',
      actorId: owner.id,
      since: slot * followerNoticeDelay,
    }),
    runAt: (slot + 1) * followerNoticeDelay,
  }
}

function answer(type: 'accept' | 'reject', inner: InnerActivity, known: KnownForMatrix): Action {
  const us = asActorId(inner.object)
  return {
    do: 'publish',
    activity: { id: known.answerId, actor: us, type, inner, to: [inner.actor], cc: [] },
    recipients: [inner.actor],
    toFollowers: false,
    inboxes: [],
    order: `${us} ${inner.actor}`,
  }
}

const keep = (follow: Follow, { now }: KnownForMatrix): readonly Change[] => [
  { change: 'put-follow', follow },
  { change: 'mark', key: heardMark(follow.activityId), value: '', at: now },
]

/** A locked account, or a domain that the admin has silenced: the owner decides, and may take as long as they like. */
function askOwner(follow: Follow, owner: LocalActor, known: KnownForMatrix): Action[] {
  const handle = authorHandle(known)
  return [
    { do: 'commit', changes: keep(follow, known) },
    {
      do: 'tell',
      place: { kind: 'management', userId: owner.userId },
      text: `${handle} asks to follow you. React to this with ✅ to let them, with ❌ not to; \`approve ${handle}\` and \`reject ${handle}\` do the same. They are not told why.`,
      from: noticeId('request', follow.activityId),
      key: `asked ${follow.activityId}`,
      mentions: [owner.userId],
    },
  ]
}

export function translateFollow(
  activity: Activity & { type: 'follow' },
  known: KnownForMatrix,
): Translation {
  const owner = known.locals.get(activity.object)
  if (owner === undefined || owner.deletedAt !== undefined) return { skip: 'unknown-target' }
  if (known.isUndone === true) return { skip: 'deleted' }
  const inner: InnerActivity = {
    type: 'Follow',
    id: activity.id,
    actor: activity.actor,
    object: owner.id,
  }
  if (known.deaf.has(owner.id) || owner.profile?.movedTo !== undefined)
    return { actions: [answer('reject', inner, known)] }
  const isNew = known.follow?.state !== 'accepted'
  const isAsked = isNew && (owner.profile?.isLocked === true || known.isSilenced === true)
  // Nobody decides for a group.
  if (isAsked && owner.group !== undefined) return { actions: [answer('reject', inner, known)] }
  const follow: Follow = {
    follower: activity.actor,
    followed: owner.id,
    activityId: activity.id,
    state: isAsked ? 'requested' : 'accepted',
    requestedAt: known.now,
    withReplies: false,
    withBoosts: true,
    shownIn: 'room',
  }
  if (isAsked) return { actions: askOwner(follow, owner, known) }
  // A repeated Follow is answered again: its server may have missed the first answer.
  return {
    actions: [
      {
        do: 'commit',
        changes: [
          ...keep(follow, known),
          ...(isNew && owner.group === undefined
            ? [{ change: 'enqueue', job: followerNoticeJob(owner, known.now) } as const]
            : []),
        ],
      },
      answer('accept', inner, known),
    ],
  }
}

/** Where the follower reads it from now on, and what is said of that. */
function shown(
  { follower, followed, shownIn }: Follow,
  { userId }: LocalActor,
): [Action[], string] {
  if (shownIn === 'home')
    return [
      [{ do: 'invite', place: { kind: 'home', userId }, userId }],
      'Its posts come into your Home room from now on.',
    ]
  return [
    [
      { do: 'fill-portal', actorId: followed, follower },
      { do: 'invite', place: { kind: 'actor', actorId: followed }, userId },
    ],
    'Its newest posts are in its own room; I have invited you.',
  ]
}

/** Whoever went on to where the account moved may read no more of it once others follow it here. */
const takeOut = ({ followed }: Follow, { stayed = [] }: KnownForMatrix): Action[] =>
  stayed.map((userId) => ({
    do: 'kick',
    place: { kind: 'actor', actorId: followed },
    userId,
    reason: 'You no longer follow this account.',
  }))

function accepted(follow: Follow, follower: LocalActor, known: KnownForMatrix): Action[] {
  const handle = authorHandle(known)
  const [actions, where] = shown(follow, follower)
  return [
    ...takeOut(follow, known),
    ...actions,
    {
      do: 'tell',
      place: { kind: 'management', userId: follower.userId },
      text: `Following ${handle}. ${where}`,
      key: `accepted ${follow.activityId}`,
    },
    { do: 'commit', changes: [{ change: 'accept-follow', activityId: follow.activityId }] },
  ]
}

/** Looks again once the end of the follow is committed: an invite to its follower may be under way. */
const leaveJob = ({ activityId, followed }: Follow, { userId }: LocalActor): NewJob => ({
  kind: 'upkeep',
  key: `leave ${activityId}`,
  lane: `upkeep:leave ${followed} ${userId}`,
  payload: JSON.stringify({ type: 'leave-portal', actorId: followed, userId }),
})

function removed(follow: Follow, follower: LocalActor, known: KnownForMatrix): Action[] {
  const handle = authorHandle(known)
  const text =
    follow.state === 'accepted'
      ? `${handle} has removed you from its followers. You no longer see its posts.`
      : `${handle} declined your follow request.`
  return [
    {
      do: 'commit',
      changes: [
        { change: 'remove-follow', follower: follow.follower, followed: follow.followed },
        { change: 'enqueue', job: leaveJob(follow, follower) },
      ],
    },
    {
      do: 'kick',
      place: { kind: 'actor', actorId: follow.followed },
      userId: follower.userId,
      reason: `${handle} ended this.`,
    },
    {
      do: 'tell',
      place: { kind: 'management', userId: follower.userId },
      text,
      key: `rejected ${follow.activityId}`,
    },
  ]
}

/** Accept or Reject of a Follow of ours. Only the followed account may answer for itself. */
export function translateAnswer(
  activity: Activity & { type: 'accept' | 'reject' },
  known: KnownForMatrix,
): Translation {
  const { follow } = known
  if (follow === undefined) return { skip: 'unknown-target' }
  if (follow.followed !== activity.actor) return { skip: 'not-the-owner' }
  const follower = known.locals.get(follow.follower)
  if (follower === undefined) return { skip: 'unknown-target' }
  if (activity.type === 'reject') return { actions: removed(follow, follower, known) }
  if (follow.state === 'accepted') return { skip: 'already-known' }
  return { actions: accepted(follow, follower, known) }
}

export function translateUndoFollow(
  activity: Activity & { type: 'undo' },
  follow: Follow,
): Translation {
  if (follow.follower !== activity.actor) return { skip: 'not-the-owner' }
  return {
    actions: [
      {
        do: 'commit',
        changes: [
          { change: 'remove-follow', follower: follow.follower, followed: follow.followed },
        ],
      },
    ],
  }
}

/** Stops both ways at once: no posts in, no deliveries out, and the blocked user leaves the portal. */
export function translateBlock(
  activity: Activity & { type: 'block' },
  known: KnownForMatrix,
): Translation {
  const blocked = known.locals.get(activity.object)
  if (blocked === undefined) return { skip: 'unknown-target' }
  const ours = known.follow
  return {
    actions: [
      {
        do: 'commit',
        changes: [
          {
            change: 'put-block',
            block: {
              blocker: activity.actor,
              blocked: blocked.id,
              activityId: asActivityId(activity.id),
            },
          },
          { change: 'remove-follow', follower: activity.actor, followed: blocked.id },
        ],
      },
      ...(ours === undefined ? [] : removed(ours, blocked, known)),
    ],
  }
}

export function translateUndoBlock(
  activity: Activity & { type: 'undo' },
  block: Block,
): Translation {
  if (block.blocker !== activity.actor) return { skip: 'not-the-owner' }
  return {
    actions: [
      {
        do: 'commit',
        changes: [{ change: 'remove-block', blocker: block.blocker, blocked: block.blocked }],
      },
    ],
  }
}
