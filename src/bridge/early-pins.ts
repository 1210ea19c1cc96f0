import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { EventId, RoomId } from '../model/ids.ts'
import type { Job } from '../model/job.ts'
import type { MatrixEvent } from '../model/event.ts'
import { shownOf } from './pins.ts'

/** The newest pins of somebody's own room, while something is pinned there that is no post yet. */
const markOf = (roomId: RoomId): string => `pinned early ${roomId}`

type Noted = {
  readonly eventId: EventId
  readonly pinned: readonly string[]
  readonly payload: string
}

type Pins = MatrixEvent & { readonly type: 'pins' }

/** In no other room is what is pinned told to anybody. */
const isProfile = async (roomId: RoomId, { store }: Deps): Promise<boolean> =>
  (await store.findPortalByRoom(roomId))?.kind === 'profile'

/**
 * A message can be pinned while it still waits to go out. Then the event is kept, to be done once more
 * when the message is a post; the next event that says what is pinned takes its place. Commits that
 * before the event is resolved: what becomes a post meanwhile is met by the one or the other.
 */
export async function noteEarlyPins(event: Pins, { payload }: Job, deps: Deps): Promise<void> {
  const { roomId, eventId, sender } = event
  const portal = await deps.store.findPortalByRoom(roomId)
  if (portal?.kind !== 'profile' || portal.userId !== sender) return
  const key = markOf(roomId)
  const pinned: EventId[] = []
  for (const target of shownOf(event))
    if ((await deps.store.findMappingByEvent(roomId, target)) === undefined) pinned.push(target)
  const noted: Noted = { eventId, pinned, payload }
  const at = deps.clock.now()
  if (pinned.length > 0)
    await deps.store.commit([{ change: 'mark', key, value: JSON.stringify(noted), at }])
  else if ((await deps.store.findMark(key)) !== undefined)
    await deps.store.commit([{ change: 'unmark', key }])
}

/** To be committed with what makes posts of those messages: whatever is pinned of them is told then. */
export async function pinsOnceMore(
  roomId: RoomId,
  messages: readonly EventId[],
  deps: Deps,
): Promise<readonly Change[]> {
  if (!(await isProfile(roomId, deps))) return []
  const key = markOf(roomId)
  const value = await deps.store.findMark(key)
  // One of them may be pinned at this moment.
  if (value === undefined) return [{ change: 'expect-mark', key }]
  const { eventId, pinned, payload } = JSON.parse(value) as Noted
  const message = messages.find((one) => pinned.includes(one))
  const job = { kind: 'event', lane: `event:${roomId}`, payload } as const
  return [
    { change: 'expect-mark', key, value },
    ...(message === undefined
      ? []
      : [{ change: 'enqueue', job: { ...job, key: `${eventId} with ${message}` } } as const]),
  ]
}
