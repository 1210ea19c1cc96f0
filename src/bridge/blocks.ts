import type { ActorId } from '../model/ids.ts'
import type { Block } from '../model/relation.ts'
import type { Deps } from './ports.ts'

/** What stands between somebody of ours and the author of a post. */
export async function apartFrom(
  ours: ActorId | undefined,
  author: ActorId | undefined,
  deps: Deps,
): Promise<{ readonly blocker?: ActorId }> {
  if (ours === undefined || author === undefined || ours === author) return {}
  const block = await blockBetween(ours, author, deps)
  return block === undefined ? {} : { blocker: block.blocker }
}

/** The block of the one by the other, whoever began. */
export const blockBetween = async (
  a: ActorId,
  b: ActorId,
  deps: Deps,
): Promise<Block | undefined> =>
  (await deps.store.findBlock(a, b)) ?? (await deps.store.findBlock(b, a))
