import type { ActorId } from '../model/ids.ts'
import type { Block } from '../model/relation.ts'
import type { Deps } from './ports.ts'
import { asActivityId } from '../model/ids.ts'
import { suspensionOfActor } from './domain-blocks.ts'
import { isOwnId } from './new-ids.ts'

/** A block of the one by the other, or of the domain of one of them by the admin. */
export type Barrier = Block & { readonly domain?: string }

/** What stands between somebody of ours and the author of a post. */
export async function apartFrom(
  ours: ActorId | undefined,
  author: ActorId | undefined,
  deps: Deps,
): Promise<{ readonly blocker?: ActorId; readonly barredDomain?: string }> {
  if (ours === undefined || author === undefined || ours === author) return {}
  const block = await blockBetween(ours, author, deps)
  if (block === undefined) return {}
  const { blocker, domain } = block
  return { blocker, ...(domain === undefined ? {} : { barredDomain: domain }) }
}

/** What stands between the two, whoever began. */
export async function blockBetween(
  a: ActorId,
  b: ActorId,
  deps: Deps,
): Promise<Barrier | undefined> {
  const block = (await deps.store.findBlock(a, b)) ?? (await deps.store.findBlock(b, a))
  if (block !== undefined) return block
  return isOwnId(a, deps) ? barrierBetween(a, b, deps) : barrierBetween(b, a, deps)
}

async function barrierBetween(
  ours: ActorId,
  theirs: ActorId,
  deps: Deps,
): Promise<Barrier | undefined> {
  const block = isOwnId(theirs, deps) ? undefined : await suspensionOfActor(theirs, deps)
  if (block === undefined) return undefined
  const { domain } = block
  return { blocker: ours, blocked: theirs, activityId: asActivityId(`block of ${domain}`), domain }
}
