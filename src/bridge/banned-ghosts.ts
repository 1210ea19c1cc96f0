import type { Action } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Portal } from '../model/portal.ts'
import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { blockAccount, unblockAccount } from './block-account.ts'
import { handleOfActor } from './follows.ts'
import { wasChat } from './lost-marks.ts'
import { isOurs } from './matrix-ids.ts'
import { isIn } from './own-rooms.ts'

type Member = MatrixEvent & { readonly type: 'member' }

/** Somebody put that ghost out of the room, and nobody has asked it back since. */
const putOutMark = (roomId: RoomId, userId: UserId): string => `put out ${roomId} ${userId}`

/** What is remembered of a ghost that others put out of a room, or let in again. */
export function notePutOut(event: Member, deps: Deps): readonly Change[] {
  const { user, sender, membership, roomId } = event
  const isTheirs = isOurs(user, deps) && !isOurs(sender, deps) && user !== deps.identity.bot
  if (!isTheirs) return []
  const key = putOutMark(roomId, user)
  const isLetIn = membership === 'invite' || event.previous === 'ban'
  if (isLetIn && membership !== 'ban') return [{ change: 'unmark', key }]
  const isOut = membership === 'ban' || membership === 'leave'
  return isOut ? [{ change: 'mark', key, value: sender, at: deps.clock.now() }] : []
}

const isPutOut = async (roomId: RoomId, userId: UserId, { store }: Deps): Promise<boolean> =>
  (await store.findMark(putOutMark(roomId, userId))) !== undefined

/** Whether that room is ours still, and somebody put the account out of it: it says nothing there, as they want. */
export async function isSilencedIn(roomId: RoomId, account: ActorId, deps: Deps): Promise<boolean> {
  const ghost = await deps.store.findGhost(account)
  if (ghost === undefined || !(await isPutOut(roomId, ghost.userId, deps))) return false
  return isIn(roomId, deps.identity.bot, deps)
}

/** Whoever was put out comes back when they are asked, and not before. Throws as the homeserver does for a room that is closed. */
export async function mindPutOut(roomId: RoomId, userId: UserId, deps: Deps): Promise<void> {
  if (!(await isPutOut(roomId, userId, deps))) return
  throw new RejectedError(`${userId} was put out of ${roomId}`, { code: 'M_FORBIDDEN', roomId })
}

/** The last account that is put out of a chat ends it, which may be noticed before we hear why. */
async function isOwnRoom(
  { roomId, sender }: Member,
  portal: Portal | undefined,
  deps: Deps,
): Promise<boolean> {
  if (portal === undefined) return wasChat(roomId, deps)
  return portal.kind === 'direct' || (portal.kind === 'profile' && portal.userId === sender)
}

/** In a private chat, or in one's own room, a ban of a ghost is a block of the account, and its end is the block's. */
export async function blockBanned(
  event: Member,
  portal: Portal | undefined,
  deps: Deps,
): Promise<readonly Action[]> {
  const isBan = event.membership === 'ban'
  const isEnd = event.membership === 'leave' && event.previous === 'ban'
  if (!(isBan || isEnd) || !(await isOwnRoom(event, portal, deps))) return []
  const ghost = await deps.store.findGhostByUser(event.user)
  const owner = await deps.store.findLocalActorByUser(event.sender)
  if (ghost === undefined || owner === undefined || owner.deletedAt !== undefined) return []
  const block = await deps.store.findBlock(owner.id, ghost.actorId)
  if (isBan === (block !== undefined)) return []
  const handle = await handleOfActor(ghost.actorId, deps)
  const text = isBan
    ? `You have banned ${handle}, which blocks the account: nothing passes between you any more. \`unblock ${handle}\` takes it back.`
    : `${handle} is not blocked any more.`
  const place = { kind: 'management', userId: owner.userId } as const
  return [
    ...(block === undefined
      ? await blockAccount(owner, { id: ghost.actorId }, deps)
      : unblockAccount(block, deps)),
    { do: 'tell', place, text, key: `banned ${event.eventId}` },
  ]
}
