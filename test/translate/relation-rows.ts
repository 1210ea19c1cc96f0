import type { Reference } from '../../src/model/activity.ts'
import type { Block, Follow, Reaction } from '../../src/model/relation.ts'
import { asActivityId, asObjectId } from '../../src/model/ids.ts'
import { actorIdOf, idOf } from './people.ts'

/** `alice bob requested`, `alice bob accepted home` */
export function followOf(text: string): Follow {
  const [follower = '', followed = '', state = 'accepted', shownIn] = text.split(' ')
  return {
    follower: actorIdOf(follower),
    followed: actorIdOf(followed),
    activityId: asActivityId(idOf(`${follower}/follow`)),
    state: state === 'requested' ? 'requested' : 'accepted',
    requestedAt: 5,
    withReplies: false,
    withBoosts: true,
    shownIn: shownIn === 'home' ? 'home' : 'room',
  }
}

export function blockOf(text: string): Block {
  const [blocker = '', blocked = ''] = text.split(' ')
  return {
    blocker: actorIdOf(blocker),
    blocked: actorIdOf(blocked),
    activityId: asActivityId(idOf(`${blocker}/block`)),
  }
}

/** `bob alice/1 Like ❤️` */
export function reactionOf(text: string): Reaction {
  const [actor = '', object = '', type = 'Like', key = '❤️'] = text.split(' ')
  return {
    activityId: asActivityId(idOf(`${actor}/${type.toLowerCase()}`)),
    actor: actorIdOf(actor),
    object: asObjectId(idOf(object)),
    type: type as Reaction['type'],
    key,
  }
}

export function referenceOf(row: unknown): Reference {
  const said = (row ?? {}) as Record<string, string>
  return Object.fromEntries(
    Object.entries(said).map(([key, value]) => [key, key === 'type' ? value : idOf(value)]),
  )
}
