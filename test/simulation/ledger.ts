import type { ActorId, EventId, RoomId, UserId } from '../../src/model/ids.ts'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'

/**
 * What people said and did, written down by the simulation itself: the bridge is judged by this
 * alone. Every message holds a word of its own (`mark`), by which it is found wherever it shows up.
 */
export type Ledger = {
  readonly written: Written[]
  readonly posted: Posted[]
  readonly follows: OutFollow[]
  readonly followers: InFollow[]
  readonly likesIn: LikeIn[]
  readonly likesOut: LikeOut[]
  readonly boosts: Boost[]
  readonly blocks: { readonly account: Account; readonly user: FakeUser; readonly id: string }[]
  /** Commands that do not exist; the answer repeats their name. */
  readonly asked: { readonly roomId: RoomId; readonly mark: string }[]
  /** Rooms of accounts that the admin of the homeserver closed. */
  readonly closed: Set<RoomId>
  readonly names: Map<UserId, string>
  readonly accountNames: Map<string, { readonly name: string; readonly id: string }>
  nextMark(): string
}

type Spoken = {
  readonly mark: string
  readonly at: number
  /** Marks of its later versions, oldest first. */
  readonly edits: string[]
  isDeleted: boolean
}

/** A message of a Matrix user. */
export type Written = Spoken & {
  readonly by: FakeUser
  readonly actor: ActorId | undefined
  readonly roomId: RoomId
  readonly eventId: EventId
  readonly kind: 'profile' | 'reply' | 'direct'
  /** Ids of accounts that must get it. */
  readonly must: readonly string[]
  /** Ids of accounts that may get it, those included. */
  readonly may: readonly string[]
  /** The post that it answers. */
  readonly answers?: Posted
  /** Direct: exactly whom it is addressed to. */
  readonly to?: readonly string[]
}

/** A post of an account. */
export type Posted = Spoken & {
  readonly by: Account
  readonly object: string
  readonly visibility: 'public' | 'unlisted' | 'followers' | 'direct'
  readonly isReply: boolean
  /** Rooms that it must stand in. */
  readonly must: readonly RoomId[]
  /** Local people it is addressed to. */
  readonly users: readonly UserId[]
  /** Remote people it is addressed to, author included. */
  readonly accounts: readonly Account[]
  /** The room of what it answers. */
  readonly besides: readonly RoomId[]
  readonly answers: Written | undefined
  /** Whose words stand below its own. */
  readonly quotes: Posted | undefined
  readonly sentId: string | undefined
  /** Its Update or Delete went ahead of it. */
  wasOvertaken: boolean
}

/** A Matrix user's wish to follow an account; `wants` is the newest one. */
export type OutFollow = {
  readonly user: FakeUser
  readonly account: Account
  wants: boolean
  changedAt: number
}

export type InFollow = {
  readonly account: Account
  readonly user: FakeUser
  readonly actor: ActorId
  readonly askedAt: number
  readonly id: string
  undoId?: string
}

export type LikeIn = {
  readonly account: Account
  readonly of: Written
  readonly sent: Sent
  undoId?: string
}

/** An account shows a post of another one to those who follow it. */
export type Boost = {
  readonly account: Account
  readonly of: Posted
  readonly sent: Sent
  readonly at: number
  /** Who follows the account then, and is sure to. */
  readonly readers: readonly FakeUser[]
  isUndone: boolean
}

export type LikeOut = {
  readonly by: FakeUser
  readonly of: Posted
  readonly roomId: RoomId
  readonly eventId: EventId
  isUndone: boolean
}

export function createLedger(): Ledger {
  let last = 0
  return {
    written: [],
    posted: [],
    follows: [],
    followers: [],
    likesIn: [],
    likesOut: [],
    boosts: [],
    blocks: [],
    asked: [],
    closed: new Set(),
    names: new Map(),
    accountNames: new Map(),
    nextMark: () => `mark${String((last += 1)).padStart(3, '0')}x`,
  }
}

/** Everything that a message was ever known by. */
export const marksOf = ({ mark, edits }: Spoken): readonly string[] => [mark, ...edits]

/** The mark that a message shows in the end. */
export const newestMark = ({ mark, edits }: Spoken): string => edits.at(-1) ?? mark
