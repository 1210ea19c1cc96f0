import type { ActivityId, ActorId, ObjectId, RoomId, UserId } from '../model/ids.ts'
import type { Forgotten, OwnObject, Told, ToldState } from '../model/forgetting.ts'
import type { OwnActivity, OwnFile } from '../model/export.ts'
import type { Import, ImportCounts, ImportRow } from '../model/import.ts'
import type { Pruned, PruneStep } from '../model/prune.ts'

/** The part of the state that lets go of what no longer matters. */
export type Forgetful = {
  /** Others' activities that were passed on before this time, milliseconds since the epoch, and with which groups did that. */
  forgetForwarded(before: number): Promise<void>
  /** Keys that were retired before this time, milliseconds since the epoch. */
  forgetKeys(before: number): Promise<void>
  /**
   * Looks at the next `limit` marks whose keys begin so, after that key, and forgets those set before
   * that time that are not to be kept. Answers the last key it looked at; undefined: it was the end.
   */
  forgetMarks(step: {
    readonly beginning: string
    readonly after?: string
    readonly limit: number
    readonly before: number
    readonly isKept: (key: string) => boolean
  }): Promise<string | undefined>
  /**
   * Looks at the next `limit` objects behind `after`, and forgets those of others that were deleted
   * before that time and stand nowhere. Answers where it stopped; undefined: it was the end.
   */
  forgetDeleted(step: {
    readonly after?: number
    readonly limit: number
    readonly before: number
  }): Promise<number | undefined>
  /** When the oldest of the events, activities and upkeep was added that is still to be done, or may be retried by the admin. */
  oldestWork(): Promise<number | undefined>
  /** Removes, or counts, what can be had again and nobody used since then: one step of a walk. */
  prune(step: PruneStep): Promise<Pruned>
}

/** The part of the state that lets go of one person. All of it is bounded, and finds less to do when done again. */
export type ForgetsPerson = {
  /** Inboxes that got something of that actor of ours, in their order, behind that one. */
  toldPage(actor: ActorId, after: string, limit: number): Promise<readonly Told[]>
  /** The inbox that whoever has this one shares with others. */
  findSharedInbox(inbox: string): Promise<string | undefined>
  findTold(actor: ActorId, inbox: string): Promise<ToldState | undefined>
  /** Some of what they wrote, with the ids of its files. */
  ownObjects(author: ActorId, limit: number): Promise<readonly OwnObject[]>
  /** These posts, and all that others did with them. */
  wipeObjects(ids: readonly ObjectId[]): Promise<void>
  /** Some of what they did, but for that activity; how many there were. */
  wipeActivities(actor: ActorId, but: ActivityId, limit: number): Promise<number>
  /** Some of which event of theirs is what; how many there were. */
  wipeMappingsBy(sender: UserId, limit: number): Promise<number>
  /** Whom they followed, blocked and reported, what they chose, and the like. */
  wipeRelations(person: Person): Promise<void>
  /** Some of what stands in that room, and in the end the room; how much there was. */
  wipeRoom(roomId: RoomId, limit: number): Promise<number>
  /** Where they are, but for that room. */
  wipeMemberships(userId: UserId, but: RoomId | undefined): Promise<void>
  /** Rooms of chats that somebody is among, one step of a walk; `next` is where it goes on. */
  chatsWith(
    userId: UserId,
    walk: Walk<string>,
  ): Promise<{ readonly rooms: readonly RoomId[]; readonly next?: string }>
  /** Marks that name them, but for `but`; answers where it goes on. */
  wipeMarks(person: Person, but: string, walk: Walk<string>): Promise<string | undefined>
  /** Messages of theirs that wait for something; answers where it goes on. */
  wipeWaiting(
    userId: UserId,
    table: 'held' | 'draft',
    walk: Walk<string>,
  ): Promise<string | undefined>
  /** Work of theirs that was given up; answers where it goes on. */
  wipeFailed(person: Person, walk: Walk<number>): Promise<number | undefined>
}

type Person = Pick<Forgotten, 'actorId' | 'userId'>
type Walk<Key> = { readonly after: Key; readonly limit: number }

/** Lists of accounts that users brought. */
export type ImportStore = {
  findImport(id: string): Promise<Import | undefined>
  /** Newest first. */
  importsOf(userId: UserId): Promise<readonly Import[]>
  /** In the order of the list. */
  importRows(id: string, state: ImportRow['state'], limit: number): Promise<readonly ImportRow[]>
  countImport(id: string): Promise<ImportCounts>
}

/** What somebody takes along, in the order in which it came, behind that one. */
export type ExportStore = {
  activitiesBy(actor: ActorId, after: number, limit: number): Promise<readonly OwnActivity[]>
  filesBy(actor: ActorId, after: number, limit: number): Promise<readonly OwnFile[]>
  /** Posts that they like, or reacted to with an emoji. */
  likedBy(
    actor: ActorId,
    after: number,
    limit: number,
  ): Promise<readonly { readonly seq: number; readonly object: ObjectId }[]>
}
