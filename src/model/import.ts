import type { EventId, RoomId, UserId } from './ids.ts'

export type ImportKind = 'follows' | 'blocks'

/** A list of accounts that a user brought. Its id is that of the message that began it. */
export type Import = {
  readonly id: EventId
  readonly userId: UserId
  readonly kind: ImportKind
  /** Each account that is followed gets a room of its own; otherwise all are read at home. */
  readonly isInRooms: boolean
  /** Where it was asked for, and is told of. */
  readonly roomId: RoomId
  readonly beganAt: number
  /** The message that tells how far it is. */
  readonly notice?: EventId
  readonly endedAt?: number
}

/** One account of such a list, as its line names it. */
export type ImportRow = {
  readonly position: number
  readonly account: string
  readonly withBoosts: boolean
  /** `away`: its server does not answer, and is asked once more when the others are done. */
  readonly state: 'waiting' | 'done' | 'failed' | 'away'
  /** Why it failed, for its user. */
  readonly reason?: string
}

export type ImportCounts = {
  readonly all: number
  readonly waiting: number
  readonly failed: number
  /** Absent: none. */
  readonly away?: number
}
