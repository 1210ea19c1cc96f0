import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { KnownForFediverse, KnownPins } from '../translate/known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { MatrixAction } from '../model/action.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { EventId, RoomId } from '../model/ids.ts'
import { asObjectId } from '../model/ids.ts'
import { newActivityId } from './new-ids.ts'

const event = { type: 'm.room.pinned_events', stateKey: '' }
/** As many as clients list without paging. */
const mostPins = 20

/** Event ids. */
export async function pinnedIn(
  roomId: RoomId,
  { homeserver, identity }: Deps,
): Promise<readonly string[]> {
  const pinned = (await homeserver.findState(identity.bot, roomId, event))?.['pinned']
  return Array.isArray(pinned) ? pinned.filter((id) => typeof id === 'string') : []
}

/** Pins what stands in a room for a post, or takes it off. Idempotent; one at a time in a room, as the list is one. */
export async function performPin(
  { roomId, object, isPinned }: MatrixAction & { do: 'pin' },
  deps: Deps,
): Promise<readonly Change[]> {
  const mappings = await deps.store.mappingsOf(object)
  const mapping = mappings.find((m) => m.roomId === roomId && m.part === 0)
  if (mapping === undefined) return []
  await deps.locks(`pins ${roomId}`, async () => {
    const before = await pinnedIn(roomId, deps)
    if (before.includes(mapping.eventId) === isPinned) return
    const pinned = isPinned
      ? [...before, mapping.eventId].slice(-mostPins)
      : before.filter((id) => id !== mapping.eventId)
    await deps.homeserver.setState(deps.identity.bot, roomId, { ...event, content: { pinned } })
  })
  return []
}

/** Of what is pinned, the newest that a profile has room for. */
export const shownOf = ({ pinned }: MatrixEvent & { type: 'pins' }): readonly EventId[] =>
  pinned.slice(-mostPins)

/** What a user has pinned in their own room, and what their profile has. */
export async function resolvePins(
  pins: MatrixEvent,
  author: LocalActor | undefined,
  deps: Deps,
): Promise<Pick<KnownForFediverse, 'pins'>> {
  if (pins.type !== 'pins' || author === undefined) return {}
  const now: KnownPins['now'][number][] = []
  for (const target of shownOf(pins)) {
    const mapping = await deps.store.findMappingByEvent(pins.roomId, target)
    const object = mapping && (await deps.store.findObject(asObjectId(mapping.remoteId)))
    if (object !== undefined && object.deletedAt === undefined) now.push({ target, object })
  }
  const before = await deps.store.featuredBy(author.id)
  const ids = [...before, ...now].map(() => newActivityId(deps))
  return { pins: { now, before, ids } }
}
