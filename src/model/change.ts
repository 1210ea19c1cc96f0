import type { ActivityId, ActorId, EventId, ObjectId, RoomId, UserId } from './ids.ts'
import type { Ghost, KeyPair, LocalActor, RemoteActor } from './actor.ts'
import type { Server } from './server.ts'
import type { Block, Follow, Reaction, ShownIn } from './relation.ts'
import type { Mapping, ObjectRecord, Quotation } from './note.ts'
import type { MatrixEvent, Membership } from './event.ts'
import type { Blocklist, ListedBlock } from './blocklist.ts'
import type { DomainBlock } from './domain-block.ts'
import type { PolicyKind, PolicyList, PolicyRule } from './policy.ts'
import type { PersonalRule } from './personal-rule.ts'
import type { Draft } from './draft.ts'
import type { NewJob } from './job.ts'
import type { ImagePack, OwnEmoji } from './emoji.ts'
import type { Import, ImportRow } from './import.ts'
import type { OwnStamp } from './quote.ts'
import type { Portal } from './portal.ts'
import type { Report, ReportDeed } from './report.ts'
import type { Upload } from './upload.ts'
import type { PublishedMedia } from './media.ts'
import type { Votes } from './vote.ts'

/** A message that waits for its author's ✅, on it or on the bot's prompt, before it is published. Key: `eventId`. */
export type HeldMessage = {
  readonly roomId: RoomId
  readonly eventId: EventId
  readonly promptId: EventId
  readonly message: MatrixEvent & { readonly type: 'message' }
}

/**
 * One change of our own state, as data. The store commits a list of them in one transaction, so
 * that what a job decided and the end of that job stand or fall together. Every change is
 * idempotent: committing it twice leaves what committing it once does.
 */
export type Change =
  /** Inserts, or replaces everything of the row with that id. */
  | { readonly change: 'put-object'; readonly object: ObjectRecord }
  /**
   * Commits nothing, by a `TransientError`, where the row is no longer as it was read: what two jobs
   * change at once is then thought of anew.
   */
  | { readonly change: 'expect-object'; readonly object: ObjectRecord }
  /** Keeps the row with `deletedAt` and without `document`; unknown ids get a bare tombstone row so that a late Create is refused. */
  | {
      readonly change: 'delete-object'
      readonly id: ObjectId
      readonly author: ActorId
      readonly at: number
    }
  /** Who was sent an object: the inboxes that its Update and Delete must reach too. Adds to the set. */
  | {
      readonly change: 'add-recipients'
      readonly id: ObjectId
      readonly inboxes: readonly string[]
    }
  /** JSON text of one of our activities, for delivery and for GET. */
  | {
      readonly change: 'put-activity'
      readonly id: ActivityId
      readonly actor: ActorId
      readonly document: string
      readonly isPublic: boolean
      readonly at: number
    }
  /** JSON text of somebody else's activity that we pass on, as it came. Keeps the first. */
  | {
      readonly change: 'put-forwarded'
      readonly id: ActivityId
      readonly document: string
      readonly at: number
    }
  /** Makes a file of one of our notes readable by its URL. Keeps the first: an id is never used twice. */
  | { readonly change: 'put-media'; readonly media: PublishedMedia }
  /** The note has that file no more. */
  | { readonly change: 'drop-media'; readonly id: string; readonly at: number }
  | { readonly change: 'add-mapping'; readonly mapping: Mapping }
  /** With it go the marks of that event (`model/mark.ts`). */
  | { readonly change: 'remove-mapping'; readonly roomId: RoomId; readonly eventId: EventId }
  /** Keeps the first that has this picture, or this name. */
  | { readonly change: 'put-emoji'; readonly emoji: OwnEmoji }
  /** Replaces; one without pictures goes. */
  | { readonly change: 'put-image-pack'; readonly pack: ImagePack }
  /** Inserts or replaces; old ones that nobody uses go. */
  | { readonly change: 'put-upload'; readonly upload: Upload }
  /** Inserts or replaces; one that was accepted and still is keeps its `requestedAt`. */
  | { readonly change: 'put-follow'; readonly follow: Follow }
  /** The follow that this activity asked for, unless it was taken back or asked for anew meanwhile. */
  | { readonly change: 'accept-follow'; readonly activityId: ActivityId }
  /** What its follower wants to see of the account from now on; nothing where there is no such follow. */
  | {
      readonly change: 'read-of'
      readonly follower: ActorId
      readonly followed: ActorId
      readonly withReplies: boolean
      readonly withBoosts: boolean
    }
  /** Where its follower reads the account from now on; nothing where there is no such follow. */
  | {
      readonly change: 'read-in'
      readonly follower: ActorId
      readonly followed: ActorId
      readonly shownIn: ShownIn
    }
  | { readonly change: 'remove-follow'; readonly follower: ActorId; readonly followed: ActorId }
  | { readonly change: 'put-block'; readonly block: Block }
  | { readonly change: 'remove-block'; readonly blocker: ActorId; readonly blocked: ActorId }
  /** Inserts or replaces. */
  | { readonly change: 'put-domain-block'; readonly block: DomainBlock }
  | { readonly change: 'remove-domain-block'; readonly domain: string }
  /** Inserts, or replaces all of it, and what it names. */
  | {
      readonly change: 'put-blocklist'
      readonly list: Blocklist
      /** Absent: what it named before. */
      readonly blocks?: readonly ListedBlock[]
    }
  /** With all that it names. */
  | { readonly change: 'remove-blocklist'; readonly url: string }
  /** Inserts or replaces it; of its rules those that changed, and keys of those that are gone. */
  | {
      readonly change: 'put-policy-list'
      readonly list: PolicyList
      readonly put?: readonly PolicyRule[]
      readonly gone?: readonly { readonly kind: PolicyKind; readonly stateKey: string }[]
    }
  /** Commits nothing, by a `TransientError`, where the list is followed no more. */
  | { readonly change: 'expect-policy-list'; readonly roomId: RoomId }
  /** The room that an address led to, where the list still has that rule. */
  | {
      readonly change: 'place-policy-rule'
      readonly list: RoomId
      readonly entity: string
      readonly roomId: RoomId
    }
  /** The list goes on in another room, which is none itself, with its rules. */
  | { readonly change: 'move-policy-list'; readonly from: RoomId; readonly to: RoomId }
  /** With all its rules. */
  | { readonly change: 'remove-policy-list'; readonly roomId: RoomId }
  | { readonly change: 'put-personal-rule'; readonly rule: PersonalRule; readonly at: number }
  | { readonly change: 'remove-personal-rule'; readonly rule: PersonalRule }
  /** A member lets what they write in the room of a group go out by it. Keeps the first. */
  | {
      readonly change: 'put-consent'
      readonly roomId: RoomId
      readonly userId: UserId
      readonly at: number
    }
  | { readonly change: 'remove-consent'; readonly roomId: RoomId; readonly userId: UserId }
  /** That of everybody in that room. */
  | { readonly change: 'remove-consents'; readonly roomId: RoomId }
  /** The room goes on in another one. */
  | { readonly change: 'move-consents'; readonly from: RoomId; readonly to: RoomId }
  | { readonly change: 'put-reaction'; readonly reaction: Reaction }
  | { readonly change: 'remove-reaction'; readonly activityId: ActivityId }
  /** Adds them; what the same person chose before stays. */
  | { readonly change: 'add-votes'; readonly votes: Votes }
  /** All that were cast on it, or those of one voter, or those that this event cast. */
  | {
      readonly change: 'remove-votes'
      readonly object: ObjectId
      readonly voter?: ActorId | UserId
      readonly eventId?: EventId
    }
  /** Inserts or replaces. */
  | { readonly change: 'put-quotation'; readonly quotation: Quotation }
  | { readonly change: 'remove-quotation'; readonly quoting: ObjectId }
  /** Keeps the first. */
  | { readonly change: 'put-stamp'; readonly stamp: OwnStamp }
  | { readonly change: 'revoke-stamp'; readonly id: ObjectId; readonly at: number }
  /** All that one of our actors has pinned, in the order of pinning. */
  | {
      readonly change: 'put-featured'
      readonly actor: ActorId
      readonly objects: readonly ObjectId[]
    }
  /** Keeps the first of that activity. */
  | { readonly change: 'put-report'; readonly report: Report }
  /** Keeps who resolved it first. */
  | {
      readonly change: 'resolve-report'
      readonly number: number
      readonly by: UserId
      readonly at: number
    }
  /** Keeps the newest of its kind. */
  | ({ readonly change: 'put-report-deed'; readonly number: number } & ReportDeed)
  | { readonly change: 'put-server'; readonly server: Server }
  | { readonly change: 'put-remote-actor'; readonly actor: RemoteActor }
  /** An account was heard of; noted once a day, where it is known. */
  | { readonly change: 'see-remote-actor'; readonly id: ActorId; readonly at: number }
  /** Follows, blocks, votes and keys of the actor go; ghost and mappings stay for redaction. */
  | { readonly change: 'delete-remote-actor'; readonly id: ActorId }
  | { readonly change: 'put-local-actor'; readonly actor: LocalActor }
  /** Commits nothing, by a `TransientError`, where that actor of ours was deleted meanwhile. */
  | { readonly change: 'expect-actor'; readonly id: ActorId }
  /** Inboxes that get something of that actor of ours. Adds to the set. */
  | { readonly change: 'add-told'; readonly actor: ActorId; readonly inboxes: readonly string[] }
  /** Another inbox of its server is told instead. */
  | { readonly change: 'remove-told'; readonly actor: ActorId; readonly inbox: string }
  /** Whether that inbox took the end of that actor. */
  | {
      readonly change: 'end-told'
      readonly actor: ActorId
      readonly inbox: string
      readonly isReached: boolean
    }
  /** The keys of that actor go, the retired ones too; with them who was told of it, and its last activity. */
  | { readonly change: 'end-actor'; readonly id: ActorId; readonly activityId: ActivityId }
  /** Keeps the first of that id. */
  | { readonly change: 'put-import'; readonly import: Import; readonly rows: readonly ImportRow[] }
  /** The notice that tells how far it is. */
  | { readonly change: 'note-import'; readonly id: string; readonly notice: EventId }
  /** What is still to be done of it is left. */
  | { readonly change: 'end-import'; readonly id: string; readonly at: number }
  | {
      readonly change: 'end-import-row'
      readonly id: string
      readonly position: number
      readonly state: ImportRow['state']
      readonly reason?: string
    }
  /** Keeps the first of its kind: while that signs, a second one changes nothing. */
  | { readonly change: 'put-key-pair'; readonly actorId: ActorId; readonly pair: KeyPair }
  /** That one signs from now on, and the one of its kind before it is retired. */
  | { readonly change: 'rotate-key-pair'; readonly actorId: ActorId; readonly pair: KeyPair }
  | { readonly change: 'put-ghost'; readonly ghost: Ghost }
  | { readonly change: 'put-portal'; readonly portal: Portal }
  /** The room is no portal any more (left by everybody, replaced by another room). */
  | { readonly change: 'remove-portal'; readonly roomId: RoomId }
  | {
      readonly change: 'put-membership'
      readonly roomId: RoomId
      readonly userId: UserId
      readonly membership: Membership
    }
  | {
      readonly change: 'put-setting'
      readonly userId: UserId
      readonly name: string
      readonly value: string
    }
  /**
   * Remembers that something was done once (a notice told, a backlog filled), for as long as
   * `model/mark.ts` says of keys that begin so.
   */
  | { readonly change: 'mark'; readonly key: string; readonly value: string; readonly at: number }
  /** Commits nothing, by a `TransientError`, where the mark is no longer as it was read; no value: none. */
  | { readonly change: 'expect-mark'; readonly key: string; readonly value?: string }
  | { readonly change: 'unmark'; readonly key: string }
  /** Inserts or replaces. */
  | { readonly change: 'hold'; readonly held: HeldMessage }
  | { readonly change: 'unhold'; readonly eventId: EventId }
  /** Inserts, or replaces the message. */
  | { readonly change: 'put-draft'; readonly draft: Draft }
  | { readonly change: 'remove-draft'; readonly eventId: EventId }
  | { readonly change: 'enqueue'; readonly job: NewJob }
  /** Makes jobs that wait for this id due at once. */
  | { readonly change: 'release'; readonly waitsFor: string }
