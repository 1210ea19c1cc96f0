import type { Action } from '../model/action.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Follow } from '../model/relation.ts'
import type { RemoteActor } from '../model/actor.ts'
import { displayHandle } from '../model/names.ts'
import { acceptedOf } from './accepted.ts'
import { blockBetween } from './blocks.ts'
import { askToFollow, handleOfActor, undoFollow } from './follows.ts'
import { perform } from './perform.ts'
import { tellJob } from './tell-job.ts'

/** Followers of one account are brought to the one that it moved to. */
export type FollowOn = {
  readonly type: 'follow-on'
  readonly from: ActorId
  readonly to: ActorId
  /** The Move. */
  readonly move: ActivityId
}

/** Followers in one run, and the pause until the next, milliseconds: the new server is not flooded. */
const batch = 20
const pause = 30_000

/**
 * A batch of them: each asks to follow the new account and ends the follow of the old one, in one
 * commit, so that a crash leaves nobody with neither. Those who read it in its room stay there: it is
 * theirs to read, and says where the account went.
 */
export async function followOn(
  work: FollowOn,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const { from } = work
  const follows = await acceptedOf(from, deps)
  for (const follow of follows.slice(0, batch))
    await deps.store.commit(await perform(await goOn(follow, work, deps), attempt, deps))
  if (follows.length <= batch) return []
  const job = {
    kind: 'upkeep',
    key: `follow on ${work.move} ${deps.random.id()}`,
    lane: `upkeep:follow on ${from}`,
    payload: JSON.stringify(work),
    runAt: deps.clock.now() + pause,
  } as const
  return [{ change: 'enqueue', job }]
}

async function goOn(
  { follower: id, withReplies, withBoosts, shownIn }: Follow,
  { from, to, move }: FollowOn,
  deps: Deps,
): Promise<readonly Action[]> {
  const follower = await deps.store.findLocalActor(id)
  const target = await deps.store.findRemoteActor(to)
  const changes = [{ change: 'remove-follow', follower: id, followed: from }] as const
  if (follower === undefined || target === undefined) return [{ do: 'commit', changes }]
  const isBarred = (await blockBetween(id, to, deps)) !== undefined
  // Who follows or asks already keeps that as it is.
  const isThere = (await deps.store.findFollow(id, to)) !== undefined
  const wishes = { withReplies, withBoosts, shownIn, deps }
  const asking =
    isBarred || isThere
      ? []
      : askToFollow(follower, target, { known: undefined, ...wishes }).actions
  const before = await deps.store.findFollow(id, from)
  const portal =
    shownIn === 'room' && !isBarred
      ? await deps.store.findPortal({ kind: 'actor', actorId: from })
      : undefined
  const news = await newsOf({ from, target, isBarred }, deps)
  // Once in a room for all of its readers. Where it cannot be said, the follows move all the same.
  const told =
    portal === undefined
      ? tellJob({ key: `moved ${move} ${follower.userId}`, userId: follower.userId, text: news })
      : tellJob({ key: `moved ${move}`, roomId: portal.roomId, text: news })
  return [
    { do: 'commit', changes: [told, ...changes] },
    ...asking,
    ...(before === undefined ? [] : [undoFollow(before, deps)]),
  ]
}

type News = { readonly from: ActorId; readonly target: RemoteActor; readonly isBarred: boolean }

async function newsOf({ from, target, isBarred }: News, deps: Deps): Promise<string> {
  const [before, now] = [await handleOfActor(from, deps), displayHandle(target)]
  return isBarred
    ? `${before} has moved to ${now}, which you do not follow: one of you has blocked the other.`
    : `${before} has moved to ${now}: ${target.url ?? target.id}. Whoever followed it here follows the new account now.`
}
