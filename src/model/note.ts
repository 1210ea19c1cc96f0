import type { ActivityId, ActorId, EventId, ObjectId, RoomId, UserId } from './ids.ts'
import type { Audience, Visibility } from './audience.ts'
import type { Emoji, Mention, Poll } from './content.ts'
import type { OutgoingNote } from './outgoing.ts'

export type { Emoji, Mention, Poll } from './content.ts'

/** A file of a remote post as its server describes it; nothing of that is believed. */
export type Attachment = {
  readonly type: string
  readonly url: string
  readonly mediaType?: string
  /** Alt text. */
  readonly name?: string
  /** Pixels. */
  readonly width?: number
  readonly height?: number
  /** Milliseconds. */
  readonly duration?: number
  readonly blurhash?: string
  /** URL of a still picture of it. */
  readonly thumbnail?: string
}

/** When something takes place (`Event`). */
export type Occasion = {
  /** Milliseconds since the epoch. */
  readonly start: number
  readonly end?: number
  /** As in the IANA database. */
  readonly timezone?: string
  readonly isCancelled: boolean
}

/** A remote post of any object type that people read (Note, Article, Page, Video, Question, Event …). */
export type Note = Audience & {
  readonly id: ObjectId
  /** The wire type; `Note` where nothing special is meant. */
  readonly type: string
  readonly author: ActorId
  /** Untrusted HTML; empty when there is none. */
  readonly content: string
  readonly name?: string
  /** Plain text; a content warning on a Note. */
  readonly summary?: string
  readonly sensitive: boolean
  readonly published?: number
  readonly updated?: number
  /** The page for people. */
  readonly url?: string
  readonly inReplyTo?: ObjectId
  /** `context`, else `conversation`. */
  readonly context?: string
  readonly mentions: readonly Mention[]
  /** Groups that it says it is in (`audience`, FEP-1b12); absent for none. */
  readonly groups?: readonly ActorId[]
  readonly attachments: readonly Attachment[]
  readonly emojis: readonly Emoji[]
  /** BCP 47, where the server names it. */
  readonly language?: string
  /** The post that this one quotes. */
  readonly quote?: ObjectId
  /** It says so by FEP-044f: then the permission of who is quoted counts. */
  readonly isQuoteByConsent?: true
  /** Where that permission stands, as the post claims. */
  readonly quoteAuthorization?: ObjectId
  /** Who may quote it without asking; absent where its server does not say. */
  readonly quotableBy?: readonly string[]
  /** Another bridge made it of something on Matrix (FEP-fffd). */
  readonly isOfMatrix?: true
  readonly poll?: Poll
  readonly occasion?: Occasion
  /** Where it was written, or takes place. */
  readonly place?: string
  /** Of a video or recording, milliseconds. */
  readonly duration?: number
}

/**
 * What we keep of every object that stands in a room or that we published: what a reply, an edit
 * or a delete needs. `document` is kept for our own objects only, which must be dereferenceable.
 */
export type ObjectRecord = Audience & {
  readonly id: ObjectId
  readonly author: ActorId
  readonly isLocal: boolean
  readonly visibility: Visibility
  readonly inReplyTo?: ObjectId
  readonly context?: string
  readonly url?: string
  readonly published: number
  readonly updated?: number
  readonly deletedAt?: number
  /**
   * It came with something else (a boost, an answer, a link, the newest posts of an account): its
   * own Create still brings it to every other room that it belongs to.
   */
  readonly cameAlong?: true
  /** Our own objects: the JSON text as served. */
  readonly document?: string
  /** Our own objects: the actors mentioned in `tag`, for edits. */
  readonly mentions: readonly Mention[]
  /** Our own objects: what `document` was made from, so that an edit changes only what it names. */
  readonly note?: OutgoingNote
  /** Of others: what it asks, as its server told last. That of ours stands in `note`. */
  readonly poll?: Poll
}

/** One post that quotes another. Key: `quoting`. */
export type Quotation = {
  readonly quoting: ObjectId
  readonly quoted: ObjectId
  /** As far as it was known. */
  readonly quotedAuthor?: ActorId
  readonly authorization?: ObjectId
  /** Of a post of ours: the QuoteRequest for it. */
  readonly request?: ActivityId
  /** Of a post of another server: as it was shown, so that it can be shown again without what it quotes. */
  readonly note?: Note
}

/** What a post asks, whoever wrote it. */
export const pollIn = ({ note, poll }: ObjectRecord): Poll | undefined => note?.poll ?? poll

/** Parts of a post: 0 is its text with its first file, from 1 its further files and its poll, from here on the rest of a text that no single event can hold. */
export const firstRestPart = 500

/** From here on they are edits. */
export const firstEditPart = 1_000

/**
 * Pairs one Matrix event with one part of one object or activity in one room. The same object may
 * stand in several rooms. Key: (remoteId, roomId, part).
 */
export type Mapping = {
  readonly remoteId: ObjectId | ActivityId
  readonly roomId: RoomId
  readonly part: number
  readonly eventId: EventId
  readonly sender: UserId
  /** The event at the root of the thread this one stands in; absent for a root. */
  readonly threadRoot?: EventId
  /** URL of the file that the event shows, where it shows one of a remote post. */
  readonly media?: string
  /** The event is the poll of the post. */
  readonly isPoll?: boolean
}
