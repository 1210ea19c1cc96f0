import type { ActorId, ObjectId } from '../model/ids.ts'
import type { Handle } from '../model/handle.ts'
import type { Note } from '../model/note.ts'
import { RejectedError } from '../model/errors.ts'
import type { RemoteActor } from '../model/actor.ts'
import { createDiscovery, type DiscoveryDeps } from './discovery.ts'
import { fetchImage, type Image } from './image.ts'
import { fetchOutbox } from './outbox.ts'
import { isSameHost } from './parse-values.ts'
import { parseNote } from './parse.ts'
import type { Serializer } from './serialize.ts'

export type FediverseDeps = DiscoveryDeps & {
  readonly serializer: Pick<Serializer, 'serialize' | 'serializeNote'>
}

/** The fediverse as the bridge reads it: `Fediverse` of its ports. Keeps and stores nothing. */
export type FediverseReader = Pick<Serializer, 'serialize' | 'serializeNote'> & {
  readonly lookup: (target: Handle | { readonly url: string }) => Promise<RemoteActor>
  readonly fetchActor: (id: ActorId) => Promise<RemoteActor>
  readonly fetchNote: (id: ObjectId) => Promise<Note>
  readonly fetchOutbox: (actor: RemoteActor, limit: number) => Promise<readonly Note[]>
  readonly fetchImage: (url: string) => Promise<Image>
}

export function createFediverse(deps: FediverseDeps): FediverseReader {
  const { lookup, fetchActor } = createDiscovery(deps)
  const { serialize, serializeNote } = deps.serializer
  return {
    lookup,
    fetchActor,
    async fetchNote(id) {
      const { document } = await deps.fetchDocument(id)
      const note = parseNote(document)
      if (isSameHost(note.id, id)) return note
      throw new RejectedError(`${id} answers as ${note.id}`, { code: 'hostile' })
    },
    fetchOutbox: (actor, limit) => fetchOutbox(actor, limit, deps),
    fetchImage: (url) => fetchImage(url, deps),
    serialize,
    serializeNote,
  }
}
