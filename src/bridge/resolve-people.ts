import type { ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KnownActor, KnownForMatrix } from '../translate/known.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import type { Note } from '../model/note.ts'
import { publicCollection } from '../model/audience.ts'
import { asActorId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { visibilityOf } from '../translate/audience.ts'
import { actorOf, ghostIdOf } from './ghosts.ts'
import { isOwnId } from './new-ids.ts'

/** Its ghost may still be to be made: only who is shown has one. */
export async function knownActor(actor: RemoteActor, deps: Deps): Promise<KnownActor> {
  return { actor, ghost: await ghostIdOf(actor, deps) }
}

type Around = {
  /** Notes whose authors are shown too. */
  readonly behind: readonly Note[]
  readonly locals: ReadonlyMap<ActorId, LocalActor>
  readonly deps: Deps
}

/** More than these are not looked up for one message: nobody sends us to a thousand servers. */
export const mostLookedUp = 20

/** Whom a private note that somebody here gets is shared with, besides its author. */
function addresseesOf(note: Note, { locals, deps }: Around): ActorId[] {
  const ids = [...new Set([...note.to, ...note.cc])].map(asActorId)
  const isForUs = ids.some((id) => locals.has(id))
  if (!isForUs || visibilityOf(note, undefined) !== 'direct') return []
  return ids.filter(
    (id) => id !== note.author && id !== asActorId(publicCollection) && !isOwnId(id, deps),
  )
}

/** Who cannot be looked up just now, or ever, is addressed all the same: their ghost is what waits. */
async function findIfThere(id: ActorId, deps: Deps): Promise<RemoteActor | undefined> {
  try {
    return await actorOf(id, deps)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    if (error instanceof TransientError && error.of === 'remote') return undefined
    throw error
  }
}

/** Without its author a parent cannot be shown, so a server that is away is waited for. */
async function findOrWait(id: ActorId, deps: Deps): Promise<RemoteActor | undefined> {
  try {
    return await actorOf(id, deps)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

/** Remote people of a note, those who are only named as far as we know them. */
export async function resolvePeople(
  note: Note,
  around: Around,
): Promise<Pick<KnownForMatrix, 'actors' | 'addressees'>> {
  const { behind, deps } = around
  const addressees = addresseesOf(note, around)
  const authors = behind.map(({ author }) => author).filter((id) => !isOwnId(id, deps))
  const actors = new Map<ActorId, KnownActor>()
  const keep = async (actor: RemoteActor | undefined): Promise<void> => {
    if (actor !== undefined) actors.set(actor.id, await knownActor(actor, deps))
  }
  for (const id of new Set(authors)) await keep(await findOrWait(id, deps))
  const wanted = addressees.slice(0, mostLookedUp)
  // All at once: several servers that are away cost no more than one.
  for (const actor of await Promise.all(wanted.map((id) => findIfThere(id, deps))))
    await keep(actor)
  const named = [...addressees.slice(mostLookedUp), ...note.mentions.map((m) => m.actorId)]
  for (const id of new Set(named)) {
    if (!actors.has(id) && !isOwnId(id, deps)) await keep(await deps.store.findRemoteActor(id))
  }
  return { actors, addressees }
}
