import type { Action, PublishAction } from '../model/action.ts'
import type { ActorId } from '../model/ids.ts'
import type { Block } from '../model/relation.ts'
import type { Deps } from './ports.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import type { OutgoingActivity } from '../model/outgoing.ts'
import { answerRequest } from './follow-requests.ts'
import { endFollow } from './follows.ts'
import { newActivityId } from './new-ids.ts'
import { domainsOfActor } from './personal-rules.ts'

const tellThem = (activity: OutgoingActivity, blocked: ActorId): PublishAction => ({
  do: 'publish',
  activity,
  recipients: [blocked],
  toFollowers: false,
  inboxes: [],
  order: `${activity.actor} ${blocked}`,
})

/**
 * Nothing goes from the one to the other any more: their server is told, and the follows of both
 * directions end, theirs by a Reject as well for software that knows no Block.
 */
export async function blockAccount(
  owner: LocalActor,
  { id: blocked }: Pick<RemoteActor, 'id'>,
  deps: Deps,
): Promise<readonly Action[]> {
  const block: Block = { blocker: owner.id, blocked, activityId: newActivityId(deps) }
  const follow = await deps.store.findFollow(blocked, owner.id)
  const said = { id: block.activityId, actor: owner.id, object: blocked, to: [blocked], cc: [] }
  return [
    ...(await endFollow(owner, blocked, deps)),
    ...(follow === undefined ? [] : answerRequest(follow, 'reject', deps)),
    { do: 'commit', changes: [{ change: 'put-block', block }] },
    tellThem({ ...said, type: 'block' }, blocked),
  ]
}

/** The same with all of a domain: the follows of both directions end, and nothing goes to and fro. */
export async function blockDomainFor(
  owner: LocalActor,
  domain: string,
  deps: Deps,
): Promise<readonly Action[]> {
  const { store, clock } = deps
  const isThere = async (actorId: ActorId): Promise<boolean> =>
    (await domainsOfActor(actorId, deps)).includes(domain)
  const actions: Action[] = []
  for (const { followed } of await store.followsOf(owner.id))
    if (await isThere(followed)) actions.push(...(await endFollow(owner, followed, deps)))
  for (const follow of await store.followersOf(owner.id))
    if (await isThere(follow.follower)) actions.push(...answerRequest(follow, 'reject', deps))
  const rule = { owner: owner.id, rule: 'block-domain', target: domain } as const
  const changes = [{ change: 'put-personal-rule', rule, at: clock.now() }] as const
  return [...actions, { do: 'commit', changes }]
}

/** Takes it back. Follows that it ended stay ended. */
export function unblockAccount(
  { blocker, blocked, activityId }: Block,
  deps: Deps,
): readonly Action[] {
  const inner = { type: 'Block', id: activityId, actor: blocker, object: blocked } as const
  const said = { id: newActivityId(deps), actor: blocker, to: [blocked], cc: [] }
  return [
    { do: 'commit', changes: [{ change: 'remove-block', blocker, blocked }] },
    tellThem({ ...said, type: 'undo', inner }, blocked),
  ]
}
