import type { ActorId } from './ids.ts'

export type Mention = { readonly actorId: ActorId; readonly name: string }

/** A picture that stands for `:shortcode:` in the text of one server. */
export type Emoji = {
  /** Without colons. */
  readonly shortcode: string
  readonly url: string
}

export type PollOption = {
  readonly name: string
  readonly votes: number
  /** What votes in Matrix call it, where the poll was begun there. */
  readonly answerId?: string
  /** As its author formatted it in Matrix, untrusted; until it is published. */
  readonly html?: string
}

export type Poll = {
  readonly options: readonly PollOption[]
  /** Several answers may be chosen. */
  readonly isMultiple: boolean
  /** Milliseconds since the epoch; when it ends, or has ended. */
  readonly endTime?: number
  readonly isClosed: boolean
  /** How many people voted, where the server tells. */
  readonly voters?: number
  /** Nobody sees the counts before the end. */
  readonly isSecret?: boolean
}
