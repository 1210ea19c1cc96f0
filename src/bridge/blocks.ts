import type { ActorId } from '../model/ids.ts'
import type { Block } from '../model/relation.ts'
import type { Deps } from './ports.ts'

/** The block of the one by the other, whoever began. */
export const blockBetween = async (
  a: ActorId,
  b: ActorId,
  deps: Deps,
): Promise<Block | undefined> =>
  (await deps.store.findBlock(a, b)) ?? (await deps.store.findBlock(b, a))
