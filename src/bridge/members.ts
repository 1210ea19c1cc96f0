import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Membership } from '../model/event.ts'
import type { PortalKind } from '../model/portal.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { isOurs } from './matrix-ids.ts'
import { isOutsider } from './outsiders.ts'

/** A room, and what kind of portal it is, where it is one. */
export type Room = { readonly roomId: RoomId; readonly kind: PortalKind | undefined }

export const roomWith = async (roomId: RoomId, deps: Deps): Promise<Room> => ({
  roomId,
  kind: (await deps.store.findPortalByRoom(roomId))?.kind,
})

/** Our own record of who is where, as the homeserver has it now. */
export async function recordMembers(roomId: RoomId, as: UserId, deps: Deps): Promise<void> {
  const members = await deps.homeserver.members(as, roomId)
  await deps.store.commit(
    members.map(({ userId, membership }): Change => ({
      change: 'put-membership',
      roomId,
      userId,
      membership,
    })),
  )
}

const settled: readonly Membership[] = ['join', 'invite', 'ban']

/** Whether an invite has nothing to do: they are in the room, invited, or banned, which is respected. */
async function isSettled(roomId: RoomId, userId: UserId, deps: Deps): Promise<boolean> {
  const membership = await deps.store.findMembership(roomId, userId)
  return membership !== undefined && settled.includes(membership)
}

/** Clients list these rooms among the chats with people. */
const isChat = (kind: PortalKind | undefined): boolean => kind === 'direct' || kind === 'management'

/** One of us at a time says who is in: the late answer to the one would hide what the other did since. */
const inTurn = (
  {
    roomId,
    userId,
    deps,
  }: { readonly roomId: RoomId; readonly userId: UserId; readonly deps: Deps },
  work: () => Promise<void>,
): Promise<void> => deps.locks(`member ${roomId} ${userId}`, work)

/** Invited or joined already; a ban is respected. Idempotent. */
export const ensureInvited = ({ roomId, kind }: Room, userId: UserId, deps: Deps): Promise<void> =>
  inTurn({ roomId, userId, deps }, async () => {
    if (await isSettled(roomId, userId, deps)) return
    if (kind !== undefined && isOutsider(userId, deps))
      throw new RejectedError(`${userId} is on another homeserver`, { code: 'M_FORBIDDEN', roomId })
    await invite({ roomId, kind }, userId, deps)
    // They may have joined meanwhile, and we know it: then the invite is old news.
    if ((await deps.store.findMembership(roomId, userId)) === 'join') return
    await deps.store.commit([{ change: 'put-membership', roomId, userId, membership: 'invite' }])
  })

/** The ghosts in a chat, who began it first. */
async function ghostsIn(roomId: RoomId, joined: readonly UserId[], deps: Deps): Promise<UserId[]> {
  const portal = await deps.store.findPortalByRoom(roomId)
  const participants = portal?.kind === 'direct' ? portal.participants : []
  const first: UserId[] = []
  for (const one of participants) {
    const ghost = one.kind === 'actor' ? await deps.store.findGhost(one.actorId) : undefined
    if (ghost !== undefined && joined.includes(ghost.userId)) first.push(ghost.userId)
  }
  const { bot } = deps.identity
  return [...first, ...joined.filter((userId) => userId !== bot && isOurs(userId, deps))]
}

/**
 * Clients name an invite, and file a chat, after who invites: in a chat that is one of its ghosts.
 * Everywhere else, and where no ghost may, it is the bot.
 */
async function invite({ roomId, kind }: Room, userId: UserId, deps: Deps): Promise<void> {
  const { bot } = deps.identity
  const options = { isDirect: isChat(kind) }
  const joined = await deps.store.membersOf(roomId, ['join'])
  const [ghost] = kind === 'direct' ? await ghostsIn(roomId, joined, deps) : []
  if (ghost === undefined) return deps.homeserver.invite(bot, roomId, userId, options)
  try {
    await deps.homeserver.invite(ghost, roomId, userId, options)
  } catch (error) {
    const mayNot = error instanceof RejectedError && error.code === 'M_FORBIDDEN'
    if (!mayNot || !joined.includes(bot)) throw error
    await deps.homeserver.invite(bot, roomId, userId, options)
  }
}

/** Out of the room, with a reason they can read. Idempotent. */
export const removeMember = (
  roomId: RoomId,
  { userId, reason }: { readonly userId: UserId; readonly reason: string },
  deps: Deps,
): Promise<void> =>
  inTurn({ roomId, userId, deps }, async () => {
    const membership = await deps.store.findMembership(roomId, userId)
    if (membership === undefined || membership === 'leave' || membership === 'ban') return
    await deps.homeserver.kick(deps.identity.bot, roomId, userId, reason)
    await deps.store.commit([{ change: 'put-membership', roomId, userId, membership: 'leave' }])
  })
