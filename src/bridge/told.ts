import { createHash } from 'node:crypto'
import type { Ghost, RemoteActor } from '../model/actor.ts'

/** Names what the further profile of a ghost is made from; empty where it would say nothing. */
export function toldOf({ kind, summary, details }: RemoteActor): string {
  const isProgram = kind === 'Service' || kind === 'Application'
  if (!isProgram && summary === undefined && details === undefined) return ''
  const said = JSON.stringify([kind, summary, details])
  return createHash('sha256').update(said).digest('base64').slice(0, 22)
}

export const isTold = ({ told = '' }: Ghost, actor: RemoteActor): boolean => told === toldOf(actor)
