import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { LocalActor } from '../model/actor.ts'
import { commonInboxOf } from './gone-inbox.ts'
import { updateOf } from './own-profile.ts'
import { expandPublish } from './publish.ts'

/** New keys for one of ours, or for all whose keys were made before that time, milliseconds since the epoch. */
export type RotateKeys =
  | { readonly type: 'rotate-keys'; readonly actorId: ActorId; readonly before: number }
  | { readonly type: 'rotate-all-keys'; readonly before: number }

/** Actors in one go; the others have their turn with the next. */
const mostActors = 10_000
/** Servers besides those of followers that hear of a new key. */
const mostInboxes = 5_000

export function rotateJob(work: RotateKeys): Change {
  const key = `${work.type} ${'actorId' in work ? `${work.actorId} ` : ''}${work.before}`
  const job = { kind: 'upkeep', key, lane: `upkeep:${key}`, payload: JSON.stringify(work) } as const
  return { change: 'enqueue', job }
}

/** Whoever checks signatures of the actor without following it: whom it follows, and who was sent a post. */
async function otherInboxes({ id }: LocalActor, deps: Deps): Promise<readonly string[]> {
  const inboxes = new Set(await deps.store.inboxesTold(id, mostInboxes))
  for (const { followed } of await deps.store.followsOf(id)) {
    const actor = await deps.store.findRemoteActor(followed)
    if (actor !== undefined) inboxes.add((await commonInboxOf(actor, deps)).inbox)
  }
  return [...inboxes]
}

/**
 * The keys are made first, and once, however often this runs; then everybody hears of them, signed with
 * the key that they know.
 */
async function rotate(actorId: ActorId, before: number, deps: Deps): Promise<readonly Change[]> {
  await deps.keys.rotate(actorId, before)
  const actor = await deps.store.findLocalActor(actorId)
  // The server's own actor has no followers: its key is looked up by whoever meets the new id.
  if (actor === undefined || actor.deletedAt !== undefined) return []
  const { activity, ...update } = updateOf(actor, deps)
  const inboxes = await otherInboxes(actor, deps)
  return expandPublish({ ...update, activity: { ...activity, isOfKeys: true }, inboxes }, deps)
}

/** Does the work of a rotation. Safe to run again. */
export async function rotateKeys(work: RotateKeys, deps: Deps): Promise<readonly Change[]> {
  const { before } = work
  if (work.type === 'rotate-keys') return rotate(work.actorId, before, deps)
  const actors = await deps.store.actorsWithKeysBefore(before, mostActors)
  return actors.map((actorId) => rotateJob({ type: 'rotate-keys', actorId, before }))
}
