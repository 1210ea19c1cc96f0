import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import { asActivityId, asActorId, asObjectId } from '../model/ids.ts'

/** Whether an actor or object is one of ours. Another host may begin with the same letters. */
export const isOwnId = (id: string, { identity }: Deps): boolean =>
  id.startsWith(`${identity.publicUrl}/`)

/** Ids of ours are opaque and never used twice: receivers drop an id that they have seen. */
export const newActivityId = (deps: Deps): ActivityId =>
  asActivityId(`${deps.identity.publicUrl}/activities/${deps.random.id()}`)

/** A note of ours and the Create that publishes it share their last part: each is found from the other. */
export function newNoteIds(deps: Deps): {
  readonly object: ObjectId
  readonly activity: ActivityId
} {
  const object = asObjectId(`${deps.identity.publicUrl}/objects/${deps.random.id()}`)
  return { object, activity: createIdOf(object) }
}

/** The id of the Create that published a note of ours. */
export const createIdOf = (note: ObjectId): ActivityId =>
  asActivityId(note.replace(/\/objects\/(?=[^/]+$)/, '/activities/'))

/** The note of ours that the Create of this id publishes; any other id stays what it is. */
export const noteOf = (id: ObjectId, deps: Deps): ObjectId =>
  isOwnId(id, deps) ? asObjectId(id.replace(/\/activities\/(?=[^/]+$)/, '/objects/')) : id

/** Of a QuoteAuthorization. */
export const newStampId = (deps: Deps): ObjectId =>
  asObjectId(`${deps.identity.publicUrl}/stamps/${deps.random.id()}`)

/** The account of the server itself, which speaks where nobody is to be named. */
export const serverActorId = (deps: Deps): ActorId => asActorId(`${deps.identity.publicUrl}/actor`)

export const newActorId = (deps: Deps): ActorId =>
  asActorId(`${deps.identity.publicUrl}/actors/${deps.random.id()}`)
export const newContext = (deps: Deps): string =>
  `${deps.identity.publicUrl}/contexts/${deps.random.id()}`
