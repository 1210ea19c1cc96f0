import type { Deps } from './ports.ts'
import type { Note } from '../model/note.ts'
import type { ObjectId } from '../model/ids.ts'
import type { PostAsking } from '../model/asking.ts'

/** Whether its author has told of a newer version. */
export async function isOutdated({ id, updated = 0 }: Note, deps: Deps): Promise<boolean> {
  return ((await deps.store.findObject(id))?.updated ?? 0) > updated
}

/** A post as it was fetched a moment ago, unless we know that it is another one by now. */
export async function fetchRecent(id: ObjectId, how: PostAsking, deps: Deps): Promise<Note> {
  const note = await deps.fediverse.fetchNote(id, how)
  return (await isOutdated(note, deps)) ? deps.fediverse.fetchNote(id, { ...how, maxAge: 0 }) : note
}
