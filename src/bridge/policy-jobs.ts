import type { ActorId, RoomId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { PolicyRule } from '../model/policy.ts'

/** What policy lists give to do: payload of an `upkeep` job. */
export type PolicyWork =
  /** Unless the list was read after that time, milliseconds since the epoch. */
  | { readonly type: 'read-policies'; readonly roomId: RoomId; readonly since: number }
  /** Accounts behind that one, of which a rule speaks that is known since then. */
  | { readonly type: 'policy-accounts'; readonly since: number; readonly after?: ActorId }
  /** Rooms behind that one, of which any rule speaks. */
  | { readonly type: 'policy-rooms'; readonly since: number; readonly after?: RoomId }
  /** Where the address leads that a rule of that list names. */
  | { readonly type: 'policy-address'; readonly list: RoomId; readonly address: string }
  /** A rule names that room. */
  | { readonly type: 'leave-room'; readonly roomId: RoomId }
  /** Nobody follows the list of that room any more. */
  | { readonly type: 'leave-list'; readonly roomId: RoomId }

const types: ReadonlySet<string> = new Set<PolicyWork['type']>([
  'read-policies',
  'policy-accounts',
  'policy-rooms',
  'policy-address',
  'leave-room',
  'leave-list',
])

export const isPolicyWork = (upkeep: { readonly type: string }): upkeep is PolicyWork =>
  types.has(upkeep.type)

type When = { readonly key: string; readonly lane: string; readonly runAt?: number }

const enqueue = (work: PolicyWork, { key, lane, runAt }: When): Change => ({
  change: 'enqueue',
  job: {
    kind: 'upkeep',
    key,
    // What one list gives to do is done in its order.
    lane: `upkeep:policies ${lane}`,
    payload: JSON.stringify(work),
    ...(runAt === undefined ? {} : { runAt }),
  },
})

/** Reads the list anew; `occasion` is what gave rise to it. */
export const readListJob = (roomId: RoomId, occasion: string, now: number): Change =>
  enqueue(
    { type: 'read-policies', roomId, since: now },
    { key: `read policies ${roomId} ${occasion}`, lane: roomId },
  )

/** Changes that come one upon another are read together. */
const together = 1_000

/** Something happened in the room of the list. */
export function rereadJob(roomId: RoomId, now: number): Change {
  const runAt = (Math.floor(now / together) + 1) * together
  return enqueue(
    { type: 'read-policies', roomId, since: runAt },
    { key: `read policies ${roomId} at ${String(runAt)}`, lane: roomId, runAt },
  )
}

export const accountsJob = (since: number, after?: ActorId): Change =>
  enqueue(
    { type: 'policy-accounts', since, ...(after === undefined ? {} : { after }) },
    { key: `policy accounts ${String(since)} ${after ?? ''}`, lane: 'accounts' },
  )

export const roomsJob = (since: number, after?: RoomId): Change =>
  enqueue(
    { type: 'policy-rooms', since, ...(after === undefined ? {} : { after }) },
    { key: `policy rooms ${String(since)} ${after ?? ''}`, lane: 'rooms' },
  )

export const leaveRoomJob = (roomId: RoomId, since: number): Change =>
  enqueue(
    { type: 'leave-room', roomId },
    { key: `leave room ${roomId} ${String(since)}`, lane: `room ${roomId}` },
  )

export const leaveListJob = (roomId: RoomId, now: number): Change =>
  enqueue(
    { type: 'leave-list', roomId },
    { key: `leave list ${roomId} ${String(now)}`, lane: roomId },
  )

const dayInMs = 86_400_000

/** Once a day, until it leads somewhere; a rule that comes anew is looked at at once. */
export function addressJob(
  list: RoomId,
  { entity: address, at }: Pick<PolicyRule, 'entity' | 'at'>,
  now: number,
): Change {
  const when = `${String(at)} ${String(Math.floor(now / dayInMs))}`
  return enqueue(
    { type: 'policy-address', list, address },
    { key: `policy address ${list} ${address} ${when}`, lane: `address ${address}` },
  )
}
