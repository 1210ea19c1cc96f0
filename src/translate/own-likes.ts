import type { KnownForFediverse } from './known.ts'
import type { Like } from '../model/relation.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Translation } from '../model/action.ts'
import { publisherOf } from './not-sent.ts'

export function translateLikeOut(
  event: MatrixEvent & { type: 'reaction' },
  known: KnownForFediverse,
): Translation {
  const object = known.target?.object
  if (object === undefined) return { skip: 'unknown-target' }
  const author = publisherOf(known)
  if (author === undefined) return { skip: known.isPermitted ? 'not-an-actor' : 'not-permitted' }
  if (object.deletedAt !== undefined) return { skip: 'deleted' }
  if (object.isLocal) return { skip: 'own-echo' }
  // 👍 and ❤️ of one person are one Like.
  if (known.likeGiven !== undefined) return { skip: 'already-known' }
  const { ids } = known
  const like: Like = { activityId: ids.activity, actor: author.id, object: object.id }
  return {
    actions: [
      {
        do: 'publish',
        activity: {
          type: 'like',
          id: ids.activity,
          actor: author.id,
          object: object.id,
          to: [object.author],
          cc: [],
        },
        recipients: [object.author],
        toFollowers: false,
        inboxes: [],
        order: object.id,
      },
      {
        do: 'commit',
        changes: [
          { change: 'put-like', like },
          {
            change: 'add-mapping',
            mapping: {
              remoteId: ids.activity,
              roomId: event.roomId,
              part: 0,
              eventId: event.eventId,
              sender: event.sender,
            },
          },
        ],
      },
    ],
  }
}

export function translateUnlike(
  event: MatrixEvent & { type: 'redaction' },
  like: Like,
  known: KnownForFediverse,
): Translation {
  if (known.author === undefined || like.actor !== known.author.id) return { skip: 'not-the-owner' }
  const to = known.target?.author === undefined ? [] : [known.target.author.actorId]
  return {
    actions: [
      {
        do: 'publish',
        activity: {
          type: 'undo',
          id: known.ids.activity,
          actor: known.author.id,
          inner: { type: 'Like', id: like.activityId, actor: like.actor, object: like.object },
          to,
          cc: [],
        },
        recipients: to,
        toFollowers: false,
        inboxes: [],
        order: like.object,
      },
      {
        do: 'commit',
        changes: [
          { change: 'remove-like', activityId: like.activityId },
          { change: 'remove-mapping', roomId: event.roomId, eventId: event.target },
        ],
      },
    ],
  }
}
