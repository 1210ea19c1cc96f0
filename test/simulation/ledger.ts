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
  readonly votesIn: VoteIn[]
  readonly votesOut: VoteOut[]
  readonly profiles: ProfileChange[]
  readonly blocks: { readonly account: Account; readonly user: FakeUser; readonly id: string }[]
  /** Commands that do not exist; the answer repeats their name. */
  readonly asked: { readonly roomId: RoomId; readonly mark: string }[]
  /** Rooms of accounts that the admin of the homeserver closed. */
  readonly closed: Map<RoomId, Closing>
  readonly names: Map<UserId, string>
  readonly accountNames: Map<string, { readonly name: string; readonly id: string }>
  /** The newest word of what accounts say about themselves. */
  readonly accountBios: Map<string, string>
  /** Of the room that is a group. */
  readonly group: GroupTalk
  nextMark(): string
}

/** What happened in the one room of a run that is a group, and to it. */
export type GroupTalk = {
  roomId: RoomId | undefined
  /** Who was ever willing to appear on the fediverse. */
  readonly willing: Set<UserId>
  readonly follows: { readonly account: Account; readonly id: string }[]
  readonly said: {
    readonly mark: string
    readonly at: number
    readonly by: FakeUser
    readonly eventId: EventId
    /** Whether its author had agreed; `maybe`: was about to. */
    readonly isIn: 'yes' | 'no' | 'maybe'
  }[]
  readonly named: {
    readonly mark: string
    readonly at: number
    readonly by: Account
    readonly sent: Sent
  }[]
}

export type Closing = {
  readonly at: number
  /**
   * Whose leaving the bridge hears of only after a closing that it hears nothing of: they may have
   * left of themselves, or be the only ones of all who were made to whom it is told of.
   */
  readonly inDoubt: readonly UserId[]
}

type Spoken = {
  readonly mark: string
  readonly at: number
  /** Marks of its later versions, that which counts last. */
  readonly edits: string[]
  isDeleted: boolean
  /** On the profile of its author. */
  pin: { isPinned: boolean; readonly at: number } | undefined
  readonly poll: PollState | undefined
}

/** What is asked, and whether its author has ended it. */
export type PollState = { readonly options: readonly string[]; isEnded: boolean }

export type Edit = { readonly mark: string; readonly eventId: EventId; readonly at: number }

/** A message of a Matrix user. */
export type Written = Spoken & {
  readonly by: FakeUser
  readonly actor: ActorId | undefined
  readonly roomId: RoomId
  readonly eventId: EventId
  /** The edit that counts. */
  newest?: Edit
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
  /** A Pleroma chat message. */
  readonly isChat: boolean
  /** Its server gave up to bring it while the bridge was away. */
  readonly wasMissed: boolean
  /** People who follow its author from before, and where each of them may read it. */
  readonly readers: readonly Reader[]
  /**
   * Ids of local people who followed its author when it was posted, or changed: whoever follows by
   * then is told of the change, with all of its words.
   */
  readonly followers: Set<string>
  /** What its author told last of the votes, by option. */
  counts?: readonly number[]
}

/** `home`: in the home room of that user; `room`: in the room of the account. */
export type Place = 'home' | 'room'

export type Reader = { readonly user: FakeUser; readonly places: readonly Place[] }

/** A Matrix user's wish to follow an account; `wants` is the newest one. */
export type OutFollow = {
  readonly user: FakeUser
  readonly account: Account
  wants: boolean
  changedAt: number
  /** Where it is to be read, oldest wish first. */
  readonly moves: { readonly place: Place; readonly at: number }[]
  /** The room that they left to end it; undefined where they did so by a command. */
  left?: RoomId | undefined
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
  /** As it is shown and counted: an emoji, or the name of a custom one. */
  readonly key: string
  undoId?: string
}

/** An account's vote in a poll of ours; of several the first one counts. */
export type VoteIn = { readonly account: Account; readonly of: Written; readonly choice: string }

/** A user's vote in any poll: in one of ours the last one counts, in any other the first. */
export type VoteOut = {
  readonly by: FakeUser
  readonly of: Written | Posted
  readonly roomId: RoomId
  readonly choice: string
}

export type ProfileChange = {
  readonly user: FakeUser
  readonly part: 'bio' | 'name'
  readonly value: string
  readonly at: number
}

/** An account shows a post of another one to those who follow it. */
export type Boost = {
  readonly account: Account
  readonly of: Posted
  readonly sent: Sent
  readonly at: number
  /** Who follows the account then, and is sure to. */
  readonly readers: readonly Reader[]
  isUndone: boolean
}

export type LikeOut = {
  readonly by: FakeUser
  readonly of: Posted
  readonly roomId: RoomId
  readonly eventId: EventId
  /** As the fediverse is to hear it: undefined for a plain like. */
  readonly content: string | undefined
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
    votesIn: [],
    votesOut: [],
    profiles: [],
    blocks: [],
    asked: [],
    closed: new Map(),
    names: new Map(),
    accountNames: new Map(),
    accountBios: new Map(),
    group: { roomId: undefined, willing: new Set(), follows: [], said: [], named: [] },
    nextMark: () => `mark${String((last += 1)).padStart(3, '0')}x`,
  }
}

/** Of two edits in the same millisecond the greater event id counts (client-server API, "Event replacements"). */
export function noteEdit(written: Written, edit: Edit): void {
  const { newest: before } = written
  const isOlder = before?.at === edit.at && before.eventId > edit.eventId
  written.edits.splice(isOlder ? -1 : written.edits.length, 0, edit.mark)
  if (!isOlder) written.newest = edit
}

/** Everything that a message was ever known by. */
export const marksOf = ({ mark, edits }: Spoken): readonly string[] => [mark, ...edits]

/** The mark that a message shows in the end. */
export const newestMark = ({ mark, edits }: Spoken): string => edits.at(-1) ?? mark
