import type { Action } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Portal } from '../model/portal.ts'
import type { RoomId } from '../model/ids.ts'
import { asRoomId } from '../model/ids.ts'
import { portalKey } from '../model/portal.ts'
import { participantsIn } from './participants.ts'
import { matrixLink } from './portals.ts'
import { tellJob } from './tell-job.ts'

/** The room where a chat goes on, kept by the one it has left. */
const movedMark = (from: RoomId): string => `moved ${from}`

/** A room goes on in another one, and says so. What had left that one before is back there. */
export const goesOnIn = (
  { from, to, text }: { readonly from: RoomId; readonly to: RoomId; readonly text: string },
  deps: Deps,
): readonly Change[] => [
  { change: 'unmark', key: movedMark(to) },
  { change: 'mark', key: movedMark(from), value: to, at: deps.clock.now() },
  tellJob({ key: `moved ${from} ${to}`, roomId: from, text }),
]

/** The room where a chat was before, kept by the one where it goes on. */
const beforeMark = (to: RoomId): string => `moved from ${to}`

/** The rooms to which such marks lead, one after the other, each once. */
async function trail(
  from: RoomId,
  markOf: (room: RoomId) => string,
  { store }: Pick<Deps, 'store'>,
): Promise<readonly RoomId[]> {
  const rooms: RoomId[] = []
  for (let room = from; ;) {
    const next = await store.findMark(markOf(room))
    if (next === undefined) return rooms
    room = asRoomId(next)
    if (room === from || rooms.includes(room)) return rooms
    rooms.push(room)
  }
}

/** Where a chat was before it came into that room, the newest first. */
export const roomsBefore = (
  roomId: RoomId,
  deps: Pick<Deps, 'store'>,
): Promise<readonly RoomId[]> => trail(roomId, beforeMark, deps)

/** The same for a chat. */
export async function movedTo(from: RoomId, to: RoomId, deps: Deps): Promise<readonly Change[]> {
  const text = `This chat goes on in another room with the same people: ${matrixLink(to)}`
  const at = deps.clock.now()
  const before = (room: RoomId, value: RoomId): Change => ({
    ...{ change: 'mark', key: beforeMark(room), value, at },
  })
  // A chat that comes back into a room was before it where that room was entered from as well.
  const [earlier] = await roomsBefore(to, deps)
  const rooms = [from, ...(await roomsBefore(from, deps))]
  const next = rooms[rooms.indexOf(to) - 1]
  const joined = earlier !== undefined && next !== undefined ? [before(next, earlier)] : []
  return [...goesOnIn({ from, to, text }, deps), ...joined, before(to, from)]
}

/** The room where a chat is by now: the one that it went to may have been left, too. */
const whereIsNow = async (from: RoomId, deps: Deps): Promise<RoomId | undefined> =>
  (await trail(from, movedMark, deps)).at(-1)

/** The portal that a room is by now, where its chat has left it. */
async function portalNow(from: RoomId, deps: Deps): Promise<Portal | undefined> {
  const to = await whereIsNow(from, deps)
  return to === undefined ? undefined : deps.store.findPortalByRoom(to)
}

/**
 * The chat that a room was before it went on elsewhere, if the same people are in it still: what
 * they write there is meant for each other, whichever room they found first.
 */
export async function chatGoneOnFrom(roomId: RoomId, deps: Deps): Promise<Portal | undefined> {
  const portal = await portalNow(roomId, deps)
  if (portal?.kind !== 'direct') return undefined
  const people = { kind: 'direct', participants: await participantsIn(roomId, deps) } as const
  return portalKey(people) === portalKey(portal) ? portal : undefined
}

/** The chat with the bot that somebody has elsewhere by now: what they say to it where it was before, it hears. */
export async function botChatGoneOnFrom(
  { roomId, sender }: MatrixEvent,
  deps: Deps,
): Promise<Portal | undefined> {
  const portal = await portalNow(roomId, deps)
  if (portal?.kind !== 'management' || portal.userId !== sender) return undefined
  return (await deps.store.membersOf(roomId, ['join', 'invite'])).length > 2 ? undefined : portal
}

/** Who writes into a room that a chat of other people has left is told so: nobody reads it there. */
export async function tellMoved(event: MatrixEvent, deps: Deps): Promise<readonly Action[]> {
  if (event.type !== 'message' || event.kind === 'notice') return []
  const to = await whereIsNow(event.roomId, deps)
  if (to === undefined) return []
  return [
    {
      do: 'tell',
      place: { kind: 'room', roomId: event.roomId },
      text: `Not sent: this room goes on in another one: ${matrixLink(to)}`,
      replyTo: event.eventId,
      key: `not there ${event.eventId}`,
    },
  ]
}
