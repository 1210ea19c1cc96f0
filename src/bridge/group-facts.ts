import type { Deps } from './ports.ts'
import type { LocalActor, OwnGroup } from '../model/actor.ts'
import type { RoomAlias } from '../model/ids.ts'
import { asRoomAlias } from '../model/ids.ts'
import { mxcOf } from '../model/mxc.ts'
import { safeName, splitMatrixId } from '../model/names.ts'
import { bioOf } from './matrix-profile.ts'
import { contentIn, type RoomState } from './room-power.ts'

/** What its room says of a group. */
export type GroupFacts = Pick<LocalActor, 'displayName' | 'avatar' | 'onMatrix'> & {
  readonly group: OwnGroup
}

/** State events that a group shows something of. */
const shownTypes: ReadonlySet<string> = new Set([
  'm.room.name',
  'm.room.topic',
  'm.room.avatar',
  'm.room.canonical_alias',
  'm.room.join_rules',
])

export const isShownByGroup = (type: string): boolean => shownTypes.has(type)

const longestName = 100

function textIn(state: RoomState, type: string, key: string): string | undefined {
  const value = contentIn(state, type)?.[key]
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** Undefined: it has none, or one that is none. */
export function aliasIn(state: RoomState): RoomAlias | undefined {
  const alias = textIn(state, 'm.room.canonical_alias', 'alias')
  const isOne = alias !== undefined && alias.length <= 255 && !/\s/.test(alias)
  return isOne && splitMatrixId(alias, '#') !== undefined ? asRoomAlias(alias) : undefined
}

export const nameIn = (state: RoomState): string | undefined => {
  const name = safeName(textIn(state, 'm.room.name', 'name') ?? '', longestName)
  return name === '' ? undefined : name
}

/** Whether everybody may join it, so that what it says of itself is no secret. */
export const isOpenToJoin = (state: RoomState): boolean =>
  textIn(state, 'm.room.join_rules', 'join_rule') === 'public'

export function groupFactsIn(state: RoomState, deps: Deps): GroupFacts {
  const name = nameIn(state)
  const avatar = mxcOf(contentIn(state, 'm.room.avatar')?.['url'])
  // Of a room that lets in whom it asks, the way into it and what it is about are nobody else's business.
  const isOpen = isOpenToJoin(state)
  const topic = isOpen ? textIn(state, 'm.room.topic', 'topic') : undefined
  const bio = topic === undefined ? undefined : bioOf({ body: topic }, deps)
  const alias = isOpen ? aliasIn(state) : undefined
  return {
    ...(name === undefined ? {} : { displayName: name }),
    ...(avatar === undefined ? {} : { avatar }),
    ...(bio === undefined ? {} : { onMatrix: { bio } }),
    group: alias === undefined ? {} : { alias },
  }
}
