import type { MessageContent, StateEvent } from '../model/room.ts'
import type { UserId } from '../model/ids.ts'
import { creatorsStandAbove } from '../model/room.ts'

/** All state events of one room. */
export type RoomState = readonly StateEvent[]

export const contentIn = (state: RoomState, type: string): MessageContent | undefined =>
  state.find((event) => event.type === type && event.stateKey === '')?.content

const recordAt = (content: MessageContent | undefined, key: string): MessageContent => {
  const value = content?.[key]
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as MessageContent)
    : {}
}

const levelAt = (content: MessageContent | undefined, key: string): number | undefined => {
  const value = content?.[key]
  return typeof value === 'number' ? value : undefined
}

const levelsOf = (state: RoomState): MessageContent | undefined =>
  contentIn(state, 'm.room.power_levels')

/** Who made the room, and whom they named beside themselves. */
export function creatorsOf(state: RoomState): readonly string[] {
  const create = state.find(({ type }) => type === 'm.room.create')
  const more = create?.content['additional_creators']
  const named = Array.isArray(more) ? more.filter((one) => typeof one === 'string') : []
  return create === undefined ? [] : [create.sender, ...named]
}

const versionOf = (state: RoomState): string => {
  const version = contentIn(state, 'm.room.create')?.['room_version']
  return typeof version === 'string' ? version : '1'
}

/** Power of a user as the room's rules have it; infinite for creators from version 12 on. */
export function powerIn(state: RoomState, userId: string): number {
  const isCreator = creatorsOf(state).includes(userId)
  if (isCreator && creatorsStandAbove(versionOf(state))) return Infinity
  const levels = levelsOf(state)
  if (levels === undefined) return isCreator ? 100 : 0
  return levelAt(recordAt(levels, 'users'), userId) ?? levelAt(levels, 'users_default') ?? 0
}

/** Power that a state event of that type takes. */
export const neededForState = (state: RoomState, type: string): number =>
  levelAt(recordAt(levelsOf(state), 'events'), type) ??
  levelAt(levelsOf(state), 'state_default') ??
  50

export const mayInvite = (state: RoomState, userId: string): boolean =>
  powerIn(state, userId) >= (levelAt(levelsOf(state), 'invite') ?? 0)

/** Whether that user may take out what others said. */
export const mayRedact = (state: RoomState, userId: string): boolean =>
  powerIn(state, userId) >= (levelAt(levelsOf(state), 'redact') ?? 50)

export const isEncryptedIn = (state: RoomState): boolean =>
  contentIn(state, 'm.room.encryption') !== undefined

/** Whether everybody in the room may speak. */
export function isOpenToAll(state: RoomState): boolean {
  const levels = levelsOf(state)
  const needed =
    levelAt(recordAt(levels, 'events'), 'm.room.message') ?? levelAt(levels, 'events_default') ?? 0
  return needed <= (levelAt(levels, 'users_default') ?? 0)
}

/** Whether that user may do everything that a room's owner does: let in, put out, and set state. */
export function mayRun(state: RoomState, userId: UserId): boolean {
  const levels = levelsOf(state)
  const needed = [
    levelAt(levels, 'invite') ?? 0,
    ...['kick', 'ban', 'redact', 'state_default'].map((key) => levelAt(levels, key) ?? 50),
    ...['m.room.power_levels', 'm.room.canonical_alias'].map((type) => neededForState(state, type)),
  ]
  return powerIn(state, userId) >= Math.max(...needed)
}

/** Users with power of their own in the room. */
export const powerfulIn = (state: RoomState): readonly string[] => [
  ...new Set([...creatorsOf(state), ...Object.keys(recordAt(levelsOf(state), 'users'))]),
]
