/** A body that is sent piece by piece, from its beginning whenever it is asked for. */
export type HttpSource = {
  /** Bytes, all pieces together. */
  readonly size: number
  readonly chunks: () => AsyncIterable<Uint8Array>
}

/**
 * Takes a body piece by piece; the next one comes when `write` is done, and the bytes of this one
 * may be written over then. What it throws ends the exchange.
 */
export type HttpSink = { readonly write: (chunk: Uint8Array) => void | Promise<void> }

/** One HTTP exchange over whatever network `main.ts` wires in: the world, a homeserver, or a simulation. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Instead of `body`: what need not be in memory as a whole. */
  readonly source?: HttpSource
  /** For the whole exchange, milliseconds. */
  readonly timeout: number
  /** A longer answer is a RejectedError with code `too-large`. */
  readonly maxBytes: number
  /**
   * Asked once the head of the answer is there. A sink gets the body, and `body` of the answer is
   * empty; with undefined the body is not read at all.
   */
  readonly sink?: (head: HttpHead) => HttpSink | undefined
  /** Ends the exchange early: it rejects with the reason. */
  readonly signal?: AbortSignal
}

/** Header names are lower case. Redirects are not followed: the caller decides, and signs anew. */
export type HttpHead = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

export type HttpResponse = HttpHead & { readonly body: Buffer }

/**
 * Errors: `TransientError` when nothing (or not all) was answered in time; `RejectedError` with code
 * `forbidden-address`, `forbidden-url` or `too-large` when trying again cannot help.
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>
