import type { ActorId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { PostAsking } from '../model/asking.ts'
import { acceptedOf } from './accepted.ts'
import { blockBetween } from './blocks.ts'

export type As = Pick<PostAsking, 'as'>

const isThere = (author: ActorId, url: string): boolean =>
  URL.parse(url)?.host === URL.parse(author)?.host

async function mayAsk(ours: ActorId, author: ActorId, deps: Deps): Promise<boolean> {
  const local = await deps.store.findLocalActor(ours)
  if (local === undefined || local.deletedAt !== undefined) return false
  return (await blockBetween(ours, author, deps)) === undefined
}

/**
 * Somebody of ours whom that author lets read what is for its followers: it is shown to those alone.
 * `url`: what is asked for. Nobody is named to a server that is not the author's: it would learn who
 * reads whom. `follower`: whose follow it accepts just now.
 */
export async function readAs(
  author: ActorId,
  url: string,
  { follower: fresh, ...deps }: Deps & { readonly follower?: ActorId | undefined },
): Promise<As> {
  if (!isThere(author, url)) return {}
  const known = (await acceptedOf(author, deps)).map(({ follower }) => follower)
  for (const follower of [...known, ...(fresh === undefined ? [] : [fresh])])
    if (await mayAsk(follower, author, deps)) return { as: follower }
  return {}
}

/** That user, where they follow somebody on the host of what they ask for. */
export async function readAsUser(userId: UserId, url: string, deps: Deps): Promise<As> {
  const local = await deps.store.findLocalActorByUser(userId)
  if (local === undefined || local.deletedAt !== undefined) return {}
  const follows = await deps.store.followsOf(local.id)
  const isReader = follows.some(
    ({ state, followed }) => state === 'accepted' && isThere(followed, url),
  )
  return isReader ? { as: local.id } : {}
}
