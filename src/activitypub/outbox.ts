import type { ActorId } from '../model/ids.ts'
import type { Clock } from '../model/clock.ts'
import type { FollowersSync } from '../model/followers-sync.ts'
import type { Note } from '../model/note.ts'
import { asActorId, asObjectId, type ObjectId } from '../model/ids.ts'
import { publicCollection } from '../model/audience.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import type { RemoteActor } from '../model/actor.ts'
import type { DocumentFetch } from './fetch.ts'
import { followersDigest, mostFollowersOfHost } from './followers-sync.ts'
import { idOf, isJson, isSameHost, type Json, listOf, Refusal, typesOf } from './parse-values.ts'
import { readAudience, readNote } from './parse-note.ts'

export type OutboxDeps = {
  readonly fetchDocument: DocumentFetch
  readonly clock: Clock
  /** Read at most; absent: the first few. */
  readonly mostPages?: number
  /** A follower of the actor, where what is for its followers is read too. */
  readonly as?: ActorId
}

const firstPages = 3
/** Where older ones are looked for. */
const furtherPages = 20
const mostItems = 200
/** For the whole outbox: the newest posts are a courtesy that nobody should wait long for. */
const patience = 60_000

export const isForAll = ({ to, cc }: Note): boolean =>
  to.includes(publicCollection) || cc.includes(publicCollection)

/** For everybody, or for the followers of whom we ask as one. */
export const isShared = (note: Note, { followers }: RemoteActor, { as }: OutboxDeps): boolean =>
  isForAll(note) ||
  (as !== undefined && followers !== undefined && [...note.to, ...note.cc].includes(followers))

export const itemsOf = (page: Json): readonly unknown[] =>
  listOf(page['orderedItems'] ?? page['items']).slice(0, mostItems)

/** A collection that gives ids alone costs a request for each item: so many, and no more. */
const mostFetches = 40

/** Fetches what the items of one collection name, in bounds; beyond them nothing is left to read. */
export function fetchingFew(deps: OutboxDeps): OutboxDeps & { readonly isSpent: () => boolean } {
  let count = 0
  return {
    ...deps,
    fetchDocument: (...given) => {
      count += 1
      return deps.fetchDocument(...given)
    },
    isSpent: () => count >= mostFetches,
  }
}

/** Whether the item is there as a whole, not as its id alone. */
const isWhole = (item: unknown): item is Json => isJson(item) && typesOf(item).length > 0

/**
 * A document of the actor's own host, or undefined where it cannot be had: one post that is
 * missing is no reason to miss the others. Being asked for patience ends it all.
 */
export async function fetchItem(
  item: unknown,
  actor: RemoteActor,
  { fetchDocument, as }: OutboxDeps,
): Promise<Json | undefined> {
  if (isWhole(item)) return item
  const id = idOf(item)
  if (id === undefined || !isSameHost(id, actor.id)) return undefined
  try {
    const { url, document } = await fetchDocument(id, 'itself', as)
    return isSameHost(url, actor.id) ? document : undefined
  } catch (error) {
    const isTransient = error instanceof TransientError
    if (error instanceof RejectedError || (isTransient && error.status !== 429)) return undefined
    throw error
  }
}

/** The note of a Create, or a note that stands there itself; boosts and the rest are none. */
async function readItem(
  item: unknown,
  actor: RemoteActor,
  deps: OutboxDeps,
): Promise<Note | undefined> {
  const activity = await fetchItem(item, actor, deps)
  if (activity === undefined) return undefined
  const isCreate = typesOf(activity).includes('Create')
  const object = isCreate ? await fetchItem(activity['object'], actor, deps) : activity
  if (object === undefined || !isSameHost(idOf(object) ?? '', actor.id)) return undefined
  const audience = isCreate ? { audience: readAudience(activity) } : {}
  const note = readNote(object, { author: actor.id, ...audience })
  if (note instanceof Refusal) return undefined
  return note.author === actor.id && isShared(note, actor, deps) ? note : undefined
}

/**
 * What the actor has pinned: posts of its own that everybody may see, in the order of the
 * collection. What cannot be read is left out; `isWhole`: nothing was that may be had in a moment.
 */
export async function fetchFeatured(
  actor: RemoteActor,
  limit: number,
  deps: OutboxDeps,
): Promise<{ readonly notes: readonly Note[]; readonly isWhole: boolean }> {
  const notes = new Map<string, Note>()
  let isWhole = true
  const fetchDocument: DocumentFetch = async (...given) => {
    try {
      return await deps.fetchDocument(...given)
    } catch (error) {
      if (error instanceof TransientError) isWhole = false
      throw error
    }
  }
  for await (const note of notesIn(actor.featured, actor, { ...deps, fetchDocument })) {
    notes.set(note.id, note)
    if (notes.size >= limit) break
  }
  return { notes: [...notes.values()], isWhole }
}

/** Which posts of its own host the actor has pinned, in the order of the collection; `limit` at most. */
export async function listFeatured(
  actor: RemoteActor,
  limit: number,
  deps: OutboxDeps,
): Promise<readonly ObjectId[]> {
  const ids = new Set<ObjectId>()
  for await (const page of pagesOf(actor.featured, actor, deps))
    for (const item of itemsOf(page)) {
      const id = idOf(item)
      if (id !== undefined && isSameHost(id, actor.id)) ids.add(asObjectId(id))
      if (ids.size >= limit) return [...ids]
    }
  return [...ids]
}

/** Items of the collection itself, else of its pages, page by page as they are wanted. */
export async function* pagesOf(
  collection: string | undefined,
  actor: RemoteActor,
  { fetchDocument, as, mostPages = firstPages }: OutboxDeps,
): AsyncGenerator<Json> {
  if (collection === undefined || !isSameHost(collection, actor.id)) return
  const { document } = await fetchDocument(collection, 'anything', as)
  if (itemsOf(document).length > 0) {
    yield document
    return
  }
  let next = document['first']
  for (let count = 0; count < mostPages; count++) {
    const url = idOf(next)
    // A page without an id, or one that came along with its items.
    const isInline = isJson(next) && itemsOf(next).length > 0
    if (!isInline && (url === undefined || !isSameHost(url, actor.id))) return
    const page: unknown = isInline
      ? next
      : (await fetchDocument(url ?? '', 'anything', as)).document
    if (!isJson(page)) return
    yield page
    next = page['next']
  }
}

/** Pages of a list of followers; more than that is not compared, nor what takes as long as `patience`. */
const mostFollowerPages = 10

/**
 * The followers that `sync` speaks of, who all have to be there: undefined where the list is longer than
 * is compared, or another one by now.
 */
export async function fetchFollowers(
  actor: RemoteActor,
  { url, digest }: FollowersSync,
  deps: OutboxDeps,
): Promise<readonly ActorId[] | undefined> {
  const end = deps.clock.now() + patience
  const ids = new Set<string>()
  for await (const page of pagesOf(url, actor, { ...deps, mostPages: mostFollowerPages })) {
    for (const item of listOf(page['orderedItems'] ?? page['items'])) {
      const id = idOf(item)
      if (id !== undefined) ids.add(id)
      if (ids.size > mostFollowersOfHost) return undefined
    }
    if (deps.clock.now() >= end) return undefined
  }
  return followersDigest(ids) === digest ? [...ids].map(asActorId) : undefined
}

/** Whatever can be read of them, until patience ends. */
async function* notesIn(
  collection: string | undefined,
  actor: RemoteActor,
  deps: OutboxDeps,
): AsyncGenerator<Note> {
  const end = deps.clock.now() + patience
  const few = fetchingFew(deps)
  for await (const page of pagesOf(collection, actor, deps)) {
    for (const item of itemsOf(page)) {
      const note = await readItem(item, actor, few)
      if (note !== undefined) yield note
      if (deps.clock.now() >= end || few.isSpent()) return
    }
  }
}

const newestFirst = (notes: Iterable<Note>): Note[] =>
  [...notes].sort((a, b) => (b.published ?? 0) - (a.published ?? 0))

/** Which ones count; absent: all, and then no more than the first pages are read. */
export type Wanted = Pick<OutboxDeps, 'as'> & {
  readonly limit: number
  readonly isWanted?: (note: Note) => Promise<boolean>
}

/**
 * The newest posts of the actor's own that everybody may see, or a follower of it, newest first. What cannot be read is
 * left out; throws only where the outbox itself cannot be had.
 */
export async function fetchOutbox(
  actor: RemoteActor,
  { limit, isWanted, as }: Wanted,
  deps: OutboxDeps,
): Promise<readonly Note[]> {
  const notes = new Map<string, Note>()
  const mostPages = isWanted === undefined ? firstPages : furtherPages
  const reading = { ...deps, mostPages, ...(as === undefined ? {} : { as }) }
  const collect = async (): Promise<void> => {
    for await (const note of notesIn(actor.outbox, actor, reading)) {
      if (isWanted === undefined || (await isWanted(note))) notes.set(note.id, note)
      if (notes.size >= limit) return
    }
  }
  try {
    await collect()
  } catch (error) {
    // What is there already is the newest, and worth showing.
    if (notes.size === 0 || !isExpected(error)) throw error
  }
  return newestFirst(notes.values())
}

const isExpected = (error: unknown): boolean =>
  error instanceof RejectedError || error instanceof TransientError
