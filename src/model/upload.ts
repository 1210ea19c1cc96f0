import type { FileFacts } from './file.ts'
import type { Mxc } from './ids.ts'

/** What a file of the fediverse is for: that decides how large it may be, and what. */
export type UploadKind = 'attachment' | 'thumbnail' | 'avatar' | 'emoji'

/** A file of the fediverse as it stands on our homeserver. */
export type UploadedFile = FileFacts & {
  readonly mxc: Mxc
  /** Bytes. */
  readonly size: number
}

/** What came of one URL. Key: `url`. */
export type Upload = {
  readonly url: string
  /** Absent: its server does not give it to us, and said so for good. */
  readonly file?: UploadedFile
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number
  /** When it was last found to be still there; at most once a day. */
  readonly usedAt: number
}

/** How files of posts marked as sensitive are shown: veiled where the client can, as a link only, or as any other. */
export type SensitiveMedia = 'spoiler' | 'link' | 'show'

/** How reactions with a custom emoji are shown: by its name, or as a picture (MSC4027) where the client can. */
export type EmojiReactions = 'text' | 'picture'

/** What the admin decided about files of the fediverse (`media` of the configuration). */
export type MediaRules = {
  /** Bytes; absent: what the homeserver takes. */
  readonly maxSize?: number
  readonly sensitive: SensitiveMedia
  readonly emojiReactions: EmojiReactions
}
