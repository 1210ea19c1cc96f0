import type { ActorId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KnownForFediverse, KnownLimits } from '../translate/known.ts'
import type { LocalActor } from '../model/actor.ts'
import { hour, type HourLimits } from '../model/limits.ts'
import { RejectedError } from '../model/errors.ts'

type Actor = Pick<LocalActor, 'id' | 'userId' | 'createdAt'>

/** When somebody of ours first wrote to the bot; milliseconds since the epoch. */
const metMark = (userId: UserId): string => `met ${userId}`

/** Notes when the bridge first saw that user, who typed something at it. */
export async function meet(userId: UserId, deps: Deps): Promise<void> {
  const { store, clock, permissionOf } = deps
  if (permissionOf(userId) === 'none' || (await store.findMark(metMark(userId))) !== undefined)
    return
  const at = clock.now()
  await store.commit([{ change: 'mark', key: metMark(userId), value: String(at), at }])
}

/** Until when somebody counts as new; undefined: no more. */
async function newUntil(
  { userId, createdAt }: Actor,
  { store, clock, userLimits }: Deps,
): Promise<number | undefined> {
  const { age } = userLimits.newAccounts
  if (createdAt + age <= clock.now()) return undefined
  const met = await store.findMark(metMark(userId))
  const until = Math.min(createdAt, met === undefined ? Infinity : Number(met)) + age
  return until <= clock.now() ? undefined : until
}

/** 0: any number. `newUntil`: others may more, and from then on they, too. */
type Held = { readonly most: number; readonly newUntil?: number }

/** What that user of ours is held to within an hour. Admins set the limits, and have none. */
async function heldTo(what: keyof HourLimits, actor: Actor, deps: Deps): Promise<Held> {
  const { permissionOf, userLimits } = deps
  const [usual, young] = [userLimits[what], userLimits.newAccounts[what]]
  if (permissionOf(actor.userId) === 'admin') return { most: 0 }
  const isTighter = young !== 0 && (usual === 0 || young < usual)
  const until = isTighter ? await newUntil(actor, deps) : undefined
  return until === undefined ? { most: usual } : { most: young, newUntil: until }
}

/** How many accounts somebody may ask to follow within an hour; 0: any number. */
export const followsPerHour = async (follower: Actor, deps: Deps): Promise<number> =>
  (await heldTo('followsPerHour', follower, deps)).most

/**
 * When they may do it again who have done it as often as they may within an hour; undefined: now.
 * Counted from what is stored, so that a restart forgives nothing.
 */
async function freeAt(
  what: 'post' | 'follow',
  { id, most }: { readonly id: ActorId; readonly most: number },
  { store, clock }: Deps,
): Promise<number | undefined> {
  if (most === 0) return undefined
  const at = await store.nthNewest(what, id, most)
  return at === undefined || at + hour <= clock.now() ? undefined : at + hour
}

/** Undefined: they may ask to follow one more account now. */
export async function askedEnough(
  follower: Actor,
  deps: Deps,
): Promise<(Held & { readonly nextAt: number }) | undefined> {
  const held = await heldTo('followsPerHour', follower, deps)
  const nextAt = await freeAt('follow', { id: follower.id, most: held.most }, deps)
  return nextAt === undefined ? undefined : { ...held, nextAt }
}

/** Whom they named within the hour, of whom they may name so many. */
async function peopleOf(author: Actor, deps: Deps): Promise<KnownLimits['people']> {
  const { most, ...held } = await heldTo('mentionsPerHour', author, deps)
  if (most === 0) return { most: Infinity, named: new Map() }
  const named = await deps.store.namedSince(author.id, deps.clock.now() - hour)
  return { ...held, most, named }
}

/** What a post has to keep to. */
export async function postLimits(
  author: Actor | undefined,
  deps: Deps,
): Promise<Pick<KnownForFediverse, 'limits'>> {
  if (author === undefined) return {}
  const { mentionsPerPost } = deps.userLimits
  const posts = await heldTo('postsPerHour', author, deps)
  const nextPostAt = await freeAt('post', { id: author.id, most: posts.most }, deps)
  return {
    limits: {
      posts: { ...posts, ...(nextPostAt === undefined ? {} : { nextAt: nextPostAt }) },
      perPost: mentionsPerPost === 0 ? Infinity : mentionsPerPost,
      people: await peopleOf(author, deps),
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
