import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'

import type { HttpRequest, HttpResponse, HttpSink } from '../model/http.ts'
import { RejectedError, TransientError } from '../model/errors.ts'

export type Target = {
  readonly origin: string
  /** Path and query. */
  readonly path: string
  /** Whose absence a failure means; see `TransientError.of`. */
  readonly of: 'homeserver' | 'remote'
  /** Told when a piece of a body is done with. */
  readonly release?: (chunk: Uint8Array) => void
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

function toHttpError(error: unknown, request: HttpRequest, target: Target): unknown {
  if (error instanceof RejectedError || error instanceof TransientError) return error
  const code = codeOf(error)
  // Invalid arguments are our own mistake: a bug, not weather.
  if (code === 'UND_ERR_INVALID_ARG') return error
  const where = `${request.method} ${target.origin}`
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new RejectedError(`${where}: headers too large`, { code: 'too-large', cause: error })
  }
  const why = error instanceof Error && error.message !== '' ? error.message : String(code)
  return new TransientError(`${where}: ${why}`, { cause: error, of: target.of })
}

const toError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error))

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>) {
  const flat: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return flat
}

/**
 * Collects one answer. It sits directly on the dispatcher, below undici's `request()`, because a
 * stream per answer costs more than the answer.
 */
class Collector implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest
  readonly #target: Target
  readonly #resolve: (response: HttpResponse) => void
  readonly #reject: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  #sink: HttpSink | undefined
  /** What the sink has not taken yet. */
  #writing: Promise<void> = Promise.resolve()
  #isWriting = false
  #controller: Dispatcher.DispatchController | undefined
  #failure: unknown
  #size = 0
  #announced = 0
  #status = 0
  #headers: Record<string, string> = {}

  constructor(
    exchange: { readonly request: HttpRequest; readonly target: Target },
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#request = exchange.request
    this.#target = exchange.target
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => {
      const after = `timed out after ${String(this.#request.timeout)} ms`
      this.#fail(new TransientError(`${this.#where()}: ${after}`, { of: this.#target.of }))
    }, this.#request.timeout)
    const { signal } = this.#request
    if (signal?.aborted === true) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // The time ran out while it waited for a connection: nothing of it may be sent any more.
    if (this.#failure !== undefined) controller.abort(this.#asError())
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // 103 and its like come before the answer itself.
    if (status < 200) return
    this.#status = status
    this.#headers = flatten(headers)
    if (this.#request.sink !== undefined && !this.#askForSink(this.#request.sink)) return
    this.#announced = Number(this.#headers['content-length'] ?? 0)
    if (this.#announced > this.#request.maxBytes && this.#request.method !== 'HEAD')
      this.#tooLarge()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > this.#request.maxBytes) this.#tooLarge()
    else if (this.#sink === undefined) this.#chunks.push(chunk)
    // The parser says nothing, in so many bytes, each time it goes on.
    else if (chunk.length > 0) this.#write(this.#sink, chunk, controller)
  }

  onResponseEnd(): void {
    void this.#writing.then(() => {
      if (this.#failure !== undefined) return
      const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined
      this.#finish(only ?? Buffer.concat(this.#chunks))
    })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle()
    this.#reject(toHttpError(error, this.#request, this.#target))
  }

  /** Whether there is one. Otherwise the head was all that was wanted, and the connection goes. */
  #askForSink(sink: NonNullable<HttpRequest['sink']>): boolean {
    try {
      this.#sink = sink({ status: this.#status, headers: this.#headers })
    } catch (error) {
      this.#fail(toError(error))
      return false
    }
    if (this.#sink !== undefined) return true
    this.#finish(Buffer.alloc(0))
    this.#controller?.abort(new Error('only the head was wanted'))
    return false
  }

  /** Nothing more is read from the socket until the sink has taken this; most take it at once. */
  #write(sink: HttpSink, chunk: Buffer, controller: Dispatcher.DispatchController): void {
    const taken = this.#isWriting
      ? this.#writing.then(() => (this.#failure === undefined ? sink.write(chunk) : undefined))
      : this.#writeNow(sink, chunk)
    if (taken === undefined) {
      this.#target.release?.(chunk)
      return
    }
    // Small servers close after the last byte. Who is paused then has not seen that it was the last.
    if (this.#size !== this.#announced) controller.pause()
    this.#isWriting = true
    const writing = taken.then(
      () => {
        this.#target.release?.(chunk)
        // Another piece came before the pause was heard.
        if (this.#writing !== writing) return
        this.#isWriting = false
        controller.resume()
      },
      (error: unknown) => this.#fail(toError(error)),
    )
    this.#writing = writing
  }

  #writeNow(sink: HttpSink, chunk: Buffer): void | Promise<void> {
    try {
      return sink.write(chunk)
    } catch (error) {
      this.#fail(toError(error))
    }
  }

  readonly #onAbort = (): void => this.#fail(toError(this.#request.signal?.reason))

  /** Nobody waits for it any more. */
  #settle(): void {
    clearTimeout(this.#timer)
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
  }

  #finish(body: Buffer): void {
    this.#settle()
    this.#resolve({ status: this.#status, headers: this.#headers, body })
  }

  #where(): string {
    return `${this.#request.method} ${this.#target.origin}`
  }

  #asError(): Error {
    return this.#failure instanceof Error ? this.#failure : new Error('aborted')
  }

  #tooLarge(): void {
    const limit = `answer longer than ${String(this.#request.maxBytes)} bytes`
    this.#fail(new RejectedError(`${this.#where()}: ${limit}`, { code: 'too-large' }))
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#settle()
    this.#reject(error)
    this.#controller?.abort(error)
  }
}

function bodyOf({ headers, body, source }: HttpRequest) {
  if (source === undefined) return { headers, body: body ?? null }
  return {
    headers: { ...headers, 'content-length': String(source.size) },
    body: Readable.from(source.chunks(), { objectMode: false }),
  }
}

/**
 * One request over a dispatcher, bounded in time and size, without redirects. Errors are those of
 * the `Http` port.
 */
export function exchange(
  dispatcher: Dispatcher,
  target: Target,
  request: HttpRequest,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(
      {
        origin: target.origin,
        path: target.path,
        method: request.method,
        ...bodyOf(request),
      },
      new Collector({ request, target }, resolve, reject),
    )
  })
}
