import type { Mxc, ObjectId } from './ids.ts'

export type MediaKind = 'image' | 'video' | 'audio' | 'file'

/** A file of a Matrix message as its client describes it; nothing of that is believed. */
export type Media = {
  readonly kind: MediaKind
  readonly mxc: Mxc
  /** File name. */
  readonly name?: string
  /** `type/subtype`, lower case, without parameters. */
  readonly mediaType?: string
  /** Bytes. */
  readonly size?: number
  /** Pixels. */
  readonly width?: number
  readonly height?: number
  /** Milliseconds. */
  readonly duration?: number
  readonly blurhash?: string
  /** A still picture of a film. */
  readonly thumbnail?: Thumbnail
  /** What it shows, for those who cannot see it. */
  readonly alt?: string
  /** It is veiled; the reason, which may be empty. */
  readonly spoiler?: string
}

export type Thumbnail = Pick<Media, 'mxc' | 'mediaType' | 'size' | 'width' | 'height'>

/**
 * A file that one of our notes carries: it, and no other media of the homeserver, can be read by
 * everybody who has its URL `<public URL>/media/<id>`.
 */
export type PublishedMedia = {
  /** 22 characters that nobody can guess. */
  readonly id: string
  readonly mxc: Mxc
  readonly object: ObjectId
  /** Which of the events that the note was made of it came with, as in their mappings. */
  readonly part: number
  readonly name?: string
  /** As the client stated it. */
  readonly mediaType?: string
  readonly size?: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** What of a published file its reader is served. */
export type ServedFile = Omit<PublishedMedia, 'object' | 'part'> & {
  /** Nothing else may stand there. */
  readonly isPicture?: true
}

/** Who may have a published file: everybody, whoever knows its URL, or nobody any more. */
export type MediaAccess = 'public' | 'private' | 'gone'
