import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Attempt } from './attempt.ts'
import type { MatrixAction } from '../model/action.ts'
import type { Portal } from '../model/portal.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { unlessShut } from './closed-rooms.ts'
import { isEncrypted } from './encrypted.ts'
import { isOurs } from './matrix-ids.ts'
import { recordMembers, removeMember } from './members.ts'
import { perform } from './perform.ts'
import { ensureOpenPortal, gather } from './portals.ts'

/** Who is an admin may have changed: payload of an `upkeep` job. */
export type ModerationWork = { readonly type: 'moderation' }

/** A look at who belongs into the room of the admins; `occasion` is what gave rise to it. */
export function moderationJob(occasion: string): Change {
  const job = {
    kind: 'upkeep',
    key: `moderation ${occasion}`,
    lane: 'upkeep:moderation',
    payload: JSON.stringify({ type: 'moderation' } satisfies ModerationWork),
  } as const
  return { change: 'enqueue', job }
}

const noMore = 'You are no admin of this bridge any more.'

/** Whoever is in there without being an admin. */
async function strangersIn({ roomId }: Portal, deps: Deps): Promise<readonly UserId[]> {
  const members = await deps.store.membersOf(roomId, ['join', 'invite'])
  return members.filter((userId) => !isOurs(userId, deps) && deps.permissionOf(userId) !== 'admin')
}

/** First those go out who are no admins any more: what is told next is not for them. */
async function arrange(portal: Portal, deps: Deps): Promise<void> {
  for (const userId of await strangersIn(portal, deps))
    await removeMember(portal.roomId, { userId, reason: noMore }, deps)
  await gather(portal, deps)
}

/** Lets those in who are admins by now, and the others out, where there is such a room. Idempotent. */
export async function arrangeModeration(deps: Deps): Promise<readonly Change[]> {
  const portal = await deps.store.findPortal({ kind: 'moderation' })
  if (portal === undefined) return []
  return unlessShut(async () => {
    await arrange(portal, deps)
    return []
  })
}

/** Whether the bot can speak, in words that are read, in the room that the configuration names. */
async function canUse(roomId: RoomId, deps: Deps): Promise<boolean> {
  const { bot } = deps.identity
  const why = await reasonAgainst(roomId, bot, deps)
  if (why !== undefined)
    deps.log.error({ room: roomId, why }, 'moderation.reports_room cannot be used for a report')
  return why === undefined
}

async function reasonAgainst(roomId: RoomId, bot: UserId, deps: Deps): Promise<string | undefined> {
  const portal = await deps.store.findPortalByRoom(roomId)
  if (portal !== undefined && portal.kind !== 'management') return 'it stands for something else'
  try {
    await deps.homeserver.join(bot, roomId)
    await recordMembers(roomId, bot, deps)
    return (await isEncrypted(bot, roomId, deps)) ? 'it is encrypted' : undefined
  } catch (error) {
    if (error instanceof RejectedError) return `the bot is not let in: ${error.message}`
    throw error
  }
}

/** Rooms where admins may read reports, the best first: the one that the configuration names, and one that is made for them. */
const rooms: readonly ((deps: Deps) => Promise<RoomId | undefined>)[] = [
  async (deps) => {
    const { reportsRoom } = deps
    return reportsRoom !== undefined && (await canUse(reportsRoom, deps)) ? reportsRoom : undefined
  },
  async (deps) => {
    const portal = await ensureOpenPortal({ kind: 'moderation' }, deps)
    await arrange(portal, deps)
    return portal.roomId
  },
]

/** Says it where admins read reports, once. A room that lets the bot say nothing is none. */
export async function tellModeration(
  what: Omit<MatrixAction & { do: 'tell' }, 'do' | 'place'>,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  if ((await deps.store.findMark(`told ${what.key}`)) !== undefined) return []
  for (const find of rooms) {
    const roomId = await find(deps)
    if (roomId === undefined) continue
    const place = { kind: 'room', roomId } as const
    const changes = await perform([{ do: 'tell', place, ...what }], attempt, deps)
    if (changes.length > 0) return changes
    deps.log.error({ room: roomId }, 'the bot may not speak in the room for reports')
  }
  throw new TransientError('no room takes what admins are to read')
}
