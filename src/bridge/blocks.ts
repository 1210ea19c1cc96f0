import type { ActorId } from '../model/ids.ts'
import type { Block } from '../model/relation.ts'
import type { Deps } from './ports.ts'
import { asActivityId } from '../model/ids.ts'
import { suspensionOfActor } from './domain-blocks.ts'
import { isOwnId, serverActorId } from './new-ids.ts'
import { domainRuleBetween } from './personal-rules.ts'
import { optOutOf } from './wishes.ts'

/**
 * A block of the one by the other, or of the domain of one of them by the admin; or what the one of
 * another server says of bridges or bots (`isWish`).
 */
export type Barrier = Block & {
  readonly domain?: string
  readonly isWish?: true
  /** Of our own user, who has blocked all of that domain for themselves. */
  readonly ownDomain?: string
}

type Apart = {
  readonly blocker?: ActorId
  readonly barredDomain?: string
  readonly isWish?: true
  readonly ownDomain?: string
}

/** What stands between somebody of ours and the author of a post. */
export async function apartFrom(
  ours: ActorId | undefined,
  author: ActorId | undefined,
  deps: Deps,
): Promise<Apart> {
  if (ours === undefined || author === undefined || ours === author) return {}
  const block = await blockBetween(ours, author, deps)
  if (block === undefined) return {}
  const { blocker, domain, isWish, ownDomain } = block
  return {
    blocker,
    ...(domain === undefined ? {} : { barredDomain: domain }),
    ...(isWish === undefined ? {} : { isWish }),
    ...(ownDomain === undefined ? {} : { ownDomain }),
  }
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
  if (isOwnId(theirs, deps)) return undefined
  const block = await suspensionOfActor(theirs, deps)
  if (block !== undefined) {
    const { domain } = block
    return {
      blocker: ours,
      blocked: theirs,
      activityId: asActivityId(`block of ${domain}`),
      domain,
    }
  }
  const rule = await domainRuleBetween(ours, theirs, deps)
  if (rule !== undefined) {
    const activityId = asActivityId(`block of ${rule.target} by ${ours}`)
    return { blocker: ours, blocked: theirs, activityId, ownDomain: rule.target }
  }
  // Our own account only ever answers whoever writes to it.
  if (ours === serverActorId(deps) || !(await isUnwished(ours, theirs, deps))) return undefined
  const activityId = asActivityId(`wish of ${theirs}`)
  return { blocker: theirs, blocked: ours, activityId, isWish: true }
}

/** Whether that account wants nothing of bridges, or nothing of bots and ours is one. */
async function isUnwished(ours: ActorId, theirs: ActorId, deps: Deps): Promise<boolean> {
  if ((await optOutOf(theirs, deps)) !== undefined) return true
  const wishes = (await deps.store.findRemoteActor(theirs))?.details?.wishes
  if (wishes?.noBots !== true) return false
  return (await deps.store.findLocalActor(ours))?.profile?.isBot === true
}
