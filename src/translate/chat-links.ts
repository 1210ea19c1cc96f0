import type { Action } from '../model/action.ts'
import type { KnownForMatrix } from './known.ts'
import type { Note } from '../model/note.ts'
import type { Placement } from './placement.ts'
import { portalKey, type Portal } from '../model/portal.ts'

/** Everybody of Matrix who reads the first room is in the other one too: nobody else learns of it. */
const isForThem = (portal: Portal & { kind: 'direct' }, { members }: Placement): boolean =>
  portal.participants.every((p) => p.kind !== 'user' || members.has(p.userId))

/**
 * A private answer to another set of people stands in another room than what it answers. The first
 * room says so, once.
 */
export function linkChats(
  note: Note,
  placements: readonly Placement[],
  known: KnownForMatrix,
): Action[] {
  const answered = note.inReplyTo === undefined ? [] : (known.mappings.get(note.inReplyTo) ?? [])
  return placements.flatMap((placement) => {
    const { place } = placement
    if (place.kind !== 'direct') return []
    return answered.flatMap(({ roomId }): Action[] => {
      const portal = known.rooms.get(roomId)?.portal
      if (portal?.kind !== 'direct' || portalKey(portal) === portalKey(place)) return []
      if (!isForThem(portal, placement)) return []
      const text = 'This goes on with other people, in another room.'
      const key = `goes on ${roomId} ${portalKey(place)}`
      return [{ do: 'tell', place: { kind: 'room', roomId }, text, link: place, key }]
    })
  })
}
