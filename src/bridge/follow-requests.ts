import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { Follow } from '../model/relation.ts'
import type { LocalActor } from '../model/actor.ts'
import { newActivityId } from './new-ids.ts'

/** Who waits to be let in by a locked account, longest first. */
export async function followRequests(owner: LocalActor, deps: Deps): Promise<readonly Follow[]> {
  const follows = await deps.store.followersOf(owner.id)
  return follows.filter(({ state }) => state === 'requested')
}

/** The owner's answer to a request, for its server and for us. */
export function answerRequest(
  follow: Follow,
  answer: 'accept' | 'reject',
  deps: Deps,
): readonly Action[] {
  const { follower, followed, activityId } = follow
  return [
    {
      do: 'publish',
      activity: {
        id: newActivityId(deps),
        actor: followed,
        type: answer,
        inner: { type: 'Follow', id: activityId, actor: follower, object: followed },
        to: [follower],
        cc: [],
      },
      recipients: [follower],
      toFollowers: false,
      inboxes: [],
      order: `${followed} ${follower}`,
    },
    {
      do: 'commit',
      changes: [
        answer === 'accept'
          ? { change: 'accept-follow', activityId }
          : { change: 'remove-follow', follower, followed },
      ],
    },
  ]
}
