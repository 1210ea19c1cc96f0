import type { ActivityId, ActorId, ObjectId } from './ids.ts'
import type { Audience } from './audience.ts'
import type { Feeling, Reaction, ReactionType } from './relation.ts'
import type { LocalActor } from './actor.ts'
import type { Emoji, Mention, Poll } from './content.ts'
import type { QuotePolicy, QuoteStamp } from './quote.ts'

/** A file of one of our notes. */
export type OutgoingAttachment = {
  readonly type: 'Image' | 'Video' | 'Audio' | 'Document'
  /** Below our own public URL. */
  readonly url: string
  /** Absent where nobody knows it: receivers look for themselves then. */
  readonly mediaType?: string
  /** Alt text. */
  readonly name?: string
  /** Pixels. */
  readonly width?: number
  readonly height?: number
  /** Milliseconds. */
  readonly duration?: number
  readonly blurhash?: string
  /** A still picture of it. */
  readonly icon?: Pick<OutgoingAttachment, 'url' | 'mediaType' | 'width' | 'height'>
}

/** A post that a note of ours quotes (FEP-044f). */
export type OutgoingQuote = {
  readonly id: ObjectId
  /** Its page. */
  readonly url: string
  /** Id of the QuoteAuthorization that its author gave. */
  readonly authorization?: ObjectId
}

/** Where something is, degrees (WGS 84). */
export type OutgoingPlace = {
  readonly latitude: number
  readonly longitude: number
  readonly name?: string
}

/** A note of ours, before serialisation. `content` is HTML inside the whitelist of the fediverse. */
export type OutgoingNote = Audience & {
  readonly id: ObjectId
  readonly author: ActorId
  readonly content: string
  /** What the Matrix user typed, as Markdown or plain text. */
  readonly source: string
  readonly published: number
  readonly updated?: number
  readonly url: string
  readonly inReplyTo?: ObjectId
  readonly context: string
  readonly mentions: readonly Mention[]
  readonly hashtags: readonly { readonly name: string; readonly href: string }[]
  /** Content warning. */
  readonly summary?: string
  readonly sensitive: boolean
  /** BCP 47. */
  readonly language?: string
  readonly attachments: readonly OutgoingAttachment[]
  readonly emojis: readonly Emoji[]
  readonly quote?: OutgoingQuote
  /** Who may quote it; absent where everybody who reads it is named in it. */
  readonly quotePolicy?: QuotePolicy
  readonly place?: OutgoingPlace
  /** Makes it a Question. */
  readonly poll?: Poll
  /** A ChatMessage: to one person, in no conversation. */
  readonly isChat?: boolean
  /** Our group that it is published in: that one tells its followers, and nobody tells the author's. */
  readonly group?: ActorId
}

/** A QuoteRequest or FeatureRequest that one of our actors answers. */
export type AnsweredRequest = {
  readonly id: ActivityId
  readonly actor: ActorId
  readonly object: ObjectId
  readonly instrument: ObjectId
}

/** What an Undo, Accept or Reject embeds: receivers match by its fields. */
export type InnerActivity = {
  readonly type: 'Follow' | 'Block' | ReactionType
  /** Of a reaction. */
  readonly feeling?: Feeling
  readonly id: ActivityId
  readonly actor: ActorId
  readonly object: ActorId | ObjectId
}

/** A reaction as its Undo embeds it. */
export const innerOf = ({ activityId, actor, object, ...feeling }: Reaction): InnerActivity => ({
  type: feeling.type,
  feeling,
  id: activityId,
  actor,
  object,
})

/** The group of ours that an activity is about something in. */
export const groupOf = (activity: OutgoingActivity): ActorId | undefined => {
  if (activity.type === 'create' || activity.type === 'update') return activity.note.group
  return activity.type === 'delete' ? activity.group : undefined
}

/** The post of ours that an activity brings, changes or deletes. */
export const objectOf = (activity: OutgoingActivity): ObjectId | undefined => {
  if (activity.type === 'create' || activity.type === 'update') return activity.note.id
  return activity.type === 'delete' ? activity.object : undefined
}

/** What one of our actors says. `to`/`cc` stand on the activity and, where there is one, its note. */
export type OutgoingActivity = Audience & { readonly id: ActivityId; readonly actor: ActorId } & (
    | { readonly type: 'create'; readonly note: OutgoingNote }
    | { readonly type: 'update'; readonly note: OutgoingNote }
    | {
        readonly type: 'update-actor'
        readonly subject: LocalActor
        readonly at: number
        /** It tells of new keys, so those who know the old one should be able to check it. */
        readonly isOfKeys?: true
      }
    | {
        readonly type: 'delete'
        readonly object: ObjectId
        readonly at: number
        /** That it was published in. */
        readonly group?: ActorId
      }
    /** A group tells what somebody did in it (FEP-1b12): that activity's id, its whole text on the way. */
    | { readonly type: 'pass-on'; readonly object: ActivityId }
    | { readonly type: 'delete-actor' }
    /** The actor goes on as `target`. */
    | { readonly type: 'move'; readonly target: ActorId }
    | { readonly type: 'follow' | 'block'; readonly object: ActorId | ObjectId }
    | {
        readonly type: 'react'
        readonly object: ObjectId
        readonly feeling: Feeling
        /** Milliseconds since the epoch. */
        readonly at: number
      }
    /** One choice in a poll: a note that only its author gets, and that nothing lists. */
    | {
        readonly type: 'vote'
        readonly object: ObjectId
        readonly noteId: ObjectId
        readonly choice: string
      }
    | { readonly type: 'accept' | 'reject' | 'undo'; readonly inner: InnerActivity }
    /** Asks the author of what `note` quotes. */
    | { readonly type: 'quote-request'; readonly object: ObjectId; readonly note: OutgoingNote }
    /** `stamp` is the permission; without it, it is refused. */
    | {
        readonly type: 'quote-answer'
        readonly request: AnsweredRequest
        readonly stamp?: ObjectId
      }
    /** A complaint about an account and posts of it, plain. */
    | {
        readonly type: 'flag'
        readonly objects: readonly (ActorId | ObjectId)[]
        readonly content: string
      }
    /** They may not show it. */
    | { readonly type: 'feature-answer'; readonly request: AnsweredRequest }
    /** Answers a Ping. */
    | { readonly type: 'pong'; readonly object: ActivityId }
    | { readonly type: 'revoke-quote'; readonly stamp: QuoteStamp }
    | {
        readonly type: 'feature' | 'unfeature'
        readonly object: ObjectId
        readonly collection: string
      }
  )
