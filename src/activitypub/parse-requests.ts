import type { Activity } from '../model/activity.ts'
import { asActorId, asObjectId } from '../model/ids.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import { bounds, idOf, listOf } from './parse-values.ts'
import type { Json } from './parse-values.ts'

type Head = { readonly id: ActivityId; readonly actor: ActorId }

/** Asks whether an account may stand in a collection (FEP-7aa9); undefined where it does not say which. */
export function readFeatureRequest(document: Json, head: Head): Activity | undefined {
  const object = idOf(document['object'])
  const instrument = idOf(document['instrument'])
  if (object === undefined || instrument === undefined) return undefined
  return {
    ...head,
    type: 'feature-request',
    object: asActorId(object),
    instrument: asObjectId(instrument),
  }
}

/** snac asks whom it addresses, others by `object`. */
export const readPing = (document: Json, head: Head): Activity => ({
  ...head,
  type: 'ping',
  addressees: [...listOf(document['to']), ...listOf(document['object'])]
    .slice(0, bounds.mentions)
    .flatMap((item) => idOf(item) ?? [])
    .map(asActorId),
})
