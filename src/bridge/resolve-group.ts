import type { Deps } from './ports.ts'
import type { ActorId, ObjectId, RoomId } from '../model/ids.ts'
import type { Mapping } from '../model/note.ts'
import type { KnownForFediverse, KnownForMatrix, KnownRoom } from '../translate/known.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { StateEvent } from '../model/room.ts'
import type { Portal } from '../model/portal.ts'
import { usersNamedBy } from '../translate/unnamed.ts'
import { isSilencedIn } from './banned-ghosts.ts'
import { takenOutMark } from './groups-told.ts'
import { isOpenToJoin } from './group-facts.ts'
import { mayInvite, type RoomState } from './room-power.ts'
import { wasGroup } from './lost-marks.ts'
import { isOurs } from './matrix-ids.ts'

/**
 * Whoever puts the bot out, or bans it, wants nothing to go out or to come in, until it is in again: an
 * invite alone it may not be able to follow.
 */
export async function isRoomOpen(
  { roomId }: Pick<Portal, 'roomId'>,
  { store, identity }: Deps,
): Promise<boolean> {
  const membership = await store.findMembership(roomId, identity.bot)
  // A room that it was brought into before anybody noted so.
  return membership === undefined || membership === 'join'
}

/** The state events of those types, as far as they are there. */
async function stateOf(roomId: RoomId, types: readonly string[], deps: Deps): Promise<RoomState> {
  const { bot } = deps.identity
  const state: StateEvent[] = []
  for (const type of types) {
    const content = await deps.homeserver.findState(bot, roomId, { type, stateKey: '' })
    if (content !== undefined) state.push({ type, stateKey: '', content, sender: bot })
  }
  return state
}

/** Whether that account is in the room or can be brought in, and nobody has put it out. */
async function canSpeak({ roomId }: Portal, account: ActorId, deps: Deps): Promise<boolean> {
  const ghost = await deps.store.findGhost(account)
  const isIn =
    ghost !== undefined && (await deps.store.findMembership(roomId, ghost.userId)) === 'join'
  if (isIn) return true
  if (await isSilencedIn(roomId, account, deps)) return false
  const state = await stateOf(roomId, ['m.room.join_rules', 'm.room.power_levels'], deps)
  return isOpenToJoin(state) || mayInvite(state, deps.identity.bot)
}

/** Groups among those rooms that cannot hear what is new by that account: whom it names reads it elsewhere. */
export async function shutTo(
  account: ActorId,
  rooms: Iterable<KnownRoom>,
  deps: Deps,
): Promise<readonly ActorId[]> {
  const shut: ActorId[] = []
  for (const { portal } of rooms)
    if (portal.kind === 'group' && !(await canSpeak(portal, account, deps)))
      shut.push(portal.actorId)
  return shut
}

/** In groups whose moderators have taken out what it answers it does not stand below that, as below what is deleted. */
export async function withoutTakenOut(
  inReplyTo: ObjectId | undefined,
  mappings: KnownForMatrix['mappings'],
  { rooms, deps }: { readonly rooms: KnownForMatrix['rooms']; readonly deps: Deps },
): Promise<KnownForMatrix['mappings']> {
  const there = inReplyTo === undefined ? undefined : mappings.get(inReplyTo)
  if (inReplyTo === undefined || there === undefined) return mappings
  const left: Mapping[] = []
  for (const mapping of there) {
    const portal = rooms.get(mapping.roomId)?.portal
    const isOut =
      portal?.kind === 'group' &&
      (await deps.store.findMark(takenOutMark(portal.actorId, inReplyTo))) !== undefined
    if (!isOut) left.push(mapping)
  }
  return new Map([...mappings, [inReplyTo, left]])
}

/**
 * The group that a room is, whether the sender appears there, and whom they name who does not. In a room
 * that was one nobody appears any more.
 */
export async function groupFacts(
  portal: Portal | undefined,
  event: MatrixEvent,
  deps: Deps,
): Promise<Pick<KnownForFediverse, 'group' | 'wasGroup'>> {
  if (portal === undefined) return (await wasGroup(event.roomId, deps)) ? { wasGroup: true } : {}
  if (portal.kind !== 'group') return {}
  const { actorId, roomId } = portal
  const agreed = new Set(await deps.store.consentsIn(roomId))
  const named = event.type === 'message' || event.type === 'edit' ? [...usersNamedBy(event)] : []
  const hidden = named.filter((userId) => !agreed.has(userId) && !isOurs(userId, deps))
  const isIn = (await isRoomOpen(portal, deps)) && agreed.has(event.sender)
  return { group: { actorId, isIn, hidden: new Set(hidden) } }
}
