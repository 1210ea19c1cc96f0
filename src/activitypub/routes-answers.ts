import type { IncomingMessage, ServerResponse } from 'node:http'

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
