import type { ProfileEdit } from './actor.ts'
import type { ActivityId, ActorId, EventId, ObjectId, RoomId, UserId } from './ids.ts'
import type { Change } from './change.ts'
import type { Attachment, Note } from './note.ts'
import type { Emoji } from './content.ts'
import type { MatrixEvent } from './event.ts'
import type { OutgoingActivity } from './outgoing.ts'
import type { PortalSeed } from './portal.ts'
import type { GroupForm } from './server.ts'

/** Who speaks: our bot, or the ghost of a remote actor. */
export type As = 'bot' | ActorId

/** Where: a portal, made when it has no room yet, or a room that is known. */
export type Place = PortalSeed | { readonly kind: 'room'; readonly roomId: RoomId }

export type MessageText = {
  readonly msgtype: 'm.text' | 'm.notice' | 'm.emote'
  readonly body: string
  /** `org.matrix.custom.html`, inside the subset of the Matrix specification. */
  readonly html?: string
  /** Goes into `m.mentions`, which is always set; only people who are in the room. */
  readonly mentions: readonly UserId[]
  /** `external_url`: the post's own page. */
  readonly url?: string
  /** BCP 47, where the post names it. */
  readonly language?: string
  /** Pictures in `html`, at the addresses of their server: they are brought here before it is sent. */
  readonly emojis?: readonly Emoji[]
}

/** A file that a message shows, and what the message says where the file cannot be had. */
export type MessageMedia = {
  readonly attachment: Attachment
  /** Veiled by clients that can; the reason, which may be empty. */
  readonly spoiler?: string
  readonly fallback: MessageText
}

/** A poll as a message: `text` is what stands there for clients that know none. */
export type MessagePoll = {
  readonly question: string
  readonly answers: readonly { readonly id: string; readonly name: string }[]
  readonly isMultiple: boolean
}

/** What a translation wants done on Matrix. `from` and `part` name the effect: the same pair in the same place happens once. */
export type MatrixAction =
  /** Adds a mapping (from, room, part). `inReplyTo` makes it a part of that object's thread, if that stands in the room. `ts` is the post's own date, for backlog. */
  | {
      readonly do: 'send'
      readonly as: As
      readonly place: Place
      readonly from: ObjectId | ActivityId
      readonly part: number
      /** The caption, which may be empty, where there is a file. */
      readonly text: MessageText
      readonly media?: MessageMedia
      readonly poll?: MessagePoll
      readonly inReplyTo?: ObjectId
      readonly ts?: number
      /** The Update that brought this part: one that went may come again under the same number. */
      readonly cause?: ActivityId
      /** The boost that brings it: after its Undo, another one brings the same parts anew. */
      readonly boost?: ActivityId
      /** Further parts follow: until the last one stands, the post is only begun there. */
      readonly isMoreToCome?: true
    }
  | {
      readonly do: 'edit'
      readonly as: As
      readonly roomId: RoomId
      readonly target: EventId
      readonly from: ActivityId
      readonly part: number
      readonly text: MessageText
      readonly media?: MessageMedia
      readonly poll?: MessagePoll
    }
  /** Nobody can vote any more: said once, by who sent the poll, or by the bot. */
  | {
      readonly do: 'end-poll'
      readonly roomId: RoomId
      readonly target: EventId
      readonly text: string
    }
  /** Also removes the mapping of `target`. */
  | {
      readonly do: 'redact'
      readonly as: As
      readonly roomId: RoomId
      readonly target: EventId
      readonly from: ActivityId
    }
  /** Adds a mapping (from, room, 0). */
  | {
      readonly do: 'react'
      readonly as: As
      readonly roomId: RoomId
      readonly target: EventId
      readonly key: string
      /** The picture of a `:shortcode:`. */
      readonly emoji?: Emoji
      readonly from: ActivityId
    }
  /**
   * A notice of the bot; `replyTo` an event of that room. `key` names it: told once in 30 days, or
   * once for good where `model/mark.ts` says so of keys that begin like it.
   */
  | {
      readonly do: 'tell'
      readonly place: Place
      readonly text: string
      readonly html?: string
      readonly replyTo?: EventId
      readonly key: string
      readonly mentions?: readonly UserId[]
      /** A room whose link ends the text. */
      readonly link?: Place
      /** The activity that it tells of: adds a mapping (from, room, 0), by which an answer finds it. */
      readonly from?: ActivityId
    }
  | { readonly do: 'invite'; readonly place: Place; readonly userId: UserId }
  | { readonly do: 'kick'; readonly place: Place; readonly userId: UserId; readonly reason: string }
  /** Asks the author of `message` for a ✅ and keeps the message until then. */
  | {
      readonly do: 'hold'
      readonly message: MatrixEvent & { readonly type: 'message' }
      readonly text: string
    }
  /** Makes the actor portal and, once in its life, brings the newest posts of the outbox into it. */
  /** `follower`: whose follow is accepted by this. */
  | { readonly do: 'fill-portal'; readonly actorId: ActorId; readonly follower?: ActorId }
  /** Older posts of the account into its portal, oldest first, with their own dates. */
  | { readonly do: 'backfill'; readonly actorId: ActorId; readonly notes: readonly Note[] }
  /** Pins what stands in that room for a post, or takes it off. */
  | {
      readonly do: 'pin'
      readonly roomId: RoomId
      readonly object: ObjectId
      readonly isPinned: boolean
    }
  /** A profile as it is when its turn comes, changed in these parts, and told. */
  | { readonly do: 'edit-profile'; readonly actorId: ActorId; readonly edit: ProfileEdit }
  /** Ghost leaves every room, its portal is closed. */
  | { readonly do: 'retire-actor'; readonly actorId: ActorId }

/** Committed together, after the Matrix actions: the activity is delivered to every distinct inbox of `recipients`, and of the accepted followers of the actor when `toFollowers` (what is published in a group: its group tells its own), and to `inboxes`. */
export type PublishAction = {
  readonly do: 'publish'
  readonly activity: OutgoingActivity
  readonly recipients: readonly ActorId[]
  readonly toFollowers: boolean
  /** Inboxes that got an earlier version. */
  readonly inboxes: readonly string[]
  /**
   * The order it must keep at each inbox: an object's id, the `context` that a private
   * conversation shares, or `<actor> <actor>` for relations.
   */
  readonly order: string
  /** A group tells its followers of a post: each of their servers in the form that it reads, and in no other. */
  readonly telling?: {
    readonly object: ObjectId
    readonly author: ActorId
    readonly form: GroupForm
    /** The post is gone: whoever has it must hear of that, although a block stands. */
    readonly isEnd?: true
  }
}

export type CommitAction = { readonly do: 'commit'; readonly changes: readonly Change[] }

export type Action = MatrixAction | PublishAction | CommitAction

/** Why nothing came of it, counted and logged under this name. */
export type SkipReason =
  | 'unsupported'
  | 'no-place'
  | 'no-content'
  | 'not-an-actor'
  | 'not-permitted'
  | 'unknown-target'
  | 'already-known'
  | 'deleted'
  | 'not-the-owner'
  | 'blocked'
  /** By the admin, the whole domain. */
  | 'domain-blocked'
  | 'own-echo'
  | 'not-public'
  | 'unwanted'
  | 'enough-of-strangers'
  | 'no-such-choice'
  | 'poll-over'
  | 'too-many-reports'
  | 'over-limit'
  /** In a room that is a group, by who has not agreed to appear there. */
  | 'no-consent'

/** What a translation decided. A skip may still come with something to tell. */
export type Translation =
  | { readonly actions: readonly Action[] }
  | { readonly skip: SkipReason; readonly actions?: readonly Action[] }
