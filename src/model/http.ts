/** One HTTP exchange over whatever network `main.ts` wires in: the world, a homeserver, or a simulation. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** For the whole exchange, milliseconds. */
  readonly timeout: number
  /** A longer answer is a RejectedError with code `too-large`. */
  readonly maxBytes: number
}

/** Header names are lower case. Redirects are not followed: the caller decides, and signs anew. */
export type HttpResponse = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/**
 * Errors: `TransientError` when nothing (or not all) was answered in time; `RejectedError` with code
 * `forbidden-address`, `forbidden-url` or `too-large` when trying again cannot help.
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>
