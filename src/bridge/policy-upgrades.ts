import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { PolicyList } from '../model/policy.ts'
import type { RoomId } from '../model/ids.ts'
import type { StateEvent } from '../model/room.ts'
import { asRoomId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { splitMatrixId } from '../model/names.ts'
import { enterList, type Entered } from './enter-list.ts'
import { leaveListJob, readListJob } from './policy-jobs.ts'
import { contentIn } from './room-power.ts'

const tombstone = 'm.room.tombstone'

/** What became of a list whose room says that it goes on in another one. */
type Upgrade =
  | { readonly to: RoomId; readonly why: string }
  | { readonly to: RoomId; readonly changes: readonly Change[] }
  /** Another list that is followed is that room. */
  | { readonly to: RoomId; readonly isFollowed: true }

function successorOf(state: readonly StateEvent[], from: RoomId): RoomId | undefined {
  const to = contentIn(state, tombstone)?.['replacement_room']
  if (typeof to !== 'string' || !/^![^\s\0]{1,254}$/.test(to) || to === from) return undefined
  return asRoomId(to)
}

/** Who says that a room goes on elsewhere is there; its server knows the other room. */
function viaOf(state: readonly StateEvent[]): readonly string[] {
  const sender = state.find(({ type, stateKey }) => type === tombstone && stateKey === '')?.sender
  const server = sender && splitMatrixId(sender, '@')?.serverName
  return server === undefined ? [] : [server]
}

async function enter(to: RoomId, via: readonly string[], deps: Deps): Promise<Entered> {
  try {
    return await enterList(to, via, deps)
  } catch (error) {
    if (!(error instanceof TransientError) || error.of === 'homeserver') throw error
    return { why: 'no server that is in it answers', isClosed: false }
  }
}

/** Whether the next room says, too, that it comes after this one. */
async function isSuccessor(to: RoomId, from: RoomId, deps: Deps): Promise<boolean> {
  try {
    const state = await deps.homeserver.roomState(deps.identity.bot, to)
    const predecessor: unknown = contentIn(state, 'm.room.create')?.['predecessor']
    return (
      typeof predecessor === 'object' &&
      predecessor !== null &&
      'room_id' in predecessor &&
      predecessor.room_id === from
    )
  } catch (error) {
    if (error instanceof RejectedError) return false
    throw error
  }
}

/**
 * Goes with a list into the room that replaces its own, where both rooms say so: its rules stay, and
 * are read there from then on. Undefined: its room stays what it is. Safe to run again.
 */
export async function followUpgrade(
  { roomId: from, trouble }: PolicyList,
  state: readonly StateEvent[],
  deps: Deps,
): Promise<Upgrade | undefined> {
  const to = successorOf(state, from)
  if (to === undefined) return undefined
  if ((await deps.store.findPolicyList(to))?.roomId === to) return { to, isFollowed: true }
  const says = `it goes on in another room, ${to}`
  const isNone = { to, why: `${says}, which does not say that it comes after this one` }
  // What a room says of where it comes from never changes.
  if (trouble === isNone.why) return isNone
  const entered = await enter(to, viaOf(state), deps)
  if ('why' in entered) return { to, why: `${says}, where I am not: ${entered.why}` }
  if (!(await isSuccessor(to, from, deps))) {
    await deps.homeserver.leave(deps.identity.bot, to)
    return isNone
  }
  const now = deps.clock.now()
  deps.log.info({ list: from, to }, 'a policy list goes on in another room')
  const moved = { change: 'move-policy-list', from, to } as const
  return { to, changes: [moved, readListJob(to, `after ${from}`, now), leaveListJob(from, now)] }
}
