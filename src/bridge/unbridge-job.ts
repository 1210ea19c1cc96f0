import type { Change } from '../model/change.ts'
import type { RoomId } from '../model/ids.ts'

/** Upkeep: an admin ends what a room is for; then everybody of ours leaves it. */
export type Unbridge = {
  readonly type: 'unbridge' | 'vacate'
  readonly roomId: RoomId
  /** It was a group, whose people go on in it with the bot. */
  readonly isTheirs?: true
}

export function unbridgeWork(work: Unbridge, key: string, runAt?: number): Change {
  const lane = `upkeep:unbridge ${work.roomId}`
  const job = { kind: 'upkeep', key, lane, payload: JSON.stringify(work) } as const
  return { change: 'enqueue', job: runAt === undefined ? job : { ...job, runAt } }
}
