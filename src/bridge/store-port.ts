import type { ActivityId, ActorId, EventId, Mxc, ObjectId, RoomId, UserId } from '../model/ids.ts'
import type { Block, Follow, Reaction } from '../model/relation.ts'
import type { Change, HeldMessage } from '../model/change.ts'
import type { Draft } from '../model/draft.ts'
import type { ExportStore, Forgetful, ForgetsPerson, ImportStore } from './forget-ports.ts'
import type { Ghost, LocalActor, RemoteActor } from '../model/actor.ts'
import type { Handle } from '../model/handle.ts'
import type { NamedPicture, OwnEmoji } from '../model/emoji.ts'
import type { Membership } from '../model/event.ts'
import type { Mapping, ObjectRecord, Quotation } from '../model/note.ts'
import type { OwnStamp } from '../model/quote.ts'
import type { GroupStore } from './group-store.ts'
import type { ReportStore } from './report-store.ts'
import type { AdminStore } from './admin-store.ts'
import type { Stats } from '../model/stats.ts'
import type { Server } from '../model/server.ts'
import type { PublishedMedia } from '../model/media.ts'
import type { Portal, PortalSeed } from '../model/portal.ts'
import type { Upload } from '../model/upload.ts'
import type { Tally } from '../model/vote.ts'
import type { DomainBlockStore } from './domain-block-store.ts'
import type { ModerationStore } from './moderation-store.ts'
import type { PolicyStore } from './policy-store.ts'

/**
 * State. Reads see every commit that resolved before. `commit` is one transaction. Lookups:
 * `find…` answers undefined for a miss.
 */
export type Store = ReportStore &
  GroupStore &
  AdminStore &
  Forgetful &
  ForgetsPerson &
  ImportStore &
  ExportStore &
  DomainBlockStore &
  ModerationStore &
  PolicyStore & {
    commit(changes: readonly Change[]): Promise<void>
    findObject(id: ObjectId): Promise<ObjectRecord | undefined>
    /** The direct message, of anybody and not deleted, that came last into that room. */
    findNewestDirect(roomId: RoomId): Promise<ObjectRecord | undefined>
    /** Files of that note as it is now, in its order. */
    mediaOf(object: ObjectId): Promise<readonly PublishedMedia[]>
    /** Inboxes that were sent the object (`add-recipients`). */
    recipientsOf(id: ObjectId): Promise<readonly string[]>
    /** JSON text and owner of one of our activities. */
    findActivity(
      id: ActivityId,
    ): Promise<
      { readonly actor: ActorId; readonly document: string; readonly isPublic: boolean } | undefined
    >
    /** What told of that note of ours (Create and Update), newest first. */
    activitiesAbout(id: ObjectId, limit: number): Promise<readonly ActivityId[]>
    mappingsOf(remoteId: ObjectId | ActivityId): Promise<readonly Mapping[]>
    findMappingByEvent(roomId: RoomId, eventId: EventId): Promise<Mapping | undefined>
    /** Newest mapping of the thread below `root` in that room: where a fallback reply points. */
    findNewestInThread(roomId: RoomId, root: EventId): Promise<Mapping | undefined>
    /** Everything of that author that stands in rooms, for Delete(actor): at most `limit` at a time. */
    mappingsOfBoosts(object: ObjectId): Promise<readonly Mapping[]>
    mappingsByAuthor(author: ActorId, limit: number): Promise<readonly Mapping[]>
    mappingsBySender(sender: UserId, limit: number): Promise<readonly Mapping[]>
    findFollow(follower: ActorId, followed: ActorId): Promise<Follow | undefined>
    /** Whom that actor of ours named in what it wrote after that time, and when last; milliseconds since the epoch. */
    namedSince(author: ActorId, since: number): Promise<ReadonlyMap<ActorId, number>>
    /** When that actor of ours wrote its post, or asked to follow, that is the `nth` newest; milliseconds since the epoch. */
    nthNewest(what: 'post' | 'follow', actor: ActorId, nth: number): Promise<number | undefined>
    findFollowByActivity(id: ActivityId): Promise<Follow | undefined>
    followersOf(followed: ActorId): Promise<readonly Follow[]>
    /** Accounts that somebody of ours follows, accepted, in the order of their ids, after that one. */
    followedAccounts(after: ActorId | undefined, limit: number): Promise<readonly ActorId[]>
    followsOf(follower: ActorId): Promise<readonly Follow[]>
    /** Of each host one account that follows one of ours or is followed by one; in the order of hosts, behind that one. */
    neighbours(
      after: string | undefined,
      limit: number,
    ): Promise<
      readonly { readonly host: string; readonly ours: ActorId; readonly theirs: ActorId }[]
    >
    findBlock(blocker: ActorId, blocked: ActorId): Promise<Block | undefined>
    /** In the order of the blocked. */
    blocksBy(blocker: ActorId): Promise<readonly Block[]>
    findBlockByActivity(id: ActivityId): Promise<Block | undefined>
    findReaction(activityId: ActivityId): Promise<Reaction | undefined>
    /** Boosts of it by people and groups of ours. */
    ownBoostsOf(object: ObjectId): Promise<readonly Reaction[]>
    /** The same of all that this account wrote, oldest post first. */
    ownBoostsOfAuthor(author: ActorId, limit: number): Promise<readonly Reaction[]>
    reactionsBy(actor: ActorId, object: ObjectId): Promise<readonly Reaction[]>
    /**
     * How many accounts of other servers gave each emoji, of those whose reaction no event of that room
     * shows: at most `limit` emoji, most given first.
     */
    countReactions(
      object: ObjectId,
      roomId: RoomId,
      limit: number,
    ): Promise<ReadonlyMap<string, number>>
    /** Objects that state that page as theirs, at most 5: not all of them have to be believed. */
    objectsAt(url: string): Promise<readonly ObjectRecord[]>
    findQuotation(quoting: ObjectId): Promise<Quotation | undefined>
    findQuotationByRequest(request: ActivityId): Promise<Quotation | undefined>
    /** Those of that post, of that author's posts, or by that permission, in the order of their `quoting`; from behind `after`. */
    quotationsOf(
      id: ObjectId | ActorId,
      page: { readonly after?: ObjectId; readonly limit: number },
    ): Promise<readonly Quotation[]>
    /** Revoked ones too. */
    findStamp(id: ObjectId): Promise<OwnStamp | undefined>
    countStampsBy(quoted: ObjectId, quoter: ActorId): Promise<number>
    findStampFor(quoted: ObjectId, quoting: ObjectId): Promise<OwnStamp | undefined>
    /** What stands, newest first. */
    stampsBy(author: ActorId): Promise<readonly OwnStamp[]>
    countStamps(quoted: ObjectId): Promise<number>
    /** What that actor of ours has pinned and everybody may see, in the order of pinning. */
    featuredBy(actor: ActorId): Promise<readonly ObjectId[]>
    /** What that voter chose in that poll, in order. */
    votesBy(object: ObjectId, voter: ActorId | UserId): Promise<readonly string[]>
    tallyOf(object: ObjectId): Promise<Tally>
    /** The poll in which that event of Matrix voted. */
    findPollOfVote(eventId: EventId): Promise<ObjectId | undefined>
    /** Accounts and posts of ours, for people; `now`: milliseconds since the epoch. */
    stats(now: number): Promise<Stats>
    /** How many rooms of each kind there are. */
    countRooms(): Promise<ReadonlyMap<string, number>>
    /** Rows of the tables that grow, by their names. Slow. */
    countRows(): Promise<Readonly<Record<string, number>>>
    findServer(host: string): Promise<Server | undefined>
    findRemoteActor(id: ActorId): Promise<RemoteActor | undefined>
    /** The host of its handle; undefined of an actor that is not known. */
    findActorHost(id: ActorId): Promise<string | undefined>
    /** Ids of accounts that may stand in directories and have all these words (`searchWords`), or words that begin so. */
    searchAccounts(words: readonly string[], limit: number): Promise<readonly ActorId[]>
    findRemoteActorByHandle(handle: Handle): Promise<RemoteActor | undefined>
    findLocalActor(id: ActorId): Promise<LocalActor | undefined>
    /** One that was deleted is nobody's any more. */
    findLocalActorByUser(userId: UserId): Promise<LocalActor | undefined>
    /** Case-insensitive. */
    findLocalActorByUsername(username: string): Promise<LocalActor | undefined>
    findGhost(actorId: ActorId): Promise<Ghost | undefined>
    findGhostByUser(userId: UserId): Promise<Ghost | undefined>
    /** Accounts whose ghosts Matrix has seen, in the order of their ids, after that one; and when each was fetched. */
    shownAccounts(
      after: ActorId | undefined,
      limit: number,
    ): Promise<readonly { readonly actorId: ActorId; readonly fetchedAt: number }[]>
    /** Actors of ours whose users are in no room that we know, in the order of their ids, behind that one. */
    actorsNowhere(after: string, limit: number): Promise<readonly LocalActor[]>
    findPortal(seed: PortalSeed): Promise<Portal | undefined>
    findPortalByRoom(roomId: RoomId): Promise<Portal | undefined>
    /** Whether another account that has a portal goes by that name on Matrix. */
    hasNamesake(name: string, actorId: ActorId): Promise<boolean>
    /** Members whose membership is one of `memberships`. */
    membersOf(roomId: RoomId, memberships: readonly Membership[]): Promise<readonly UserId[]>
    findMembership(roomId: RoomId, userId: UserId): Promise<Membership | undefined>
    /** Rooms of that user with that membership. */
    roomsOf(userId: UserId, membership: Membership): Promise<readonly RoomId[]>
    findSetting(userId: UserId, name: string): Promise<string | undefined>
    findMark(key: string): Promise<string | undefined>
    /** How many marks there are whose keys begin so. */
    countMarks(beginning: string): Promise<number>
    /** Actors of ours whose keys were made before this time, milliseconds since the epoch; the oldest first. */
    actorsWithKeysBefore(time: number, limit: number): Promise<readonly ActorId[]>
    /** Inboxes that posts of that actor of ours were sent to. */
    inboxesTold(actorId: ActorId, limit: number): Promise<readonly string[]>
    findUpload(url: string): Promise<Upload | undefined>
    findEmoji(mxc: Mxc): Promise<OwnEmoji | undefined>
    findEmojiNamed(shortcode: string): Promise<OwnEmoji | undefined>
    /** Custom emoji that the room offers. */
    picturesOf(roomId: RoomId): Promise<readonly NamedPicture[]>
    findHeld(roomId: RoomId, eventId: EventId): Promise<HeldMessage | undefined>
    findHeldByPrompt(roomId: RoomId, promptId: EventId): Promise<HeldMessage | undefined>
    findDraft(roomId: RoomId, eventId: EventId): Promise<Draft | undefined>
    /** In the order in which they came. */
    draftsIn(roomId: RoomId): Promise<readonly Draft[]>
  }
