import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import type { ActivityId, ObjectId, RoomId } from '../model/ids.ts'
import type { Do } from './speak.ts'

type Id = ObjectId | ActivityId

/** Only a beginning of it stands there: the process died between its parts, or is sending them. */
const begunMark = (roomId: RoomId, id: Id): string => `begun ${roomId} ${id}`

const isBegun = async (id: Id, roomId: RoomId, { store }: Deps): Promise<boolean> =>
  (await store.findMark(begunMark(roomId, id))) !== undefined

/** To be committed with the mapping of the part. What an edit adds belongs to something that stands. */
export function standingChanges(
  { from, cause, isMoreToCome }: Do<'send'>,
  roomId: RoomId,
  { clock }: Pick<Deps, 'clock'>,
): readonly Change[] {
  if (cause !== undefined) return []
  const key = begunMark(roomId, from)
  return [
    isMoreToCome === true
      ? { change: 'mark', key, value: '', at: clock.now() }
      : { change: 'unmark', key },
  ]
}

/** Whether all of it stands there: what was only begun is sent again, and each part that is there stays. */
export async function standsIn(id: Id, roomId: RoomId, deps: Deps): Promise<boolean> {
  const isThere = (await deps.store.mappingsOf(id)).some((mapping) => mapping.roomId === roomId)
  return isThere && !(await isBegun(id, roomId, deps))
}

/** The rooms where only a beginning of it stands. */
export async function begunIn(
  id: Id | undefined,
  known: Pick<KnownForMatrix, 'mappings'>,
  deps: Deps,
): Promise<Pick<KnownForMatrix, 'begun'>> {
  if (id === undefined) return {}
  const begun = new Set<RoomId>()
  for (const { roomId } of known.mappings.get(id) ?? [])
    if (!begun.has(roomId) && (await isBegun(id, roomId, deps))) begun.add(roomId)
  return begun.size === 0 ? {} : { begun }
}
