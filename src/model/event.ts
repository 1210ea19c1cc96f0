import type { EventId, Mxc, RoomId, UserId } from './ids.ts'
import type { ImagePack, NamedPicture } from './emoji.ts'
import type { Media } from './media.ts'
import type { Poll } from './content.ts'
import type { OutgoingPlace } from './outgoing.ts'

/** Relations of a message that matter to us (`m.relates_to`). */
export type Relation = {
  readonly replyTo?: EventId
  readonly threadRoot?: EventId
  /** `m.in_reply_to` stands there only for clients without threads. */
  readonly isFallback: boolean
}

export type Membership = 'invite' | 'join' | 'leave' | 'ban' | 'knock'

type Common = {
  readonly eventId: EventId
  readonly roomId: RoomId
  readonly sender: UserId
  /** `origin_server_ts`, milliseconds. */
  readonly ts: number
}

/** Text of a message; `html` is untrusted `formatted_body`. Reply fallbacks are already stripped. */
export type Text = {
  readonly body: string
  readonly html?: string
  readonly mentions: readonly UserId[]
  /** Custom emoji that `body` names, where there is no HTML to show them. */
  readonly pictures?: readonly NamedPicture[]
}

export type MessageKind = 'text' | 'emote' | 'notice' | 'media' | 'location' | 'poll' | 'other'

/** What a message says. */
type Content = {
  readonly kind: MessageKind
  /** Of media: the caption; empty where there is none. */
  readonly text: Text
  /** Empty, too, for media of which something cannot be read (encrypted, or without a file). */
  readonly media: readonly Media[]
  /** Of a location. */
  readonly place?: OutgoingPlace
  /** Of a poll, whose question is the text. */
  readonly poll?: Poll
}

export type MatrixEvent = Common &
  (
    | (Content & { readonly type: 'message'; readonly relation: Relation })
    | (Content & { readonly type: 'edit'; readonly target: EventId })
    | { readonly type: 'redaction'; readonly target: EventId }
    | {
        readonly type: 'reaction'
        readonly target: EventId
        readonly key: string
        /** What the picture is called whose address is the key (MSC4027). */
        readonly shortcode?: string
      }
    /** The sender's choice from now on, in the order of its ids; empty: none any more. */
    | { readonly type: 'vote'; readonly target: EventId; readonly answers: readonly string[] }
    | { readonly type: 'poll-end'; readonly target: EventId }
    /** Pictures that a room offers for its messages; none: not any more. */
    | {
        readonly type: 'image-pack'
        readonly pack: Omit<ImagePack, 'roomId'>
      }
    | {
        readonly type: 'member'
        readonly user: UserId
        readonly membership: Membership
        /** `unsigned.prev_content.membership`; absent for a first one. */
        readonly previous?: Membership
        readonly displayName?: string
        readonly avatar?: Mxc
        readonly isDirect: boolean
      }
    /** The room goes on in another one, or so it is said. */
    | { readonly type: 'tombstone'; readonly replacement: RoomId }
    /** `m.room.encryption` state was set. */
    | { readonly type: 'encryption' }
    /** An encrypted message, which we cannot read. */
    | { readonly type: 'encrypted' }
    /** A rule of a policy list came, changed or went. */
    | { readonly type: 'policy' }
    /** What is pinned in the room from now on, in the order of pinning. */
    | { readonly type: 'pins'; readonly pinned: readonly EventId[] }
    /** Well-formed, not bridged: counted under `name`. */
    | { readonly type: 'other'; readonly name: string }
  )
