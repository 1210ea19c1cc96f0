import type { KnownForMatrix } from './known.ts'
import type { Note } from '../model/note.ts'
import type { Translation } from '../model/action.ts'
import type { UserId } from '../model/ids.ts'
import { isOpen } from '../model/audience.ts'
import { keepAlong, sendNote, withDate } from './notes.ts'
import { visibilityIn } from './visibility.ts'

/**
 * A post that a user asked for by its address, into their notifications with its own date. One that
 * is not for everybody is only for whom it names, and what is for followers for those, whatever its
 * server let us read.
 */
export function translateOpened(
  note: Note,
  { userId, isFollower }: { readonly userId: UserId; readonly isFollower: boolean },
  known: KnownForMatrix,
): Translation {
  const visibility = visibilityIn(note, known)
  const named = new Set<string>([...note.to, ...note.cc])
  const isForThem = [...known.locals.values()].some(
    (local) => local.userId === userId && named.has(local.id),
  )
  const isTheirs = isForThem || (visibility === 'followers' && isFollower)
  if (!isOpen(visibility) && !isTheirs) return { skip: 'not-public' }
  const place = { kind: 'notifications', userId } as const
  const { inReplyTo } = note
  const thread = inReplyTo === undefined ? {} : { inReplyTo }
  const placement = {
    place,
    members: new Set<UserId>(),
    form: 'whole',
    visibility,
    ...thread,
  } as const
  return {
    actions: [
      ...sendNote(note, placement, known).map((action) => withDate(action, note)),
      ...keepAlong(note, visibility, known),
    ],
  }
}
