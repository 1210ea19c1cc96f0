import type { Membership } from './event.ts'
import type { Mxc, RoomAlias, UserId } from './ids.ts'

/** Somebody's membership in a room. */
export type Member = {
  readonly userId: UserId
  readonly membership: Membership
  /** When they came who are in, where their last event tells that; milliseconds since the epoch. */
  readonly cameAt?: number
}

/**
 * Where a room without a name keeps its alias, in the content of `m.room.canonical_alias`: under
 * `alias` clients would call the room so, instead of by the people in it.
 */
export const hiddenAlias = 'org.footbridge.alias'

/** Everything a room is made of, set in one createRoom call. */
export type RoomRequest = {
  readonly alias?: RoomAlias
  /** Absent: a room to talk in. */
  readonly type?: 'm.space'
  /** Absent: clients name the room after the people in it. */
  readonly name?: string
  readonly topic?: string
  readonly avatar?: Mxc
  readonly isDirect: boolean
  /** Other homeservers never take part (`m.federate`), which cannot be changed later. */
  readonly isLocal?: true
  readonly joinRule: 'invite' | 'knock'
  readonly history: 'shared' | 'invited'
  readonly invite: readonly UserId[]
  /** The creator (who speaks the request) always has 100. Keys as in `m.room.power_levels`. */
  readonly powerLevels: {
    readonly users: Readonly<Record<string, number>>
    readonly invite: number
    readonly stateDefault: number
    readonly eventsDefault: number
    /** By type, beside those that only the bot may send. */
    readonly events?: Readonly<Record<string, number>>
  }
  /** Further state events. */
  readonly state: readonly {
    readonly type: string
    readonly stateKey: string
    readonly content: Readonly<Record<string, unknown>>
  }[]
}

/** Content of a room message as the wire wants it. */
export type MessageContent = Readonly<Record<string, unknown>>

/**
 * From room version 12 on (MSC4289) creators stand above all power levels and must not be listed
 * in `users`; before, the creator is listed with 100. The versions of the proposal itself count too.
 */
export const creatorsStandAbove = (version: string): boolean =>
  /^\d+$/.test(version) ? Number(version) >= 12 : version.startsWith('org.matrix.hydra')

/** One event of a room's state. */
export type StateEvent = {
  readonly type: string
  readonly stateKey: string
  readonly sender: UserId
  readonly content: MessageContent
}
