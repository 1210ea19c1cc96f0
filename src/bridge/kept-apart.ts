import type { ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import { blockBetween } from './blocks.ts'
import { isSilenced } from './domain-blocks.ts'
import { optOutOf } from './wishes.ts'

/**
 * Whether what `other` wrote is to be kept away from what `ours` shows to everybody: one blocks the
 * other, an admin keeps their server away or quiet, or they want nothing to do with any bridge.
 */
export async function isKeptApart(ours: ActorId, other: ActorId, deps: Deps): Promise<boolean> {
  if (ours === other) return false
  return (
    (await blockBetween(ours, other, deps)) !== undefined ||
    (await isSilenced(other, deps)) ||
    (await optOutOf(other, deps)) !== undefined
  )
}
