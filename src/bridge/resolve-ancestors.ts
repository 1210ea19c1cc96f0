import type { ActorId, ObjectId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix, KnownRoom } from '../translate/known.ts'
import type { Follow } from '../model/relation.ts'
import type { Note } from '../model/note.ts'
import { RejectedError } from '../model/errors.ts'
import { isOwnId } from './new-ids.ts'
import { isOurs } from './portals.ts'

export type Ancestry = Pick<KnownForMatrix, 'ancestors' | 'replyInPortal'>

/** A thread is brought in this deep; above it stands a link. */
const maxAncestors = 20

/** Undefined where its server does not show it to us; transient trouble is the caller's. */
async function fetchParent(id: ObjectId, deps: Deps): Promise<Note | undefined> {
  if (isOwnId(id, deps)) return undefined
  try {
    return await deps.fediverse.fetchNote(id)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

async function parentAuthor(
  id: ObjectId,
  fetched: Note | undefined,
  deps: Deps,
): Promise<ActorId | undefined> {
  return fetched?.author ?? (await deps.store.findObject(id))?.author
}

/** Whether a follow of that account, by somebody who reads the room, is such a one. */
export async function someFollow(
  followed: ActorId,
  isSuch: (follow: Follow) => boolean,
  { readers, deps }: { readonly readers: readonly UserId[]; readonly deps: Deps },
): Promise<boolean> {
  for (const reader of readers) {
    const local = await deps.store.findLocalActorByUser(reader)
    const follow = local === undefined ? undefined : await deps.store.findFollow(local.id, followed)
    if (follow !== undefined && isSuch(follow)) return true
  }
  return false
}

/** An account's replies belong to its portal where somebody in it knows whom they answer. */
async function replyInPortal(
  note: Note,
  answered: ActorId | undefined,
  { room, deps }: { readonly room: KnownRoom; readonly deps: Deps },
): Promise<Ancestry['replyInPortal']> {
  const readers = [...room.members].filter((userId) => !isOurs(userId, deps))
  if (answered !== undefined) {
    if (answered === note.author || isOwnId(answered, deps)) return 'thread'
    if (await someFollow(answered, ({ state }) => state === 'accepted', { readers, deps }))
      return 'thread'
  }
  return (await someFollow(note.author, ({ withReplies }) => withReplies, { readers, deps }))
    ? 'line'
    : 'hidden'
}

/** Oldest first, up to the first one that stands in the room already. */
async function climb(first: Note, room: KnownRoom, deps: Deps): Promise<Note[]> {
  const chain = [first]
  let next = first.inReplyTo
  while (next !== undefined && chain.length < maxAncestors) {
    const mappings = await deps.store.mappingsOf(next)
    if (mappings.some(({ roomId }) => roomId === room.portal.roomId)) break
    const id: ObjectId = next
    if (chain.some((note) => note.id === id)) break
    const parent = await fetchParent(id, deps)
    if (parent === undefined) break
    chain.unshift(parent)
    next = parent.inReplyTo
  }
  return chain
}

/**
 * Whether a reply is part of its author's portal, and the parents that must come before it. Only
 * posts that are shown cost a fetch. Throws TransientError when a parent cannot be had just now.
 */
export async function resolveAncestors(
  note: Note,
  { authorRoom, deps }: { readonly authorRoom: KnownRoom | undefined; readonly deps: Deps },
): Promise<Ancestry> {
  const { inReplyTo } = note
  if (inReplyTo === undefined || authorRoom === undefined)
    return { ancestors: [], replyInPortal: 'hidden' }
  const standing = await deps.store.mappingsOf(inReplyTo)
  const isThere = standing.some(({ roomId }) => roomId === authorRoom.portal.roomId)
  const parent = isThere ? undefined : await fetchParent(inReplyTo, deps)
  const answered = await parentAuthor(inReplyTo, parent, deps)
  const form = await replyInPortal(note, answered, { room: authorRoom, deps })
  if (form !== 'thread' || parent === undefined) return { ancestors: [], replyInPortal: form }
  return { ancestors: await climb(parent, authorRoom, deps), replyInPortal: form }
}
