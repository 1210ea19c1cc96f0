import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { Follow } from '../model/relation.ts'
import type { LocalActor } from '../model/actor.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Mapping } from '../model/note.ts'
import { asActivityId, type ActivityId } from '../model/ids.ts'
import { toldIn } from '../model/notice-id.ts'
import { bareEmoji } from '../model/emoji.ts'
import { declineKeys, publishKeys } from '../translate/reaction-keys.ts'
import { isPermitted } from './actors.ts'
import { handleOfActor } from './follows.ts'
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

function kindOf(key: string): 'accept' | 'reject' | undefined {
  const bare = bareEmoji(key)
  if (publishKeys.has(bare)) return 'accept'
  return declineKeys.has(bare) ? 'reject' : undefined
}

/** Notices were once known by the id of the request itself, which may be that of a post as well. */
const requestIn = ({ remoteId, sender }: Mapping, { identity }: Deps): ActivityId | undefined =>
  toldIn('request', remoteId) ?? (sender === identity.bot ? asActivityId(remoteId) : undefined)

/** The owner's ✅ or ❌ on the notice of a request; undefined: it is no answer to one that is still open. */
export async function answerByReaction(
  { roomId, target, sender, key, eventId }: MatrixEvent & { type: 'reaction' },
  deps: Deps,
): Promise<readonly Action[] | undefined> {
  const kind = kindOf(key)
  const mapping = kind && (await deps.store.findMappingByEvent(roomId, target))
  if (kind === undefined || mapping === undefined || !isPermitted(sender, deps)) return undefined
  const asked = requestIn(mapping, deps)
  const follow = asked && (await deps.store.findFollowByActivity(asked))
  const owner = await deps.store.findLocalActorByUser(sender)
  if (follow?.state !== 'requested' || owner === undefined || follow.followed !== owner.id)
    return undefined
  const handle = await handleOfActor(follow.follower, deps)
  const text = kind === 'accept' ? `${handle} follows you now.` : `${handle} does not follow you.`
  const place = { kind: 'room', roomId } as const
  return [
    ...answerRequest(follow, kind, deps),
    { do: 'tell', place, text, replyTo: target, key: `answered request ${eventId}` },
  ]
}
