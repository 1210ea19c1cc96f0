import type { Activity, Announced } from '../model/activity.ts'
import { asActivityId, asObjectId } from '../model/ids.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import { idOf, isJson, isSameHost, typesOf } from './parse-values.ts'
import type { Json } from './parse-values.ts'

type Head = { readonly id: ActivityId; readonly actor: ActorId }

const reactions: ReadonlySet<string> = new Set(['Like', 'Dislike', 'EmojiReact'])

const typeOf = (value: unknown): string | undefined =>
  isJson(value) ? typesOf(value)[0] : undefined

/** A reaction, or the end of one: read again at its own id, which has to be its actor's. */
function readReaction(document: Json, reaction: Json): Announced | undefined {
  const [id, actor, object] = [idOf(document), idOf(document['actor']), idOf(reaction['object'])]
  if (id === undefined || object === undefined) return undefined
  if (actor === undefined || !isSameHost(id, actor)) return undefined
  return { deed: 'react', activity: asActivityId(id), object: asObjectId(object), document }
}

function readUndo(document: Json): Announced | undefined {
  const inner = document['object']
  const type = typeOf(inner)
  if (!isJson(inner) || type === undefined) return undefined
  if (reactions.has(type)) return readReaction(document, inner)
  const object = type === 'Delete' ? idOf(inner['object']) : undefined
  return object === undefined ? undefined : { deed: 'restore', object: asObjectId(object) }
}

function readDeed(document: Json, type: string): Announced | undefined {
  if (type === 'Undo') return readUndo(document)
  if (reactions.has(type)) return readReaction(document, document)
  const object = idOf(document['object'])
  if (object === undefined) return undefined
  if (type === 'Update') return { deed: 'update', object: asObjectId(object) }
  return type === 'Delete' ? { deed: 'delete', object: asObjectId(object) } : undefined
}

/**
 * What a group tells that somebody did in it (FEP-1b12). Nothing of it is believed but the ids of posts,
 * which are then fetched where they are at home; what is pinned there is the group's own to say.
 */
export function readAnnounced(inner: Json, type: string, head: Head): Activity {
  const object = idOf(inner['object'])
  if (type === 'Create' && object !== undefined)
    return { ...head, type: 'announce', object: asObjectId(object) }
  const collection = type === 'Add' || type === 'Remove' ? idOf(inner['target']) : undefined
  if (collection !== undefined && object !== undefined) {
    const kind = type === 'Add' ? 'feature' : 'unfeature'
    return { ...head, type: kind, object: asObjectId(object), collection }
  }
  const announced = readDeed(inner, type)
  return announced === undefined
    ? { ...head, type: 'other', wireType: `Announce(${type})` }
    : { ...head, type: 'announced', announced }
}
