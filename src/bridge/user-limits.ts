import type { ActorId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KnownForFediverse } from '../translate/known.ts'
import { hour } from '../model/limits.ts'
import { RejectedError } from '../model/errors.ts'

type Actor = { readonly id: ActorId; readonly userId: UserId }

/**
 * When they may do it again who have done it as often as they may within an hour; undefined: now.
 * Counted from what is stored, so that a restart forgives nothing. Admins set the limits, and have none.
 */
async function freeAt(
  what: 'post' | 'follow',
  { id, userId }: Actor,
  { store, clock, permissionOf, userLimits }: Deps,
): Promise<number | undefined> {
  const most = what === 'post' ? userLimits.postsPerHour : userLimits.followsPerHour
  if (most === 0 || permissionOf(userId) === 'admin') return undefined
  const at = await store.nthNewest(what, id, most)
  return at === undefined || at + hour <= clock.now() ? undefined : at + hour
}

export const nextFollowAt = (follower: Actor, deps: Deps): Promise<number | undefined> =>
  freeAt('follow', follower, deps)

/** What a post has to keep to. */
export async function postLimits(
  author: Actor | undefined,
  deps: Deps,
): Promise<Pick<KnownForFediverse, 'limits'>> {
  const { postsPerHour: posts, mentionsPerPost } = deps.userLimits
  const nextPostAt = author === undefined ? undefined : await freeAt('post', author, deps)
  return {
    limits: {
      posts,
      mentions: mentionsPerPost === 0 ? Infinity : mentionsPerPost,
      ...(nextPostAt === undefined ? {} : { nextPostAt }),
    },
  }
}

/**
 * For one activity, event or command: whoever sends it names as many accounts as they like, and each
 * costs somebody a request. More than so many are as good as not there.
 */
export function lookingUpFew(deps: Deps): Deps {
  const { accountsPerRequest: most } = deps.userLimits
  if (most === 0) return deps
  const asked = new Set<string>()
  const count = (target: string): void => {
    if (asked.size >= most && !asked.has(target))
      throw new RejectedError(`${target}: more than ${most} accounts to look up`, {
        code: 'too-many-accounts',
      })
    asked.add(target)
  }
  const { lookup, fetchActor } = deps.fediverse
  const fediverse: Deps['fediverse'] = {
    ...deps.fediverse,
    lookup: async (target) => {
      count('url' in target ? target.url : `${target.username}@${target.host}`)
      return lookup(target)
    },
    fetchActor: async (id) => (count(id), fetchActor(id)),
  }
  return { ...deps, fediverse }
}
