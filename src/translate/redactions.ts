import type { Action } from '../model/action.ts'
import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import type { KnownForMatrix } from './known.ts'

/** Every event that stands for an object or activity, in every room. */
export function redactAll(
  id: ObjectId | ActivityId,
  by: { readonly id: ActivityId; readonly actor: ActorId },
  known: KnownForMatrix,
): Action[] {
  return (known.mappings.get(id) ?? []).map(({ roomId, eventId }) => ({
    do: 'redact',
    as: by.actor,
    roomId,
    target: eventId,
    from: by.id,
  }))
}
