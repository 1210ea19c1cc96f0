import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Portal, PortalSeed } from '../model/portal.ts'
import { unlessShut } from './closed-rooms.ts'
import { rekeyDirect } from './direct-chats.ts'
import { lost } from './lost-marks.ts'
import { isOurs } from './matrix-ids.ts'
import { removeMember } from './members.ts'
import { perform } from './perform.ts'

type Person = { readonly actorId: ActorId; readonly userId: UserId }

const reason = 'You asked to be forgotten.'
/** Chats looked through in one step. */
const atOnce = 500

/** Whether somebody else of Matrix is in that room, or invited. */
async function isOthersToo(roomId: RoomId, userId: UserId, deps: Deps): Promise<boolean> {
  const members = await deps.store.membersOf(roomId, ['join', 'invite'])
  return members.some((member) => member !== userId && !isOurs(member, deps))
}

async function chatsOf(userId: UserId, deps: Deps): Promise<readonly RoomId[]> {
  const rooms: RoomId[] = []
  for (let after: string | undefined = ''; after !== undefined;) {
    const step: { readonly rooms: readonly RoomId[]; readonly next?: string } =
      await deps.store.chatsWith(userId, { after, limit: atOnce })
    rooms.push(...step.rooms)
    after = step.next
  }
  return rooms
}

/** Portals of one person, but for the chat where they hear what came of it. */
const ownSeeds = ({ actorId, userId }: Person): readonly PortalSeed[] => [
  { kind: 'profile', userId, actorId },
  { kind: 'home', userId },
  { kind: 'notifications', userId },
  { kind: 'space', userId },
]

/**
 * Rooms that are theirs alone, and what makes them no portals any more: from then on nobody is told
 * that such a room was closed, and no other one is opened for it.
 */
export async function roomsToLeave(
  person: Person,
  deps: Deps,
): Promise<{ readonly rooms: readonly RoomId[]; readonly changes: readonly Change[] }> {
  const rooms: RoomId[] = []
  for (const seed of ownSeeds(person)) {
    const portal = await deps.store.findPortal(seed)
    if (portal !== undefined) rooms.push(portal.roomId)
  }
  for (const roomId of await chatsOf(person.userId, deps))
    if (!(await isOthersToo(roomId, person.userId, deps))) rooms.push(roomId)
  const at = deps.clock.now()
  return {
    rooms,
    changes: rooms.flatMap((roomId) => [{ change: 'remove-portal', roomId }, lost(roomId, at)]),
  }
}

/** A chat goes on among the others. Who may not be put out by us stays in the room, and reads nothing of ours. */
async function partFromChat(portal: Portal, userId: UserId, deps: Deps): Promise<void> {
  const { roomId } = portal
  await unlessShut(async () => {
    await removeMember(roomId, { userId, reason }, deps)
    return []
  })
  if (portal.kind !== 'direct') return
  const actions = await rekeyDirect(portal, deps)
  await deps.store.commit(await perform(actions, { isRepeated: true }, deps))
}

/** Out of the rooms of accounts that they followed, and of chats with others of Matrix. Idempotent. */
export async function takeOut({ actorId, userId }: Person, deps: Deps): Promise<void> {
  for (const { followed } of await deps.store.followsOf(actorId)) {
    const portal = await deps.store.findPortal({ kind: 'actor', actorId: followed })
    if (portal === undefined) continue
    await unlessShut(async () => {
      await removeMember(portal.roomId, { userId, reason }, deps)
      return []
    })
  }
  for (const roomId of await chatsOf(userId, deps)) {
    const portal = await deps.store.findPortalByRoom(roomId)
    if (portal !== undefined && (await isOthersToo(roomId, userId, deps)))
      await partFromChat(portal, userId, deps)
  }
}

const farewell =
  'The account that this room was for is deleted, so I leave. What is written here goes nowhere any more.'

/** The bot and all ghosts leave. Readers of a public room hear why. Idempotent. */
export async function leaveAll(
  rooms: readonly RoomId[],
  attempt: Attempt,
  deps: Deps,
): Promise<void> {
  for (const roomId of rooms) {
    const place = { kind: 'room', roomId } as const
    const told = { do: 'tell', place, text: farewell, key: `farewell ${roomId}` } as const
    await deps.store.commit(await perform([told], attempt, deps))
    for (const userId of await deps.store.membersOf(roomId, ['join', 'invite'])) {
      if (!isOurs(userId, deps)) continue
      await unlessShut(async () => {
        await deps.homeserver.leave(userId, roomId)
        return []
      })
      await deps.store.commit([{ change: 'put-membership', roomId, userId, membership: 'leave' }])
    }
  }
}
