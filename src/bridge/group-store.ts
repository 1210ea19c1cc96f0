import type { LocalActor } from '../model/actor.ts'
import type { ActorId, RoomId, UserId } from '../model/ids.ts'

/** Rooms that are groups, and which of their members let their messages go out by them. */
export type GroupStore = {
  /** The actor of that room. */
  findGroupByRoom(roomId: RoomId): Promise<LocalActor | undefined>
  hasConsent(roomId: RoomId, userId: UserId): Promise<boolean>
  /** When they agreed, milliseconds since the epoch. */
  consentAt(roomId: RoomId, userId: UserId): Promise<number | undefined>
  /** In the order of their ids. */
  consentsIn(roomId: RoomId): Promise<readonly UserId[]>
  consentsOf(userId: UserId): Promise<readonly RoomId[]>
  /** Followers, accepted, whose inboxes may be on servers that read whole activities of groups: that server's own say counts. */
  wholeReadersOf(group: ActorId): Promise<readonly ActorId[]>
}
