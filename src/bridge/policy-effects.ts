import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { RoomId } from '../model/ids.ts'
import { asRoomAlias } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { ghostUserId } from '../model/names.ts'
import { isOurs } from './matrix-ids.ts'
import { losing } from './lost-rooms.ts'
import { roomRule } from './policies.ts'
import { accountsJob, leaveRoomJob, roomsJob, type PolicyWork } from './policy-jobs.ts'
import { isSomebodyIn } from './policy-news.ts'
import { readList } from './policy-lists.ts'
import { leaveAloneJob } from './wishes.ts'

const atOnce = 500
/** Tries to find out where an address leads; the next day begins anew. */
const addressTries = 5

/** Accounts of which newer rules speak are left alone; some at a time. */
async function leaveAccounts(
  { since, after }: PolicyWork & { type: 'policy-accounts' },
  { store, identity }: Deps,
): Promise<readonly Change[]> {
  const rules = store.policies()
  const accounts = await store.knownAccounts(after, atOnce)
  const changes = accounts.flatMap(({ id, ghost, ...handle }) => {
    const rule = rules.find('user', ghost ?? ghostUserId(handle, identity))
    // What an older rule says of it was done when that one came.
    return rule === undefined || rule.at < since ? [] : [leaveAloneJob(id, `list ${String(since)}`)]
  })
  const last = accounts.length < atOnce ? undefined : accounts.at(-1)
  return last === undefined ? changes : [...changes, accountsJob(since, last.id)]
}

/** The same for rooms that we are in. */
async function leaveRooms(
  { since, after }: PolicyWork & { type: 'policy-rooms' },
  deps: Deps,
): Promise<readonly Change[]> {
  const rooms = await deps.store.knownRooms(after, atOnce)
  const changes: Change[] = []
  for (const roomId of rooms) {
    const rule = await roomRule(roomId, deps)
    if (rule !== undefined && (await isSomebodyIn(roomId, deps)))
      changes.push(leaveRoomJob(roomId, since))
  }
  const last = rooms.length < atOnce ? undefined : rooms.at(-1)
  return last === undefined ? changes : [...changes, roomsJob(since, last)]
}

const closedByList = 'A list of bans that this server follows names this room.'

/** All of us leave it, unless nothing names it any more; a portal is no more one. Safe to run again. */
async function leaveRoom(roomId: RoomId, deps: Deps): Promise<readonly Change[]> {
  if ((await roomRule(roomId, deps)) === undefined) return []
  const portal = await deps.store.findPortalByRoom(roomId)
  // Nothing is said there any more from here on, whoever of us is in it still.
  if (portal !== undefined) await deps.store.commit(await losing(portal, deps))
  const changes: Change[] = []
  for (const userId of await deps.store.membersOf(roomId, ['join', 'invite'])) {
    if (!isOurs(userId, deps)) continue
    await deps.homeserver.leave(userId, roomId, closedByList)
    changes.push({ change: 'put-membership', roomId, userId, membership: 'leave' })
  }
  return changes
}

async function roomBehind(address: string, deps: Deps): Promise<RoomId | undefined> {
  try {
    return await deps.homeserver.resolveAlias(asRoomAlias(address))
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

/** A rule names a room by its address: that room counts from now on, wherever the address leads later. */
async function place(
  { list, address }: PolicyWork & { type: 'policy-address' },
  job: Job,
  deps: Deps,
): Promise<readonly Change[]> {
  try {
    const roomId = await roomBehind(address, deps)
    if (roomId === undefined) return []
    const found = { change: 'place-policy-rule', list, entity: address, roomId } as const
    return [found, leaveRoomJob(roomId, deps.clock.now())]
  } catch (error) {
    const isTheirs = error instanceof TransientError && error.of === 'remote'
    if (isTheirs && job.attempts + 1 >= addressTries) return []
    throw error
  }
}

/** Out of the room of a list that nobody follows any more. */
async function leaveList(roomId: RoomId, deps: Deps): Promise<readonly Change[]> {
  const isStill = (await deps.store.findPolicyList(roomId)) !== undefined
  if (isStill || (await deps.store.findPortalByRoom(roomId)) !== undefined) return []
  await deps.homeserver.leave(deps.identity.bot, roomId)
  return []
}

/** Does one job of policy lists. Safe to run again. */
export function doPolicyWork(work: PolicyWork, job: Job, deps: Deps): Promise<readonly Change[]> {
  switch (work.type) {
    case 'read-policies':
      return readList(work, deps)
    case 'policy-accounts':
      return leaveAccounts(work, deps)
    case 'policy-rooms':
      return leaveRooms(work, deps)
    case 'policy-address':
      return place(work, job, deps)
    case 'leave-room':
      return leaveRoom(work.roomId, deps)
    case 'leave-list':
      return leaveList(work.roomId, deps)
    default:
      return work satisfies never
  }
}

/** An invite into a room that a rule names is declined; whoever invites reads why. */
export async function isKeptOut(
  { roomId, user }: MatrixEvent & { readonly type: 'member' },
  deps: Deps,
): Promise<boolean> {
  if ((await roomRule(roomId, deps)) === undefined) return false
  const isThere =
    user === deps.identity.bot || (await deps.store.findGhostByUser(user))?.registered === true
  if (isThere) await deps.homeserver.leave(user, roomId, closedByList)
  return true
}
