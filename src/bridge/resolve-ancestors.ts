import type { ActorId, ObjectId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KnownHome, KnownRoom } from '../translate/known.ts'
import type { Follow } from '../model/relation.ts'
import type { Note } from '../model/note.ts'
import { RejectedError } from '../model/errors.ts'
import { isOwnId } from './new-ids.ts'
import { readAs } from './read-as.ts'
import { standsIn } from './standing.ts'

export type Ancestry = Pick<KnownHome, 'ancestors' | 'replies'>

/** A room where an account is read, if it is made yet, and who reads there. */
export type Reading = { readonly room: KnownRoom | undefined; readonly readers: readonly UserId[] }

/** A thread is brought in this deep; above it stands a link. */
const maxAncestors = 20

/**
 * Undefined where its server does not show it to us; transient trouble is the caller's. What is for
 * followers is shown only where it is `author` who goes on with a thread of their own.
 */
async function fetchParent(id: ObjectId, author: ActorId, deps: Deps): Promise<Note | undefined> {
  if (isOwnId(id, deps)) return undefined
  try {
    return await deps.fediverse.fetchNote(id, await readAs(author, id, deps))
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

/** An account's replies belong where it is read if somebody who reads there knows whom they answer. */
async function formOf(
  note: Note,
  answered: ActorId | undefined,
  { readers, deps }: { readonly readers: readonly UserId[]; readonly deps: Deps },
): Promise<Ancestry['replies']> {
  if (answered !== undefined) {
    if (answered === note.author || isOwnId(answered, deps)) return 'thread'
    if (await someFollow(answered, ({ state }) => state === 'accepted', { readers, deps }))
      return 'thread'
  }
  return (await someFollow(note.author, ({ withReplies }) => withReplies, { readers, deps }))
    ? 'line'
    : 'hidden'
}

const standsThere = async (
  id: ObjectId,
  room: KnownRoom | undefined,
  deps: Deps,
): Promise<boolean> => room !== undefined && standsIn(id, room.portal.roomId, deps)

/** Oldest first, up to the first one that stands in the room already. */
async function climb(first: Note, room: KnownRoom | undefined, deps: Deps): Promise<Note[]> {
  const chain = [first]
  let next = first.inReplyTo
  while (next !== undefined && chain.length < maxAncestors) {
    const id: ObjectId = next
    if (await standsThere(id, room, deps)) break
    if (chain.some((note) => note.id === id)) break
    const parent = await fetchParent(id, first.author, deps)
    if (parent === undefined) break
    chain.unshift(parent)
    next = parent.inReplyTo
  }
  return chain
}

/**
 * How a reply belongs to a room where its author is read, and the parents that must come before it.
 * Only posts that are shown cost a fetch. Throws TransientError when a parent cannot be had just now.
 */
export async function resolveAncestors(
  note: Note,
  { room, readers }: Reading,
  deps: Deps,
): Promise<Ancestry> {
  const { inReplyTo } = note
  if (inReplyTo === undefined) return { ancestors: [], replies: 'hidden' }
  const isThere = await standsThere(inReplyTo, room, deps)
  const parent = isThere ? undefined : await fetchParent(inReplyTo, note.author, deps)
  const answered = await parentAuthor(inReplyTo, parent, deps)
  const replies = await formOf(note, answered, { readers, deps })
  if (replies !== 'thread' || parent === undefined) return { ancestors: [], replies }
  return { ancestors: await climb(parent, room, deps), replies }
}

/** For several rooms where the same is read: each post is fetched once. */
export function fetchingOnce(deps: Deps): Deps {
  const fetched = new Map<string, Promise<Note>>()
  const fetchNote: Deps['fediverse']['fetchNote'] = (id, how) => {
    const key = `${how?.as ?? ''} ${id}`
    const note = fetched.get(key) ?? deps.fediverse.fetchNote(id, how)
    fetched.set(key, note)
    return note
  }
  return { ...deps, fediverse: { ...deps.fediverse, fetchNote } }
}
