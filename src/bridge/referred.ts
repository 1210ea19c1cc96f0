import type { Activity, Reference } from '../model/activity.ts'
import type { ActorId } from '../model/ids.ts'
import type { Block, Follow, Reaction } from '../model/relation.ts'
import type { Deps } from './ports.ts'
import { asActivityId, asActorId } from '../model/ids.ts'
import { heardMark } from '../translate/relations.ts'
import { noteOf } from './new-ids.ts'

/** What an activity about another one is about. */
export type Referred = { follow?: Follow; block?: Block; reaction?: Reaction }

const isReactionType = (type: string | undefined): type is Reaction['type'] =>
  type === 'Like' || type === 'EmojiReact' || type === 'Dislike' || type === 'Announce'

/**
 * What is liked or boosted by the id of the Create that brought it is the post: activitypub-express
 * has likes and shares of activities alone.
 */
export const aboutPost = (activity: Activity, deps: Deps): Activity =>
  activity.type === 'react' || activity.type === 'announce'
    ? { ...activity, object: noteOf(activity.object, deps) }
    : activity

/** Without its id, by its fields; of several the one with that emoji, else the newest. */
async function reactionMeant(
  { type, key, object }: Reference,
  actor: ActorId,
  deps: Deps,
): Promise<Reaction | undefined> {
  if (object === undefined) return undefined
  const post = noteOf(object, deps)
  const given = (await deps.store.reactionsBy(actor, post)).filter((one) => one.type === type)
  return given.findLast((one) => one.key === key) ?? given.at(-1)
}

async function referredByUndo(target: Reference, actor: ActorId, deps: Deps): Promise<Referred> {
  const { store } = deps
  if (target.id !== undefined) {
    const reaction = await store.findReaction(target.id)
    if (reaction !== undefined) return { reaction }
    const block = await store.findBlockByActivity(target.id)
    if (block !== undefined) return { block }
    const follow = await store.findFollowByActivity(target.id)
    if (follow !== undefined) return { follow }
    // snac names the followed instead, for as long as those have not answered.
    const early = await store.findFollow(actor, asActorId(target.id))
    if (early !== undefined) return { follow: early }
  }
  // Some servers send Undo with a new id inside: its fields say what is meant.
  if (target.object === undefined) return {}
  if (isReactionType(target.type))
    return definedOnly({ reaction: await reactionMeant(target, actor, deps) })
  const object = asActorId(target.object)
  if (target.type === 'Block') return definedOnly({ block: await store.findBlock(actor, object) })
  if (await isReplaced(target, deps)) return {}
  return definedOnly({ follow: await store.findFollow(actor, object) })
}

/** One that came before the follow that holds now: what takes it back may come late, and ends nothing. */
const isReplaced = async ({ id }: Reference, { store }: Deps): Promise<boolean> =>
  id !== undefined && (await store.findMark(heardMark(asActivityId(id)))) !== undefined

type Found = { [Key in keyof Referred]?: Referred[Key] | undefined }

const definedOnly = ({ follow, block, reaction }: Found): Referred => ({
  ...(follow === undefined ? {} : { follow }),
  ...(block === undefined ? {} : { block }),
  ...(reaction === undefined ? {} : { reaction }),
})

async function followAnswered(
  reference: Reference,
  actor: ActorId,
  deps: Deps,
): Promise<Follow | undefined> {
  const byId =
    reference.id === undefined ? undefined : await deps.store.findFollowByActivity(reference.id)
  if (byId !== undefined) return byId
  return reference.actor === undefined ? undefined : deps.store.findFollow(reference.actor, actor)
}

/** What an activity about another relation refers to. */
export async function referredBy(activity: Activity, deps: Deps): Promise<Referred> {
  switch (activity.type) {
    case 'undo':
      return referredByUndo(activity.target, activity.actor, deps)
    case 'accept':
    case 'reject':
      return definedOnly({ follow: await followAnswered(activity.follow, activity.actor, deps) })
    case 'follow':
      return definedOnly({ follow: await deps.store.findFollow(activity.actor, activity.object) })
    case 'block':
      return definedOnly({ follow: await deps.store.findFollow(activity.object, activity.actor) })
    default:
      return {}
  }
}
