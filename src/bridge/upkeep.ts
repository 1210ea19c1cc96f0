import type { Action } from '../model/action.ts'
import type { ActivityId, ActorId, ObjectId, RoomId, UserId } from '../model/ids.ts'
import { attemptOf, type Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { publishDrafts } from './drafts.ts'
import { TransientError } from '../model/errors.ts'
import { forget } from './forget.ts'
import { tellHeldBack } from './held-back.ts'
import type { ReachedDay } from './stranger-limits.ts'
import type { FollowersSync } from '../model/followers-sync.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import { followOn, type FollowOn } from './follow-on.ts'
import { handleOfActor, isAsking, isReadInRoom, whyOut } from './follows.ts'
import { doInvite, type Invite } from './invites.ts'
import { doLate, type Late } from './late-people.ts'
import { endLeft, type Left } from './leaving.ts'
import { ensureInvited, removeMember } from './members.ts'
import { arrangeModeration, type ModerationWork } from './moderation-room.ts'
import { perform } from './perform.ts'
import type { Tell } from './tell-job.ts'
import { doPersonalWork, isPersonalWork, type PersonalWork } from './personal-work.ts'
import { sendStatus } from './send-status.ts'
import type { SendStatus } from './send-status-job.ts'
import { setPollTime, type PollTime } from './poll-time.ts'
import { refreshGhostProfile } from './ghost-profile.ts'
import type { GroupOut } from './group-end.ts'
import { endIfOut } from './lost-rooms.ts'
import { refreshGroup, type OwnGroupWork } from './own-groups.ts'
import { refreshOwnRoom } from './own-profile.ts'
import { isPictureTrouble } from './picture.ts'
import { prune, type Prune } from './prune.ts'
import { refreshAvatar, refreshActor } from './profiles.ts'
import { retireActor } from './retire.ts'
import { leaveAlone, type LeaveAlone } from './leave-alone.ts'
import { refreshAll, type RefreshAll } from './refresh-all.ts'
import { tellReports, type ReportWork } from './reports.ts'
import { requote, type Requote } from './requote.ts'
import { followRoom, type FollowRoom } from './room-upgrades.ts'
import { rotateKeys, type RotateKeys } from './rotate-keys.ts'
import { refetchActor } from './refetch.ts'
import { followerNoticeDelay } from '../translate/relations.ts'
import { takeBack, type TakeBack } from './take-back.ts'
import { arrangeSpace, type SpaceWork } from './spaces.ts'
import { summarise } from './summary.ts'
import { syncFollowers } from './sync-followers.ts'
import { endPoll, tally } from './tally.ts'
import { doUnbridge, isUnbridge } from './unbridge.ts'
import type { Unbridge } from './unbridge-job.ts'
import { doHostWork, isHostWork, type HostWork } from './host-work.ts'
import { doPolicyWork } from './policy-effects.ts'
import { isPolicyWork, type PolicyWork } from './policy-jobs.ts'

/** Our own work that has a time: payload of an `upkeep` job. */
export type Upkeep =
  | { readonly type: 'avatar'; readonly actorId: ActorId }
  | { readonly type: 'refresh'; readonly actorId: ActorId }
  /** The profile of one of ours has changed. */
  | { readonly type: 'own-room'; readonly actorId: ActorId }
  /** The account has changed; its server says how. */
  | { readonly type: 'refetch'; readonly actorId: ActorId }
  | { readonly type: 'retire'; readonly actorId: ActorId }
  /** The user follows that account no more. */
  | { readonly type: 'leave-portal'; readonly actorId: ActorId; readonly userId: UserId }
  | { readonly type: 'summary'; readonly object: ObjectId }
  /** How many chose what in a poll; `isLast`: it has ended. */
  | { readonly type: 'tally'; readonly object: ObjectId; readonly isLast: boolean }
  | { readonly type: 'poll-end'; readonly object: ObjectId }
  | PollTime
  | TakeBack
  | ({ readonly type: 'held-back' } & ReachedDay)
  | { readonly type: 'new-followers'; readonly actorId: ActorId; readonly since: number }
  | { readonly type: 'follow-unanswered'; readonly activityId: ActivityId }
  /** Messages of that room have waited for more long enough. */
  | { readonly type: 'drafts'; readonly roomId: RoomId }
  /** Files that nobody may have any more. */
  | { readonly type: 'forget-media'; readonly ids: readonly string[] }
  /** Once a day: what we need not remember any more. */
  | { readonly type: 'forget' }
  /** Another server says by a digest who of ours follows that account, and we know it otherwise. */
  | { readonly type: 'sync-followers'; readonly actorId: ActorId; readonly sync: FollowersSync }
  | HostWork
  | PolicyWork
  | LeaveAlone
  | RefreshAll
  | Prune
  | ReportWork
  | ModerationWork
  | SendStatus
  | Requote
  | SpaceWork
  | RotateKeys
  | FollowOn
  | FollowRoom
  | PersonalWork
  | OwnGroupWork
  | GroupOut
  | Invite
  | Late
  | Left
  | Tell
  | Unbridge

async function newFollowers(
  upkeep: Upkeep & { type: 'new-followers' },
  deps: Deps,
): Promise<readonly Action[]> {
  const owner = await deps.store.findLocalActor(upkeep.actorId)
  if (owner === undefined) return []
  const fresh = (await deps.store.followersOf(owner.id)).filter(
    ({ state, requestedAt }) =>
      state === 'accepted' &&
      requestedAt >= upkeep.since &&
      requestedAt < upkeep.since + followerNoticeDelay,
  )
  const handles = await Promise.all(fresh.map(({ follower }) => handleOfActor(follower, deps)))
  if (handles.length === 0) return []
  const shown = handles.slice(0, 10).join(', ')
  const more = handles.length > 10 ? ` and ${handles.length - 10} more` : ''
  const text =
    handles.length === 1 ? `${shown} follows you now.` : `New followers: ${shown}${more}.`
  const place = { kind: 'notifications', userId: owner.userId } as const
  return [{ do: 'tell', place, text, key: `followers ${owner.id} ${upkeep.since}` }]
}

async function followUnanswered(
  upkeep: Upkeep & { type: 'follow-unanswered' },
  deps: Deps,
): Promise<readonly Action[]> {
  const follow = await deps.store.findFollowByActivity(upkeep.activityId)
  if (follow?.state !== 'requested') return []
  const follower = await deps.store.findLocalActor(follow.follower)
  if (follower === undefined) return []
  const handle = await handleOfActor(follow.followed, deps)
  const text = `${handle} has not answered your follow request for a day. It stays open; \`unfollow ${handle}\` takes it back.`
  return [
    {
      do: 'tell',
      place: { kind: 'management', userId: follower.userId },
      text,
      key: `unanswered ${upkeep.activityId}`,
    },
  ]
}

function tellAction(upkeep: Tell): readonly Action[] {
  const { roomId, userId, replyTo, text, key, from } = upkeep
  const told = { do: 'tell', text, key, ...(from === undefined ? {} : { from }) } as const
  if (roomId !== undefined) {
    const place = { kind: 'room', roomId } as const
    return [{ ...told, place, ...(replyTo === undefined ? {} : { replyTo }) }]
  }
  return userId === undefined ? [] : [{ ...told, place: { kind: 'management', userId } }]
}

async function noticesOf(
  upkeep: Upkeep & { type: 'new-followers' | 'follow-unanswered' | 'tell' },
  deps: Deps,
): Promise<readonly Action[]> {
  if (upkeep.type === 'new-followers') return newFollowers(upkeep, deps)
  return upkeep.type === 'tell' ? tellAction(upkeep) : followUnanswered(upkeep, deps)
}

/** Tries before a picture is left until the account changes it: half an hour. */
const pictureTries = 8

/** A picture that may be there in a moment is no reason for the rest to wait. */
async function showAccount(
  actorId: ActorId,
  { failures = 0 }: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  let later: TransientError | undefined
  try {
    await deps.store.commit(await refreshAvatar(actorId, deps))
  } catch (error) {
    if (!isPictureTrouble(error)) throw error
    deps.log.info({ actorId, err: error }, 'the picture of an account cannot be had')
    if (error instanceof TransientError && failures < pictureTries - 1) later = error
  }
  const changes = await refreshGhostProfile(actorId, deps)
  if (later === undefined) return changes
  await deps.store.commit(changes)
  throw later
}

async function leavePortal(
  { actorId, userId }: Upkeep & { type: 'leave-portal' },
  deps: Deps,
): Promise<readonly Change[]> {
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal === undefined) return []
  // An invite comes with the Accept; who is still there while they ask anew was let in by the follow that ended.
  const isThere = (await deps.store.findMembership(portal.roomId, userId)) === 'join'
  const isLeft = isThere && (await isAsking(userId, actorId, deps))
  if (isLeft || !(await isReadInRoom(userId, actorId, deps))) {
    const reason = await whyOut(userId, actorId, deps)
    await removeMember(portal.roomId, { userId, reason }, deps)
  }
  // Whoever moved back meanwhile was still there when their invite was thought of.
  const isBack = await isReadInRoom(userId, actorId, deps)
  if (isBack && !(await isAsking(userId, actorId, deps)))
    await ensureInvited({ roomId: portal.roomId, kind: portal.kind }, userId, deps)
  return []
}

async function tidy(
  upkeep: Upkeep & { type: 'forget' | 'prune' | 'forget-media' },
  deps: Deps,
): Promise<readonly Change[]> {
  if (upkeep.type === 'forget') return forget(deps)
  if (upkeep.type === 'prune') return prune(upkeep, deps)
  await deps.forgetMedia(upkeep.ids)
  return []
}

async function tendPoll(
  upkeep: Upkeep & { type: 'tally' | 'poll-end' | 'poll-time' },
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  if (upkeep.type === 'tally') return tally(upkeep, attempt, deps)
  return upkeep.type === 'poll-end'
    ? endPoll(upkeep, attempt, deps)
    : setPollTime(upkeep, attempt, deps)
}

/** How a room of ours looks, and who is in it. */
async function tendRoom(
  upkeep: Upkeep & { type: 'own-room' | 'own-group' | 'moderation' | 'space' },
  deps: Deps,
): Promise<readonly Change[]> {
  if (upkeep.type === 'own-room') return refreshOwnRoom(upkeep.actorId, deps)
  if (upkeep.type === 'own-group') return refreshGroup(upkeep.actorId, deps)
  return upkeep.type === 'space' ? arrangeSpace(upkeep, deps) : arrangeModeration(deps)
}

/** What none of the others does. */
type Further = Exclude<
  Upkeep,
  | Left
  | GroupOut
  | HostWork
  | PolicyWork
  | SendStatus
  | FollowRoom
  | PersonalWork
  | Unbridge
  | LeaveAlone
  | RefreshAll
>

async function changesOf(upkeep: Further, job: Job, deps: Deps): Promise<readonly Change[]> {
  const attempt = attemptOf(job)
  switch (upkeep.type) {
    case 'avatar':
      return showAccount(upkeep.actorId, attempt, deps)
    case 'own-room':
    case 'own-group':
    case 'moderation':
    case 'space':
      return tendRoom(upkeep, deps)
    case 'refresh':
      return refreshActor(upkeep.actorId, deps)
    case 'refetch':
      return refetchActor(upkeep.actorId, job, deps)
    case 'leave-portal':
      return leavePortal(upkeep, deps)
    case 'sync-followers':
      return syncFollowers(upkeep, attempt, deps)
    case 'report':
    case 'reports-full':
    case 'report-done':
      return tellReports(upkeep, attempt, deps)
    case 'requote':
      return requote(upkeep, job, deps)
    case 'rotate-keys':
    case 'rotate-all-keys':
      return rotateKeys(upkeep, deps)
    case 'follow-on':
      return followOn(upkeep, attempt, deps)
    case 'invite':
      return doInvite(upkeep, deps)
    case 'late':
      return doLate(upkeep, deps)
    case 'retire':
      return retireActor(upkeep.actorId, attempt, deps)
    case 'summary':
      return summarise(upkeep.object, deps)
    case 'tally':
    case 'poll-end':
    case 'poll-time':
      return tendPoll(upkeep, attempt, deps)
    case 'take-back':
      return takeBack(upkeep, attempt, deps)
    case 'held-back':
      return tellHeldBack(upkeep, { key: job.key, ...attempt }, deps)
    case 'drafts':
      return publishDrafts(upkeep.roomId, attempt, deps)
    case 'forget':
    case 'prune':
    case 'forget-media':
      return tidy(upkeep, deps)
    case 'new-followers':
    case 'follow-unanswered':
    case 'tell':
      return perform(await noticesOf(upkeep, deps), attempt, deps)
    default:
      return upkeep satisfies never
  }
}

/** Does one upkeep job. Safe to run again. */
export async function doUpkeep(upkeep: Upkeep, job: Job, deps: Deps): Promise<JobResult> {
  if (upkeep.type === 'left') return endLeft(upkeep, { ...attemptOf(job), key: job.key }, deps)
  if (isPersonalWork(upkeep)) return doPersonalWork(upkeep, job, deps)
  if (upkeep.type === 'follow-room') return followRoom(upkeep, job, deps)
  if (upkeep.type === 'send-status') return sendStatus(upkeep, job, deps)
  if (isUnbridge(upkeep))
    return { outcome: 'done', changes: await doUnbridge(upkeep, attemptOf(job), deps) }
  if (upkeep.type === 'group-out') return { outcome: 'done', changes: await endIfOut(upkeep, deps) }
  if (upkeep.type === 'refresh-all')
    return { outcome: 'done', changes: await refreshAll(upkeep, deps) }
  if (upkeep.type === 'leave-alone')
    return {
      outcome: 'done',
      changes: await leaveAlone(upkeep, { ...attemptOf(job), key: job.key }, deps),
    }
  if (isPolicyWork(upkeep))
    return { outcome: 'done', changes: await doPolicyWork(upkeep, job, deps) }
  const changes = isHostWork(upkeep) ? doHostWork(upkeep, deps) : changesOf(upkeep, job, deps)
  return { outcome: 'done', changes: await changes }
}
