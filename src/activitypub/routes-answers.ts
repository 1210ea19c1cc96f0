import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../model/clock.ts'

export const activityJson = 'application/activity+json; charset=utf-8'

type Reply = { readonly type: string; readonly headers?: Readonly<Record<string, string>> }

/** Exact content types: Mastodon, Akkoma and Misskey look at them. */
export function send(response: ServerResponse, body: string | object, reply: Reply): void {
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
  response.setHeader('content-type', reply.type)
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

export function fail(response: ServerResponse, status: number, reason: string): void {
  response.statusCode = status
  if (status === 503) response.setHeader('retry-after', '60')
  send(response, { error: reason }, { type: 'application/json; charset=utf-8' })
}

/**
 * Answers a request that failed: a lookup that fails is never a 404 or 410, for those would make other
 * servers forget the account. False: the answer has begun already, and whoever is next must end it.
 */
export function answerTrouble(
  response: ServerResponse,
  error: unknown,
  { request, log }: { readonly request: IncomingMessage; readonly log: Log },
): boolean {
  // The sender went away in the middle: anybody can, and nobody is left to answer.
  if (error === request.errored) return true
  // A path that does not decode is the reader's mistake.
  if (error instanceof URIError) {
    fail(response, 400, 'the path is malformed')
    return true
  }
  const [path] = (request.url ?? '').split('?', 1)
  log.error({ err: error, path }, 'request failed')
  if (response.headersSent) return false
  fail(response, 503, 'try again later')
  return true
}

/**
 * What depends on who asks. Caches must not hand to one what another may see, nor the refusal of one to
 * another; some do not look at `Vary`.
 */
export function personal(response: ServerResponse): void {
  response.setHeader('vary', 'Accept, Signature, Signature-Input')
  response.setHeader('cache-control', 'private, no-store')
}

const activityTypes = /application\/(?:activity|ld)\+json/i

/** Whether the reader asks for ActivityStreams by name. */
export const asksForActivity = ({ headers }: IncomingMessage): boolean =>
  activityTypes.test(headers.accept ?? '')

/** Whether it is a browser: those ask for HTML, and never for ActivityStreams. */
export const asksForPage = (request: IncomingMessage): boolean =>
  /text\/html/i.test(request.headers.accept ?? '') && !asksForActivity(request)
