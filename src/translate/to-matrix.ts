import type { Action, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { KnownForMatrix } from './known.ts'
import { translateLike, translateUndoLike } from './likes.ts'
import { translateCreate, translateDelete, translateUpdate } from './notes.ts'
import {
  translateAnswer,
  translateBlock,
  translateFollow,
  translateUndoBlock,
  translateUndoFollow,
} from './relations.ts'

function translateUndo(activity: Activity & { type: 'undo' }, known: KnownForMatrix): Translation {
  if (known.follow !== undefined) return translateUndoFollow(activity, known.follow)
  if (known.block !== undefined) return translateUndoBlock(known.block)
  if (known.like !== undefined) return translateUndoLike(activity, known.like, known)
  return { skip: 'unknown-target' }
}

function translateActorUpdate(
  activity: Activity & { type: 'update-actor' },
  known: KnownForMatrix,
): Translation {
  const actor = activity.document ?? known.author.actor
  const actions: Action[] = [
    { do: 'commit', changes: [{ change: 'put-remote-actor', actor }] },
    { do: 'refresh-actor', actorId: actor.id },
  ]
  return { actions }
}

/**
 * What an activity becomes on Matrix: the one index of everything we accept from the fediverse.
 * Pure; `known` was gathered for this very activity.
 */
export function toMatrix(activity: Activity, known: KnownForMatrix): Translation {
  switch (activity.type) {
    case 'create':
      return translateCreate(activity, known)
    case 'update-note':
      return translateUpdate(activity, known)
    case 'delete-object':
      return translateDelete(activity, known)
    case 'update-actor':
      return translateActorUpdate(activity, known)
    case 'delete-actor':
      return { actions: [{ do: 'retire-actor', actorId: activity.actor }] }
    case 'follow':
      return translateFollow(activity, known)
    case 'accept':
    case 'reject':
      return translateAnswer(activity, known)
    case 'like':
      return translateLike(activity, known)
    case 'block':
      return translateBlock(activity, known)
    case 'undo':
      return translateUndo(activity, known)
    case 'other':
      return { skip: 'unsupported' }
    default:
      return activity satisfies never
  }
}
