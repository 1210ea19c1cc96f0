import { asActivityId } from '../model/ids.ts'
import type { Activity, News } from '../model/activity.ts'
import { RejectedError } from '../model/errors.ts'
import type { RemoteActor } from '../model/actor.ts'
import { fetchingFew, fetchItem, isShared, itemsOf, type OutboxDeps, pagesOf } from './outbox.ts'
import { parseActivity } from './parse.ts'
import { readNote } from './parse-note.ts'
import { idOf, isJson, isSameHost, type Json, Refusal, timeOf, typesOf } from './parse-values.ts'

export type NewsBounds = {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly limit: number
  /** What cannot be had just now is left out, where nobody will ask again. */
  readonly isLast: boolean
} & Pick<OutboxDeps, 'as'>

const mostPages = 10
/** For all of them, milliseconds: what is older than what was read by then stays unread. */
const patience = 120_000

/** A note that stands in the outbox itself is as good as its Create. */
function readBare(document: Json, actor: RemoteActor, deps: OutboxDeps): News | undefined {
  const note = readNote(document, { author: actor.id })
  if (note instanceof Refusal || note.author !== actor.id || !isShared(note, actor, deps))
    return undefined
  if (note.published === undefined) return undefined
  const object = { ref: note.id, embedded: note }
  const activity: Activity = { id: asActivityId(note.id), actor: actor.id, type: 'create', object }
  return { activity, at: note.published }
}

/** A Create or a boost of the actor's own; anything else is no news. */
function readActivityItem(document: Json, actor: RemoteActor, deps: OutboxDeps): News | undefined {
  const activity = parseActivity(document, deps.clock.now())
  if (activity.actor !== actor.id) return undefined
  const stated = timeOf(document['published'])
  if (activity.type === 'announce')
    return stated === undefined ? undefined : { activity, at: stated }
  if (activity.type !== 'create') return undefined
  const note = activity.object.embedded
  if (note !== undefined && !isShared(note, actor, deps)) return undefined
  const at = note?.published ?? stated
  return at === undefined ? undefined : { activity, at }
}

function read(document: Json, actor: RemoteActor, deps: OutboxDeps): News | undefined {
  if (!isSameHost(idOf(document) ?? '', actor.id)) return undefined
  const isActivity = typesOf(document).some((type) => type === 'Create' || type === 'Announce')
  try {
    return isActivity ? readActivityItem(document, actor, deps) : readBare(document, actor, deps)
  } catch (error) {
    // One that cannot be read is no reason to miss the others.
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

async function documentOf(
  item: unknown,
  actor: RemoteActor,
  { isLast, ...deps }: OutboxDeps & Pick<NewsBounds, 'isLast'>,
): Promise<Json | undefined> {
  if (isLast || (isJson(item) && typesOf(item).length > 0)) return fetchItem(item, actor, deps)
  const id = idOf(item)
  if (id === undefined || !isSameHost(id, actor.id)) return undefined
  try {
    const { url, document } = await deps.fetchDocument(id, 'itself', deps.as)
    return isSameHost(url, actor.id) ? document : undefined
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

/** Whether everything further back is older, as far as dates tell. */
const isPast = (items: readonly (News | undefined)[], since: number): boolean =>
  items.some((news) => news !== undefined && news.at < since)

/**
 * What the actor's outbox has since then for everybody, or a follower of it, oldest first; of more than `limit` the newest.
 * Throws where the outbox cannot be had.
 */
export async function fetchNews(
  actor: RemoteActor,
  { since, limit, isLast, as }: NewsBounds,
  given: OutboxDeps,
): Promise<readonly News[]> {
  const deps = as === undefined ? given : { ...given, as }
  const { clock } = deps
  const end = clock.now() + patience
  const found = new Map<string, News>()
  const few = fetchingFew(deps)
  const isEnough = (): boolean => clock.now() >= end || found.size >= limit || few.isSpent()
  for await (const page of pagesOf(actor.outbox, actor, { ...deps, mostPages })) {
    const items: (News | undefined)[] = []
    for (const item of itemsOf(page)) {
      if (isEnough()) break
      const document = await documentOf(item, actor, { ...few, isLast })
      const news = document && read(document, actor, deps)
      items.push(news)
      if (news !== undefined && news.at >= since) found.set(news.activity.id, news)
      // Servers that give ids alone would be asked for each of them.
      if (news !== undefined && news.at < since && typeof item === 'string') break
    }
    if (isEnough() || isPast(items, since)) break
  }
  // Of the same second, the outbox has the newer one first.
  return [...found.values()].reverse().sort((a, b) => a.at - b.at)
}
