import type { KnownForMatrix } from './known.ts'
import type { Note } from '../model/note.ts'
import type { Visibility } from '../model/audience.ts'
import { narrower, visibilityOf } from './audience.ts'

/**
 * Who may see a note: as its copy says, and never more people than its author has told us of since. A
 * copy may be an old one, or one that a follower's key had to fetch.
 */
export function visibilityIn(
  note: Note,
  { author, actors, objects }: Pick<KnownForMatrix, 'author' | 'actors' | 'objects'>,
): Visibility {
  const actor = note.author === author.actor.id ? author : actors.get(note.author)
  const stated = visibilityOf(note, actor?.actor.followers)
  return narrower(objects.get(note.id)?.visibility ?? stated, stated)
}
