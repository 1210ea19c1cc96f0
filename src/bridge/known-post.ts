import type { ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KnownActor, KnownForMatrix, KnownRoom } from '../translate/known.ts'
import type { Mapping, Note, ObjectRecord } from '../model/note.ts'
import { asActorId } from '../model/ids.ts'
import { isOwnId, newActivityId } from './new-ids.ts'
import { knownActor } from './resolve-people.ts'
import { knownRoom } from './resolve-readings.ts'
import { resolveQuotes } from './resolve-quotes.ts'

/** Many quote the same post on one evening, milliseconds. */
const quoteAge = 600_000

/** Those whom it names, as far as we know them: nobody is looked up. */
async function namedIn(note: Note, deps: Deps): Promise<Map<ActorId, KnownActor>> {
  const named = new Map<ActorId, KnownActor>()
  for (const { actorId } of note.mentions) {
    const remote = isOwnId(actorId, deps) ? undefined : await deps.store.findRemoteActor(actorId)
    if (remote !== undefined) named.set(actorId, await knownActor(remote, deps))
  }
  return named
}

async function localsIn(note: Note, deps: Deps): Promise<KnownForMatrix['locals']> {
  const ids = new Set([...note.to, ...note.cc, ...note.mentions.map(({ actorId }) => actorId)])
  const own = [...ids].filter((id) => isOwnId(id, deps)).map(asActorId)
  const actors = await Promise.all(own.map((id) => deps.store.findLocalActor(id)))
  return new Map(actors.flatMap((actor) => (actor === undefined ? [] : [[actor.id, actor]])))
}

/** What the translation of a post may use that no activity brings, but we ourselves. */
export async function knownPost(
  note: Note,
  { author, room }: { readonly author: KnownActor; readonly room?: KnownRoom },
  deps: Deps,
): Promise<KnownForMatrix> {
  const ids = [note.id, ...(note.inReplyTo === undefined ? [] : [note.inReplyTo])]
  const mappings = new Map<string, readonly Mapping[]>()
  const objects = new Map<string, ObjectRecord>()
  for (const id of ids) {
    mappings.set(id, await deps.store.mappingsOf(id))
    const record = await deps.store.findObject(id)
    if (record !== undefined) objects.set(id, record)
  }
  const rooms = new Map(room === undefined ? [] : [[room.portal.roomId, room]])
  for (const { roomId } of [...mappings.values()].flat()) {
    const portal = rooms.has(roomId) ? undefined : await deps.store.findPortalByRoom(roomId)
    if (portal !== undefined) rooms.set(roomId, await knownRoom(portal, deps))
  }
  const actors = await namedIn(note, deps)
  return {
    now: deps.clock.now(),
    handleDomain: deps.identity.handleDomain,
    author,
    note,
    ancestors: [],
    actors: actors.set(author.actor.id, author),
    addressees: [],
    locals: await localsIn(note, deps),
    objects,
    mappings,
    rooms,
    ...(room === undefined ? {} : { authorRoom: room }),
    replyInPortal: 'thread',
    homes: [],
    deaf: new Set(),
    crowded: new Set(),
    reactions: [],
    areBoostsWanted: false,
    quotes: await resolveQuotes([note], { isPatient: false, maxAge: quoteAge, deps }),
    isQuoted: false,
    sensitiveMedia: deps.mediaRules.sensitive,
    answerId: newActivityId(deps),
  }
}
