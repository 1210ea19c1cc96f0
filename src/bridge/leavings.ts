import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { PortalKind } from '../model/portal.ts'
import type { RoomId } from '../model/ids.ts'
import { readInLost } from './lost-marks.ts'

/**
 * Where an admin deletes a room, Synapse has everybody leave it in their own name, in any order, and
 * us among them. So nobody is taken to have left of themselves before it was quiet for this long.
 */
export const calm = 10_000

/** Those who left such a room in their own name of late; all are milliseconds since the epoch. */
export type Leavings = {
  /** When we heard of the last of them. */
  readonly heard: number
  /** When they began to leave, and when the last of them left, none much later than the one before. */
  readonly began: number
  readonly last: number
  /** When those began to leave among whom we were: the room was closed then. */
  readonly closed?: number
}

/** Rooms whose leaving means something. */
const kindsLeft: ReadonlySet<PortalKind> = new Set(['actor', 'home', 'space'])

const leavingMark = (roomId: RoomId): string => `leaving ${roomId}`

/** Undefined: nobody has left of late. */
export async function leavingsOf(roomId: RoomId, deps: Deps): Promise<Leavings | undefined> {
  const noted = await deps.store.findMark(leavingMark(roomId))
  if (noted === undefined) return undefined
  const value = JSON.parse(noted) as Leavings | number
  return typeof value === 'number' ? { heard: value, began: value, last: value } : value
}

/** When that happened, as the homeserver dates it; a clock that is ahead is no later than now. */
export const dateOf = ({ ts }: Pick<MatrixEvent, 'ts'>, { clock }: Pick<Deps, 'clock'>): number =>
  Math.min(ts, clock.now())

/** Notes that somebody leaves such a room in their own name, one of ours included. */
export async function noteLeaving(
  event: MatrixEvent & { type: 'member' },
  deps: Deps,
): Promise<readonly Change[]> {
  const { roomId, user, sender, membership } = event
  if (membership !== 'leave' || sender !== user) return []
  const portal = await deps.store.findPortalByRoom(roomId)
  const hasMeaning = portal !== undefined && kindsLeft.has(portal.kind)
  if (!hasMeaning && (await readInLost(roomId, deps)) === undefined) return []
  const before = await leavingsOf(roomId, deps)
  const left = dateOf(event, deps)
  const isWithThem = before !== undefined && left < before.last + calm
  const began = isWithThem ? Math.min(before.began, left) : left
  const closed = user === deps.identity.bot ? began : before?.closed
  const heard = deps.clock.now()
  const leavings: Leavings = {
    ...{ heard, began, last: left },
    ...(closed === undefined ? {} : { closed }),
  }
  return [{ change: 'mark', key: leavingMark(roomId), value: JSON.stringify(leavings), at: heard }]
}
