import { createHash } from 'node:crypto'
import type { Ghost, RemoteActor } from '../model/actor.ts'

/** Names what the further profile of a ghost is made from. */
export function toldOf({ kind, summary, details }: RemoteActor): string {
  const said = JSON.stringify(['origin', kind, summary, details])
  return createHash('sha256').update(said).digest('base64').slice(0, 22)
}

export const isTold = ({ told }: Ghost, actor: RemoteActor): boolean => told === toldOf(actor)
