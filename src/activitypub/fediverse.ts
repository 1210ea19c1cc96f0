import type { ActorId, ObjectId } from '../model/ids.ts'
import type { FollowersSync } from '../model/followers-sync.ts'
import type { FetchedFile, Files } from '../model/file.ts'
import type { Handle } from '../model/handle.ts'
import type { Http } from '../model/http.ts'
import type { News } from '../model/activity.ts'
import type { Note } from '../model/note.ts'
import type { PostAsking } from '../model/asking.ts'
import { RejectedError } from '../model/errors.ts'
import type { RemoteActor } from '../model/actor.ts'
import type { Server } from '../model/server.ts'
import { createDiscovery, type DiscoveryDeps } from './discovery.ts'
import { createNodeInfoClient } from './nodeinfo-client.ts'
import { createLru } from './lru.ts'
import { fetchFile, type FileBounds } from './file.ts'
import { fetchNews, type NewsBounds } from './news.ts'
import { fetchFeatured, fetchFollowers, fetchOutbox, isForAll, listFeatured } from './outbox.ts'
import type { Wanted } from './outbox.ts'
import { actorKindOf } from './parse-actor.ts'
import { idOf, isSameHost, typesOf } from './parse-values.ts'
import { parseNote } from './parse.ts'
import { parseStamp } from './quote-document.ts'
import type { QuoteStamp } from '../model/quote.ts'
import type { Serializer } from './serialize.ts'

export type FediverseDeps = DiscoveryDeps & {
  readonly serializer: Pick<Serializer, 'serialize' | 'serializeNote'>
  readonly files: Files
  /** For files; absent: as everything else. */
  readonly fileHttp?: Http
}

/** The fediverse as the bridge reads it: `Fediverse` of its ports. Keeps and stores nothing. */
export type FediverseReader = Pick<Serializer, 'serialize' | 'serializeNote'> & {
  readonly lookup: (target: Handle | { readonly url: string }) => Promise<RemoteActor>
  readonly fetchActor: (id: ActorId) => Promise<RemoteActor>
  readonly fetchNote: (id: ObjectId, how?: PostAsking) => Promise<Note>
  readonly fetchStamp: (id: ObjectId) => Promise<QuoteStamp>
  readonly fetchFeatured: (
    actor: RemoteActor,
    limit: number,
  ) => Promise<{ readonly notes: readonly Note[]; readonly isWhole: boolean }>
  readonly listFeatured: (actor: RemoteActor, limit: number) => Promise<readonly ObjectId[]>
  readonly fetchOutbox: (
    actor: RemoteActor,
    limit: number,
    which?: Omit<Wanted, 'limit'>,
  ) => Promise<readonly Note[]>
  readonly fetchNews: (actor: RemoteActor, bounds: NewsBounds) => Promise<readonly News[]>
  readonly fetchFollowers: (
    actor: RemoteActor,
    sync: FollowersSync,
  ) => Promise<readonly ActorId[] | undefined>
  readonly openNote: (url: string, as?: ActorId) => Promise<Note>
  readonly fetchServer: (host: string) => Promise<Server>
  readonly fetchFile: (url: string, bounds: FileBounds) => Promise<FetchedFile>
}

const bringing: ReadonlySet<string> = new Set(['Create', 'Announce'])

/**
 * The post that some address of the web is of: itself, or what the activity there brings. A document is
 * believed at its own id alone, so it does not matter on whose page the address was found.
 */
async function openNote(
  url: string,
  as: ActorId | undefined,
  { fetchDocument }: FediverseDeps,
): Promise<Note> {
  const { document } = await fetchDocument(url, 'itself', as)
  if (actorKindOf(document) !== undefined)
    throw new RejectedError(`${url} is an account`, { code: 'not-a-post' })
  const object = typesOf(document).some((type) => bringing.has(type))
    ? idOf(document['object'])
    : undefined
  if (object === undefined) return parseNote(document)
  const by = isSameHost(object, url) ? as : undefined
  return parseNote((await fetchDocument(object, 'itself', by)).document)
}

/** Notes that are kept for those who take one that is not new. */
const mostRecent = 100

export function createFediverse(deps: FediverseDeps): FediverseReader {
  const { lookup, fetchActor } = createDiscovery(deps)
  const { serialize, serializeNote } = deps.serializer
  const { fileHttp = deps.http } = deps
  const recent = createLru<{ readonly note: Note; readonly at: number }>(mostRecent)
  return {
    lookup,
    fetchActor,
    async fetchNote(id, { maxAge = 0, as } = {}) {
      const known = maxAge === 0 ? undefined : recent.get(id)
      if (known !== undefined && known.at > deps.clock.now() - maxAge) return known.note
      const { document } = await deps.fetchDocument(id, 'itself', as)
      const note = parseNote(document)
      if (!isSameHost(note.id, id))
        throw new RejectedError(`${id} answers as ${note.id}`, { code: 'hostile' })
      // What one person may read is kept for nobody else.
      const isKept = maxAge > 0 && (as === undefined || isForAll(note))
      if (isKept) recent.set(id, { note, at: deps.clock.now() })
      return note
    },
    async fetchStamp(id) {
      const { document } = await deps.fetchDocument(id)
      return parseStamp(document)
    },
    fetchFeatured: (actor, limit) => fetchFeatured(actor, limit, deps),
    listFeatured: (actor, limit) => listFeatured(actor, limit, deps),
    fetchOutbox: (actor, limit, which) => fetchOutbox(actor, { ...which, limit }, deps),
    fetchNews: (actor, bounds) => fetchNews(actor, bounds, deps),
    fetchFollowers: (actor, sync) => fetchFollowers(actor, sync, deps),
    openNote: (url, as) => openNote(url, as, deps),
    fetchServer: createNodeInfoClient(deps),
    fetchFile: (url, bounds) => fetchFile(url, bounds, { ...deps, http: fileHttp }),
    serialize,
    serializeNote,
  }
}
