import type { Action } from '../model/action.ts'
import type { ActorId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { whyLeftAlone } from '../model/wishes.ts'
import { answerRequest } from './follow-requests.ts'
import { endFollow, handleOfActor } from './follows.ts'
import { perform } from './perform.ts'
import { takeAway } from './retire.ts'
import { leaveAloneJob, optOutOf } from './wishes.ts'

/** An account is not to be bridged any more; payload of an `upkeep` job. */
export type LeaveAlone = { readonly type: 'leave-alone'; readonly actorId: ActorId }

/** Nobody of ours follows it any more, nor does it follow anybody here; its server and ours are told. */
async function endFollows(
  actorId: ActorId,
  { why, occasion }: { readonly why: string; readonly occasion: string },
  deps: Deps,
): Promise<Action[]> {
  const actions: Action[] = []
  for (const { follower } of await deps.store.followersOf(actorId)) {
    const local = await deps.store.findLocalActor(follower)
    if (local === undefined) continue
    const text = `${why}: you do not follow it any more, and what was here of it is removed.`
    const place = { kind: 'management', userId: local.userId } as const
    actions.push(...(await endFollow(local, actorId, deps)))
    actions.push({ do: 'tell', place, text, key: `${occasion} ${local.userId}` })
  }
  for (const follow of await deps.store.followsOf(actorId))
    actions.push(...answerRequest(follow, 'reject', deps))
  return actions
}

/**
 * Whoever does not want to be bridged is not: follows end, what is here of the account is redacted,
 * and its ghost leaves. `key` is that of the job: what it ends, it tells once. Nothing where it wants
 * something else by now. Safe to run again.
 */
export async function leaveAlone(
  { actorId }: LeaveAlone,
  { key, ...attempt }: Attempt & { readonly key: string },
  deps: Deps,
): Promise<readonly Change[]> {
  const why = await optOutOf(actorId, deps)
  if (why === undefined) return []
  const isGroup = (await deps.store.findRemoteActor(actorId))?.kind === 'Group'
  const words = whyLeftAlone({ handle: await handleOfActor(actorId, deps), isGroup }, why)
  const ended = await perform(
    await endFollows(actorId, { why: words, occasion: key }, deps),
    attempt,
    deps,
  )
  const leaving = {
    told: `${words}. What was here of it is removed, and nothing more comes.`,
    again: leaveAloneJob(actorId, deps.random.id()),
  }
  return [...ended, ...(await takeAway(actorId, leaving, { ...attempt, deps }))]
}
