import type { ActorId, EventId, Mxc, ObjectId, RoomAlias, RoomId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Clock, Log, Random } from '../model/clock.ts'
import type { FollowersSync } from '../model/followers-sync.ts'
import type { Archive, FetchedFile, Files } from '../model/file.ts'
import type { Finding } from '../model/finding.ts'
import type { RemoteActor } from '../model/actor.ts'
import type { Handle } from '../model/handle.ts'
import type { HttpSource } from '../model/http.ts'
import type { ImagePack } from '../model/emoji.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Note } from '../model/note.ts'
import type {
  FailedJob,
  FailingHost,
  HostDepth,
  Job,
  JobFate,
  JobKind,
  KindDepth,
  NewJob,
} from '../model/job.ts'
import type { Operations } from '../model/operations.ts'
import type { PostAsking } from '../model/asking.ts'
import type { OutgoingActivity } from '../model/outgoing.ts'
import type { QuoteStamp } from '../model/quote.ts'
import type { News } from '../model/activity.ts'
import type { Admins } from './report-store.ts'
import type { Server } from '../model/server.ts'
import type { Member, MessageContent, RoomRequest, StateEvent } from '../model/room.ts'
import type { MediaRules } from '../model/upload.ts'
import type { UserLimits } from '../model/limits.ts'
import type { Store } from './store-port.ts'

/** Words about a user, and their wide picture (MSC4133). HTML of others is untrusted. */
export type FurtherProfile = {
  readonly bio?: { readonly body: string; readonly html?: string }
  readonly header?: Mxc
}

/**
 * The homeserver, acting as `as` (our bot or a ghost). All calls may throw `TransientError` with
 * `of: 'homeserver'`, and `RejectedError` with the Matrix errcode in `code`.
 */
export type Homeserver = {
  /** Idempotent: a user that exists already is fine. */
  register(userId: UserId): Promise<void>
  setDisplayName(as: UserId, name: string): Promise<void>
  /** Undefined takes it away. */
  setAvatar(as: UserId, avatar: Mxc | undefined): Promise<void>
  /** What else the profile says, where the homeserver has room for that; what is absent goes. */
  setFurtherProfile(as: UserId, profile: FurtherProfile): Promise<void>
  /** Global profile; empty where the homeserver knows none. */
  profile(
    userId: UserId,
  ): Promise<FurtherProfile & { readonly displayName?: string; readonly avatar?: Mxc }>
  /** Whether the homeserver knows a profile of that user; false where it says that there is none. */
  hasProfile(userId: UserId): Promise<boolean>
  /** `RejectedError` with code `M_ROOM_IN_USE` when the alias exists. */
  createRoom(as: UserId, request: RoomRequest): Promise<RoomId>
  resolveAlias(alias: RoomAlias): Promise<RoomId | undefined>
  /** One more alias of that room; one that is taken stays as it is. */
  addAlias(alias: RoomAlias, roomId: RoomId): Promise<void>
  /** It leads to that room from then on, wherever it led before. Idempotent. */
  moveAlias(alias: RoomAlias, roomId: RoomId): Promise<void>
  /** Idempotent. */
  join(as: UserId, roomId: RoomId): Promise<void>
  /**
   * The same for a room that none of ours has been asked into, at an address or through servers that are
   * in it. `TransientError` with `of: 'remote'` while those are away.
   */
  enter(as: UserId, room: RoomId | RoomAlias, via: readonly string[]): Promise<RoomId>
  /** `reason` is read in the room. */
  leave(as: UserId, roomId: RoomId, reason?: string): Promise<void>
  /**
   * Idempotent: inviting a member is fine. `isDirect`: clients list the room among the chats with
   * people. `TransientError` with `of: 'remote'` while another homeserver, which the user is on, is away.
   */
  invite(
    as: UserId,
    roomId: RoomId,
    userId: UserId,
    options?: { readonly isDirect: boolean },
  ): Promise<void>
  kick(as: UserId, roomId: RoomId, userId: UserId, reason: string): Promise<void>
  ban(as: UserId, roomId: RoomId, userId: UserId, reason: string): Promise<void>
  /** `txnId` is stored in the content too, so that `findSent` finds it. `ts`: AS timestamp massaging. */
  send(
    as: UserId,
    roomId: RoomId,
    message: {
      readonly type: string
      readonly txnId: string
      readonly content: MessageContent
      readonly ts?: number
    },
  ): Promise<EventId>
  /** Looks for an event that `as` sent with that `txnId`, newest first, a few pages back. */
  findSent(as: UserId, roomId: RoomId, txnId: string): Promise<EventId | undefined>
  redact(
    as: UserId,
    roomId: RoomId,
    target: { readonly eventId: EventId; readonly txnId: string; readonly reason?: string },
  ): Promise<void>
  /** Brings an event before the admins of the homeserver; `as` is in the room. */
  report(
    as: UserId,
    roomId: RoomId,
    what: { readonly eventId: EventId; readonly reason: string },
  ): Promise<void>
  setState(
    as: UserId,
    roomId: RoomId,
    event: { readonly type: string; readonly stateKey: string; readonly content: MessageContent },
  ): Promise<void>
  findState(
    as: UserId,
    roomId: RoomId,
    event: { readonly type: string; readonly stateKey: string },
  ): Promise<MessageContent | undefined>
  /** All of it, of a room that `as` is in. */
  roomState(as: UserId, roomId: RoomId): Promise<readonly StateEvent[]>
  /** One event of a room that `as` is in; undefined: gone, hidden, or not understood. */
  findEvent(as: UserId, roomId: RoomId, eventId: EventId): Promise<MatrixEvent | undefined>
  /** Custom emoji of a room that `as` has joined, from before anything of it was pushed to us. */
  findImagePacks(as: UserId, roomId: RoomId): Promise<readonly Omit<ImagePack, 'roomId'>[]>
  members(as: UserId, roomId: RoomId): Promise<readonly Member[]>
  /**
   * What happened in the room since the newest invite of `as` (at most 500 events, oldest first) as
   * the jobs that a push of it would have made: before a ghost or the bot joins, nothing is pushed.
   * `isCut`: there was more than that, which is not among them.
   */
  jobsSinceInvite(
    as: UserId,
    roomId: RoomId,
    names: { readonly isOurs: (userId: UserId) => boolean },
  ): Promise<{ readonly jobs: readonly NewJob[]; readonly isCut: boolean }>
  /**
   * Uploads in pieces; what is lost on the way may be uploaded again. While the homeserver is well, a
   * failure is a `TransientError` of `remote`, so that no job waits for it without end.
   */
  upload(file: {
    readonly source: HttpSource
    readonly mediaType: string
    readonly name?: string
  }): Promise<Mxc>
  /** Bytes that an upload may have; undefined where the homeserver states no limit. */
  uploadLimit(): Promise<number | undefined>
  /** Whether that file is still there: homeservers purge. */
  hasMedia(mxc: Mxc): Promise<boolean>
}

/**
 * The fediverse as we read it. Every document is checked to be at its own id. Throws
 * `TransientError` (try later), or `RejectedError`: code `gone` (410), `not-found` (404),
 * `not-activitypub`, `hostile`, `forbidden-address`.
 */
export type Fediverse = {
  /** WebFinger in both directions; the actor is fetched and stored fresh. */
  lookup(target: Handle | { readonly url: string }): Promise<RemoteActor>
  fetchActor(id: ActorId): Promise<RemoteActor>
  fetchNote(id: ObjectId, how?: PostAsking): Promise<Note>
  /** The newest public posts of the actor's own (no boosts), newest first; with `as` those for its followers too. */
  fetchOutbox(
    actor: RemoteActor,
    limit: number,
    /** Only those that are wanted count; further back is looked for them. Absent: all. */
    which?: { isWanted?: (note: Note) => Promise<boolean> } & Pick<PostAsking, 'as'>,
  ): Promise<readonly Note[]>
  /** What the account published or boosted since then for everybody, with `as` for its followers too, oldest first; at most `limit`, the newest. `isLast`: what cannot be had just now is left out. */
  fetchNews(
    actor: RemoteActor,
    bounds: { since: number; limit: number; isLast: boolean } & Pick<PostAsking, 'as'>,
  ): Promise<readonly News[]>
  /** The post at any address of it: its id, its page, or an activity that brings it. Code `not-a-post`: an account. */
  openNote(url: string, as?: ActorId): Promise<Note>
  /** Somebody's permission to quote, as its own id says it. */
  fetchStamp(id: ObjectId): Promise<QuoteStamp>
  /**
   * What the actor has pinned of its own and everybody may see, in the order of its collection;
   * `isWhole`: nothing was left out that its server may give in a moment.
   */
  fetchFeatured(
    actor: RemoteActor,
    limit: number,
  ): Promise<{ readonly notes: readonly Note[]; readonly isWhole: boolean }>
  /** The ids of what is pinned there, whether those posts can be read or not. */
  listFeatured(actor: RemoteActor, limit: number): Promise<readonly ObjectId[]>
  /** FEP-8fcf: who of ours follows that account, as its server lists it; undefined: that list is not the one of `digest`. */
  fetchFollowers(actor: RemoteActor, sync: FollowersSync): Promise<readonly ActorId[] | undefined>
  /** What runs there (NodeInfo). */
  fetchServer(host: string): Promise<Server>
  /** Any file, whole and on disk; besides the errors above: `too-large`, `empty-file`. The caller discards it. */
  fetchFile(
    url: string,
    bounds: { readonly maxBytes: number; readonly timeout: number },
  ): Promise<FetchedFile>
  /** JSON text as it goes over the wire. */
  serialize(activity: OutgoingActivity): string
  /** JSON text of the note alone, as GET answers it. */
  serializeNote(activity: OutgoingActivity): string | undefined
}

/** The keys of our own actors. */
export type Keys = {
  /** Makes what is missing: what is serialized from then on names them, and can be proven with them. */
  ensureKeys(actorId: ActorId): Promise<void>
  /** New ones for an actor whose keys were made before that time, milliseconds since the epoch. Idempotent. */
  rotate(actorId: ActorId, before: number): Promise<void>
  /** What is kept in memory of them: they are gone. */
  forget(actorId: ActorId): void
}

/** Our own names on both networks, from the configuration. */
export type Identity = {
  /** `example.org`, the Matrix server name. */
  readonly serverName: string
  readonly bot: UserId
  /** Localpart prefix of ghosts and portal aliases, `_ap_`. */
  readonly prefix: string
  /** `https://fedi.example.org`, no slash at the end. */
  readonly publicUrl: string
  /** The domain in our users' handles. */
  readonly handleDomain: string
  /** Command prefix outside the management room, `!ap`. */
  readonly commandPrefix: string
}

/** Each may all that those before it may: `follow` reads, and publishes nothing. */
export type Permission = 'none' | 'follow' | 'user' | 'admin'

/** What waits to be delivered, by host (`Queue`). */
export type Deliveries = {
  /** Whether nothing is sent there, because it has failed for days. */
  isUnavailable(host: string): Promise<boolean>
  waitingAt(kind: 'delivery', host: string, limit: number): Promise<readonly Job[]>
  drop(jobs: readonly Job[], changes: readonly Change[]): Promise<number>
  /** Work that waits, of that kind, in the order of ids behind that one. */
  waitingAfter(kind: JobKind, id: number, limit: number): Promise<readonly Job[]>
}

/** The queue, as the admin sees it. */
export type JobDesk = {
  depth(): Promise<readonly KindDepth[]>
  /** Hosts that most waits for, that first; at most `limit`. */
  busiest(limit: number): Promise<readonly HostDepth[]>
  /** Hosts that fail, the longest first; at most `limit`. */
  failing(limit: number): Promise<readonly FailingHost[]>
  /** What became of one job; undefined: it was never there, or ended more than 30 days ago. */
  fateOf(kind: JobKind, key: string): Promise<JobFate | undefined>
  /** Newest first; page on with the last `id`. */
  listFailed(page: {
    readonly before?: number
    readonly limit: number
  }): Promise<readonly FailedJob[]>
  /** To the end of its lane, with no tries counted. False: there is no such failed job. */
  retryFailed(id: number): Promise<boolean>
  /** Forgets it for good. */
  dropFailed(id: number): Promise<boolean>
}

/** What `bridge` is given; `main.ts` builds it. */
export type Deps = Admins & {
  readonly store: Store
  readonly homeserver: Homeserver
  readonly fediverse: Fediverse
  readonly keys: Keys
  readonly identity: Identity
  readonly permissionOf: (userId: UserId) => Permission
  /** One piece of work at a time per key (`createLocks`). */
  readonly locks: <T>(key: string, work: () => Promise<T>) => Promise<T>
  /** A place among the transfers of files, which are bounded in all and for each host. Throws TransientError when it takes too long to get one. */
  readonly inTurn: <T>(host: string, work: () => Promise<T>) => Promise<T>
  /** Looks into pictures, films and recordings. Never throws. */
  readonly look: Files['look']
  /**
   * A file of our homeserver, whole and on disk; undefined: there is none. `RejectedError` with code
   * `too-large`. The caller discards it.
   */
  readonly readFile: (
    mxc: Mxc,
    bounds: { readonly maxBytes: number; readonly timeout: number },
  ) => Promise<FetchedFile | undefined>
  /** An empty zip on disk. */
  readonly createArchive: () => Promise<Archive>
  readonly mediaRules: MediaRules
  /** Whether users who have not chosen get a Space. */
  readonly hasSpaces: boolean
  /** Whether clients of Beeper's kind are told what came of each message. */
  readonly sendsStatus: boolean
  /** Rooms of ours are for users of our homeserver alone. Absent: they federate. */
  readonly localRoomsOnly?: true
  /** Hosts, with their subdomains, whose accounts all stand for people on Matrix. */
  readonly matrixBridges?: readonly string[] | undefined
  readonly userLimits: UserLimits
  /** Messages that somebody sends within so many milliseconds become one post; 0: each is one. */
  readonly joinMediaWithin: number
  readonly deliveries: Deliveries
  readonly jobs: JobDesk
  /** What an admin may have the process itself do. */
  readonly operations: Operations
  /** Keys that are older are replaced, milliseconds; absent: none by itself. */
  readonly rotateKeysAfter?: number
  /** What nobody used for so long is pruned, milliseconds; absent: nothing. */
  readonly pruneAfter?: number
  /** Removes our copies of published files, by the ids of their URLs. Idempotent. */
  readonly forgetMedia: (ids: readonly string[]) => Promise<void>
  /** Everything around us that has to be right, looked at now; up to a minute. */
  readonly examine: () => Promise<readonly Finding[]>
  /** The id for these words: always the same, and for nobody to guess. Absent: a new one each time. */
  readonly idOf?: (seed: string) => string
  /** A link that logs whoever opens it in to the admin page as that user, once and soon. Absent: there is no such page. */
  readonly loginLink?: (userId: UserId) => string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}
