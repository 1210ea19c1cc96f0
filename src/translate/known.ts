import type { ActivityId, ActorId, EventId, Mxc, ObjectId, RoomId, UserId } from '../model/ids.ts'
import type { Visibility } from '../model/audience.ts'
import type { Block, Follow, Reaction } from '../model/relation.ts'
import type { HeldMessage } from '../model/change.ts'
import type { MessagePart } from '../model/draft.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import type { Emoji } from '../model/content.ts'
import type { FileFacts } from '../model/file.ts'
import type { KnownEmojis } from './own-emojis.ts'
import type { Mapping, Note, ObjectRecord, Quotation } from '../model/note.ts'
import type { Portal } from '../model/portal.ts'
import type { PublishedMedia } from '../model/media.ts'
import type { OwnStamp, QuotePolicy, QuoteStamp } from '../model/quote.ts'
import type { SensitiveMedia } from '../model/upload.ts'

/** A room that matters to a translation, with the people in it (joined or invited). */
export type KnownRoom = { readonly portal: Portal; readonly members: ReadonlySet<UserId> }

/** A remote actor and the Matrix user that stands for it. */
export type KnownActor = { readonly actor: RemoteActor; readonly ghost: UserId }

/** A post that another one quotes. */
export type KnownQuote = {
  readonly note: Note
  readonly visibility: Visibility
  /** Its author's. */
  readonly handle: string
  /** The permission that the quoting post refers to, as its author's server says it. */
  readonly stamp?: QuoteStamp
}

/** How a reply belongs to a room where its author is read: as part of it, as a quoted line, or not at all. */
export type ReplyForm = 'thread' | 'line' | 'hidden'

/** The home room of somebody who reads the author there. */
export type KnownHome = {
  readonly userId: UserId
  /** Absent: it is made when something is to stand there. */
  readonly room?: KnownRoom
  readonly replies: ReplyForm
  /** The note's parents that do not stand there, oldest first. */
  readonly ancestors: readonly Note[]
  readonly withBoosts: boolean
}

/** What decides whether somebody may quote a post of ours. */
export type QuoteAsked = {
  readonly policy: QuotePolicy
  readonly isFollower: boolean
  /** Given to the same post, the newest; a revoked one too. */
  readonly given?: OwnStamp
  /** How many were given to the same account for posts that quote this one. */
  readonly before: number
  /** For a new one. */
  readonly stampId: ObjectId
}

/** A post of ours that quotes one of somebody else. */
export type OwnQuote = {
  readonly quotation: Quotation
  readonly record: ObjectRecord
  readonly quotedAuthor: ActorId
  /** That author's. */
  readonly handle: string
  /** The message that it was written as. */
  readonly mapping?: Mapping
  /** Inboxes that got it. */
  readonly inboxes: readonly string[]
  readonly updateId: ActivityId
}

/** What a complaint names of ours, and how many reports there are already. */
export type Reported = {
  readonly accounts: readonly ActorId[]
  readonly posts: readonly ObjectId[]
  /** From the same server, within the last day. */
  readonly ofHost: number
  /** Of all, those that no admin has closed. */
  readonly open: number
}

/** Whom a stranger's post reaches: a user, or the people of a room that stands for another account. */
export type Reached = UserId | RoomId

/**
 * Everything the translation of one activity may use. What is absent here does not exist for it.
 * `bridge/resolve-activity.ts` fills it.
 */
export type KnownForMatrix = {
  readonly now: number
  /** When it happened, where we hear of it late: what it brings has that date. */
  readonly happenedAt?: number
  readonly handleDomain: string
  readonly author: KnownActor
  /** The post of a create or update, fetched if it was not carried. */
  readonly note?: Note
  /** The note's parents that do not stand in the author's portal, oldest first. */
  readonly ancestors: readonly Note[]
  /** Remote actors that are mentioned or wrote an ancestor. */
  readonly actors: ReadonlyMap<ActorId, KnownActor>
  /** Whom a private note is addressed to besides its author and us, known or not. */
  readonly addressees: readonly ActorId[]
  /** Local actors that are addressed, mentioned, followed, blocked, or wrote what is referred to. */
  readonly locals: ReadonlyMap<ActorId, LocalActor>
  readonly objects: ReadonlyMap<string, ObjectRecord>
  /** By object or activity id. */
  readonly mappings: ReadonlyMap<string, readonly Mapping[]>
  /** Every portal that a mapping above stands in, and the author's own. */
  readonly rooms: ReadonlyMap<RoomId, KnownRoom>
  /** The author's actor portal, when somebody is in it. */
  readonly authorRoom?: KnownRoom
  /** How the author's portal treats this reply: as part of it, as a quoted line, or not at all. */
  readonly replyInPortal: ReplyForm
  /** Of those whose follow of the author was accepted and who are to see it. */
  readonly homes: readonly KnownHome[]
  /** Local users who will not hear from this author (blocks in either direction, settings, limits). */
  readonly deaf: ReadonlySet<ActorId>
  /** Of a follow: the admin lets people of its domain reach only those who follow them. */
  readonly isSilenced?: boolean
  /** Local actors with whom strangers opened enough chats today: this author opens no other one. */
  readonly crowded: ReadonlySet<ActorId>
  /** Whoever has seen enough of strangers today, among those whom this new note would reach; absent: nobody. */
  readonly spared?: ReadonlySet<Reached>
  /** The relation that an Accept, Reject, Undo or repeated Follow is about. */
  readonly follow?: Follow
  readonly block?: Block
  /** Where the author has moved, as the account there agrees; absent where that is not so. */
  readonly movedTo?: RemoteActor
  /** Who reads its room although they follow where it moved, and not itself. */
  readonly stayed?: readonly UserId[]
  /** What an Undo takes back. */
  readonly reaction?: Reaction
  /** The boost, or the follow, was taken back before it came, or before its post could be had. */
  readonly isUndone?: boolean
  /** Lines that name the object of an Update as boosted, and edits of them. */
  readonly boostLines?: readonly Mapping[]
  /** Rooms, and owners of home rooms, where everybody and the author of what is boosted are apart by a block. */
  readonly shunned?: ReadonlySet<Reached>
  /** What the author chose in a poll of ours before, and whether its author's followers are asked that. */
  readonly voting?: { readonly given: readonly string[]; readonly isFollower: boolean }
  /** What the author did with the object of a reaction or boost before. */
  readonly reactions: readonly Reaction[]
  /** Somebody who reads the author's portal wants boosts. */
  readonly areBoostsWanted: boolean
  /** What the notes above quote, by the quoting note; one that cannot be had is not here. */
  readonly quotes: ReadonlyMap<ObjectId, KnownQuote>
  /** What we keep of the note's quotation, or of the one that an Accept or Reject answers. */
  readonly quotation?: Quotation
  /** What decides about a QuoteRequest. */
  readonly asked?: QuoteAsked
  /** The post of ours that an answer to a QuoteRequest is about, and the stamp as its server says it. */
  readonly own?: OwnQuote
  readonly stamp?: QuoteStamp
  /** Posts that stand in rooms, or are ours, quote the object of this Update or Delete. */
  readonly isQuoted: boolean
  /** Rooms where only the first parts of `note` stand; absent: nowhere. */
  readonly begun?: ReadonlySet<RoomId>
  /** How many questions of the author were answered today. */
  readonly answered?: number
  /** What a complaint is about, of ours. */
  readonly reported?: Reported
  readonly sensitiveMedia: SensitiveMedia
  /** The activity id for an answer of ours. */
  readonly answerId: ActivityId
}

/** Somebody a Matrix message mentions, found. */
export type KnownMention = {
  readonly actorId: ActorId
  readonly handle: string
  readonly url: string
}

/** `activityId` tells this block from an earlier one of the same account. */
export type KnownBlocker = {
  readonly mention: KnownMention
  readonly activityId: ActivityId
  /** It is no block, but what the account says of bridges or bots. */
  readonly isWish?: true
}

/** Whose domain the admin has blocked. */
export type KnownBarred = { readonly mention: KnownMention; readonly domain: string }

/** What a Matrix event answers, edits, reacts to or redacts. */
export type KnownTarget = {
  readonly mapping: Mapping
  readonly object?: ObjectRecord
  /** How the object's author is mentioned; absent when the author is gone. */
  readonly author?: KnownMention
  readonly reaction?: Reaction
  /** Inboxes that got the object. */
  readonly inboxes: readonly string[]
  /** Files of a note of ours. */
  readonly media: readonly PublishedMedia[]
  /** What we have said ourselves of a note of ours, and goes with it. */
  readonly told?: readonly Mapping[]
}

/** What is pinned in a user's own room, and on their profile. */
export type KnownPins = {
  readonly now: readonly { readonly target: EventId; readonly object: ObjectRecord }[]
  /** In the order of pinning. */
  readonly before: readonly ObjectId[]
  /** As many as there may be changes. */
  readonly ids: readonly ActivityId[]
}

/** A post that a message links on a line of its own. */
export type LinkedPost = {
  /** As the line has it. */
  readonly address: string
  readonly object: ObjectRecord
  /** How its author is mentioned; absent when the author is gone. */
  readonly author?: KnownMention
  /** Of one of our users, and whether they let the sender quote it. */
  readonly owner?: { readonly userId: UserId; readonly isWilling: boolean }
  /** For a QuoteRequest, and for a permission that one of ours gives another. */
  readonly ids: { readonly request: ActivityId; readonly stamp: ObjectId }
}

/** What a post has to keep to. `newUntil`: others may more, and from then on its author, too. */
export type KnownLimits = {
  /** `nextAt`: there were so many within the hour, and when there may be one more. */
  readonly posts: {
    readonly most: number
    readonly nextAt?: number
    readonly newUntil?: number
  }
  /** People whom one may name. */
  readonly perPost: number
  /** Whom the author named within the hour, and when last; and how many that may be. */
  readonly people: {
    readonly most: number
    readonly named: ReadonlyMap<ActorId, number>
    readonly newUntil?: number
  }
}

/** Everything the translation of one Matrix event may use (`bridge/resolve-event.ts`). */
export type KnownForFediverse = {
  readonly now: number
  readonly publicUrl: string
  readonly portal?: Portal
  /** The sender's local actor. */
  readonly author?: LocalActor
  /** The handle the sender has, or would get. */
  readonly handle: string
  readonly isPermitted: boolean
  /** They may follow and read, and nothing more. */
  readonly isReader?: true
  readonly limits?: KnownLimits
  readonly target?: KnownTarget
  /** What the sender did with the target before. */
  readonly reactionsGiven: readonly Reaction[]
  /** Who of the two blocked the other: the sender, or the author of the target. */
  readonly blocker?: ActorId
  /** Where it was the admin: the domain that is blocked. */
  readonly barredDomain?: string
  /** Where it was the sender, for themselves: the domain that is blocked. */
  readonly ownDomain?: string
  /** It is no block, but what the author of the target says of bridges or bots. */
  readonly isWish?: true
  /** What the sender chose in the target, a poll, before. */
  readonly votesGiven: readonly string[]
  /** What runs at the target's server, lower case; absent: unknown, or not asked for. */
  readonly software?: string
  /** The poll in which the event that is redacted voted. */
  readonly votedIn?: ObjectRecord
  /** The event answers something that we do not know. */
  readonly isTargetUnknown: boolean
  /** Pills by Matrix user id and typed handles by their text, lower case, as far as found. */
  readonly pills: ReadonlyMap<UserId, KnownMention>
  readonly handles: ReadonlyMap<string, KnownMention>
  readonly emojis: KnownEmojis
  /** What films and recordings say of themselves of which their client told nothing, as far as they could be read. */
  readonly looks: ReadonlyMap<Mxc, FileFacts>
  /** The custom emoji that a reaction is. */
  readonly reactionEmoji?: Emoji
  /** Direct portal: the remote people and local actors who are in it now and blocked nobody. */
  readonly participants: readonly KnownMention[]
  /** Direct portal: who is in it and blocked the sender. */
  readonly blockers: readonly KnownBlocker[]
  /** Direct portal: whom of those in it the sender has blocked, by handle, or by the domain that is blocked. */
  readonly blocked?: readonly string[]
  /** Direct portal: who is in it and whose domain the admin has blocked. */
  readonly barred?: readonly KnownBarred[]
  /** Direct portal: who is meant, too, but was never found. */
  readonly absent: readonly ActorId[]
  /** A chat of two: whether the other's server takes chat messages, nothing else or notes as well. */
  readonly chats?: 'only' | 'also'
  /** Direct portal: what a message that answers nothing else answers. */
  readonly newestDirect?: ObjectRecord
  /** Actor portal: the account. */
  readonly account?: KnownMention
  /**
   * Which group the room is, whether the sender has agreed to appear there, and whom the text names who has
   * not.
   */
  readonly group?: {
    readonly actorId: ActorId
    readonly isIn: boolean
    readonly hidden?: ReadonlySet<UserId>
  }
  /** The room was one, and is no portal any more. */
  readonly wasGroup?: true
  readonly portalPosts: 'ask' | 'on' | 'off'
  /** How wide the sender's own posts go. */
  readonly visibility: Visibility
  /** The messages that became this one; absent: it came as it is. */
  readonly parts?: readonly MessagePart[]
  /** What the words that may go out quote. */
  readonly linked?: LinkedPost
  /** Of a change of what is pinned. */
  readonly pins?: KnownPins
  /** Who may quote the sender's posts. */
  readonly quotePolicy: QuotePolicy
  /** The held message that a ✅ publishes or an edit changes. */
  readonly held?: HeldMessage
  readonly ids: {
    readonly object: ObjectId
    readonly activity: ActivityId
    /** For an Undo that comes before it. */
    readonly undo: ActivityId
    /** One for each choice of a vote. */
    readonly votes: readonly ActivityId[]
    /** One for each file of the message, and for each still picture of one. */
    readonly media: readonly string[]
  }
  readonly context: string
}
