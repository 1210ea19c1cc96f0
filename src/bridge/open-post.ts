import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { Mapping, Note, ObjectRecord } from '../model/note.ts'
import type { ActorId, ObjectId, UserId } from '../model/ids.ts'
import { isOpen } from '../model/audience.ts'
import { asObjectId } from '../model/ids.ts'
import { translateOpened } from '../translate/opened.ts'
import { blockBetween } from './blocks.ts'
import { actorOf } from './ghosts.ts'
import { knownPost } from './known-post.ts'
import { eventLink } from './matrix-ids.ts'
import { isOwnId } from './new-ids.ts'
import { ensureOpenPortal, matrixLink } from './portals.ts'
import { readAsUser } from './read-as.ts'
import { knownActor } from './resolve-people.ts'
import { standsIn } from './standing.ts'

/** What came of opening a post: where it stands, or is about to, or why not. */
export type Opened =
  | { readonly result: 'there'; readonly link: string }
  | { readonly result: 'opened'; readonly link: string; readonly actions: readonly Action[] }
  | { readonly result: 'private' | 'deleted' | 'blocked' | 'unknown' }
  /** A post of a user of ours that stands nowhere where the asker may read it. */
  | { readonly result: 'ours'; readonly record: ObjectRecord }

/** Of the rooms where a post stands, one that the user is in or invited to. */
async function findForUser(id: ObjectId, userId: UserId, deps: Deps): Promise<Mapping | undefined> {
  for (const mapping of await deps.store.mappingsOf(id)) {
    const membership = await deps.store.findMembership(mapping.roomId, userId)
    const isTheirs = membership === 'join' || membership === 'invite'
    if (mapping.part === 0 && isTheirs && (await standsIn(id, mapping.roomId, deps))) return mapping
  }
  return undefined
}

async function openOwn(id: ObjectId, userId: UserId, deps: Deps): Promise<Opened> {
  const record = await deps.store.findObject(id)
  if (record === undefined) return { result: 'unknown' }
  if (record.deletedAt !== undefined) return { result: 'deleted' }
  const there = await findForUser(id, userId, deps)
  if (there !== undefined) return { result: 'there', link: eventLink(there, deps) }
  return isOpen(record.visibility) ? { result: 'ours', record } : { result: 'private' }
}

/** Why the user may not have it, judged by what both have said of each other. */
async function refusalOf(note: Note, userId: UserId, deps: Deps): Promise<Opened | undefined> {
  const local = await deps.store.findLocalActorByUser(userId)
  const block = local && (await blockBetween(local.id, note.author, deps))
  if (block !== undefined) return { result: 'blocked' }
  const record = await deps.store.findObject(note.id)
  return record?.deletedAt === undefined ? undefined : { result: 'deleted' }
}

async function isFollowedBy(author: ActorId, userId: UserId, { store }: Deps): Promise<boolean> {
  const local = await store.findLocalActorByUser(userId)
  const follow = local && (await store.findFollow(local.id, author))
  return follow?.state === 'accepted'
}

/**
 * Any post of the fediverse for one user: a link to where they can read it already, else what brings it
 * into their notifications. Errors of `Fediverse.openNote`.
 */
export async function openPost(url: string, userId: UserId, deps: Deps): Promise<Opened> {
  if (isOwnId(url, deps)) return openOwn(asObjectId(url), userId, deps)
  const { as } = await readAsUser(userId, url, deps)
  const note = await deps.fediverse.openNote(url, as)
  if (isOwnId(note.id, deps)) return openOwn(note.id, userId, deps)
  const refusal = await refusalOf(note, userId, deps)
  if (refusal !== undefined) return refusal
  const there = await findForUser(note.id, userId, deps)
  if (there !== undefined) return { result: 'there', link: eventLink(there, deps) }
  const author = await knownActor(await actorOf(note.author, deps), deps)
  const isFollower = await isFollowedBy(note.author, userId, deps)
  const known = await knownPost(note, { author }, deps)
  const translation = translateOpened(note, { userId, isFollower }, known)
  if ('skip' in translation) return { result: 'private' }
  const { roomId } = await ensureOpenPortal({ kind: 'notifications', userId }, deps)
  return { result: 'opened', link: matrixLink(roomId), actions: translation.actions }
}
