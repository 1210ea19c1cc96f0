import type { RoomId } from './ids.ts'

/**
 * The two errors that the queue understands. Everything else that is thrown is a bug and goes to
 * the dead letters with its stack.
 */

/** Worth another try: the other side is away, slow or busy. */
export class TransientError extends Error {
  override readonly name = 'TransientError'
  /** When the other side asked to be left alone until, milliseconds since the epoch. */
  readonly retryAt: number | undefined
  /** `homeserver`: our own homeserver is away; such tries do not count. */
  readonly of: 'homeserver' | 'remote'
  /** The HTTP status where there was one. */
  readonly status: number | undefined
  /** The next try comes by then, for it will do without what was missing; milliseconds since the epoch. */
  readonly noLaterThan: number | undefined
  constructor(
    message: string,
    options: {
      cause?: unknown
      retryAt?: number
      noLaterThan?: number
      of?: 'homeserver' | 'remote'
      status?: number
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.retryAt = options.retryAt
    this.noLaterThan = options.noLaterThan
    this.of = options.of ?? 'remote'
    this.status = options.status
  }
}

/** Final: trying again cannot help. `tell` is safe to show to the user. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError'
  readonly tell: string | undefined
  readonly status: number | undefined
  /** Machine-readable reason (a Matrix errcode, or one of ours). */
  readonly code: string | undefined
  /** The room that it was refused in. */
  readonly roomId: RoomId | undefined
  constructor(
    message: string,
    options: {
      cause?: unknown
      tell?: string
      status?: number
      code?: string
      roomId?: RoomId
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.roomId = options.roomId
    this.tell = options.tell
    this.status = options.status
    this.code = options.code
  }
}
