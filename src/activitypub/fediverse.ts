import type { ActorId, ObjectId } from '../model/ids.ts'
import type { FetchedFile, Files } from '../model/file.ts'
import type { Handle } from '../model/handle.ts'
import type { Note } from '../model/note.ts'
import { RejectedError } from '../model/errors.ts'
import type { RemoteActor } from '../model/actor.ts'
import type { Server } from '../model/server.ts'
import { createDiscovery, type DiscoveryDeps } from './discovery.ts'
import { createNodeInfoClient } from './nodeinfo-client.ts'
import { createLru } from './lru.ts'
import { fetchFile, type FileBounds } from './file.ts'
import { fetchFeatured, fetchOutbox } from './outbox.ts'
import { isSameHost } from './parse-values.ts'
import { parseNote } from './parse.ts'
import { parseStamp } from './quote-document.ts'
import type { QuoteStamp } from '../model/quote.ts'
import type { Serializer } from './serialize.ts'

export type FediverseDeps = DiscoveryDeps & {
  readonly serializer: Pick<Serializer, 'serialize' | 'serializeNote'>
  readonly files: Files
}

/** The fediverse as the bridge reads it: `Fediverse` of its ports. Keeps and stores nothing. */
export type FediverseReader = Pick<Serializer, 'serialize' | 'serializeNote'> & {
  readonly lookup: (target: Handle | { readonly url: string }) => Promise<RemoteActor>
  readonly fetchActor: (id: ActorId) => Promise<RemoteActor>
  readonly fetchNote: (id: ObjectId, maxAge?: number) => Promise<Note>
  readonly fetchStamp: (id: ObjectId) => Promise<QuoteStamp>
  readonly fetchFeatured: (actor: RemoteActor, limit: number) => Promise<readonly Note[]>
  readonly fetchOutbox: (actor: RemoteActor, limit: number) => Promise<readonly Note[]>
  readonly fetchServer: (host: string) => Promise<Server>
  readonly fetchFile: (url: string, bounds: FileBounds) => Promise<FetchedFile>
}

/** Notes that are kept for those who take one that is not new. */
const mostRecent = 100

export function createFediverse(deps: FediverseDeps): FediverseReader {
  const { lookup, fetchActor } = createDiscovery(deps)
  const { serialize, serializeNote } = deps.serializer
  const recent = createLru<{ readonly note: Note; readonly at: number }>(mostRecent)
  return {
    lookup,
    fetchActor,
    async fetchNote(id, maxAge = 0) {
      const known = maxAge === 0 ? undefined : recent.get(id)
      if (known !== undefined && known.at > deps.clock.now() - maxAge) return known.note
      const { document } = await deps.fetchDocument(id)
      const note = parseNote(document)
      if (!isSameHost(note.id, id))
        throw new RejectedError(`${id} answers as ${note.id}`, { code: 'hostile' })
      if (maxAge > 0) recent.set(id, { note, at: deps.clock.now() })
      return note
    },
    async fetchStamp(id) {
      const { document } = await deps.fetchDocument(id)
      return parseStamp(document)
    },
    fetchFeatured: (actor, limit) => fetchFeatured(actor, limit, deps),
    fetchOutbox: (actor, limit) => fetchOutbox(actor, limit, deps),
    fetchServer: createNodeInfoClient(deps),
    fetchFile: (url, bounds) => fetchFile(url, bounds, deps),
    serialize,
    serializeNote,
  }
}
