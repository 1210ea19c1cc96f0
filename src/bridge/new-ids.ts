import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import { asActivityId, asActorId, asObjectId } from '../model/ids.ts'

/** Ids of ours are opaque and never used twice: receivers drop an id that they have seen. */
export const newActivityId = (deps: Deps): ActivityId =>
  asActivityId(`${deps.identity.publicUrl}/activities/${deps.random.id()}`)
export const newObjectId = (deps: Deps): ObjectId =>
  asObjectId(`${deps.identity.publicUrl}/objects/${deps.random.id()}`)
export const newActorId = (deps: Deps): ActorId =>
  asActorId(`${deps.identity.publicUrl}/actors/${deps.random.id()}`)
export const newContext = (deps: Deps): string =>
  `${deps.identity.publicUrl}/contexts/${deps.random.id()}`
