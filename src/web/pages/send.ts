import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Html } from './html.ts'
import { robotsOf, toDocument, type Head } from './layout.ts'

export type Page = { readonly head: Head; readonly main: Html }

type Exchange = { readonly request: Request; readonly response: Response }

/**
 * No program at all, and nothing of anybody else. A browser holds where a form leads against
 * `form-action` even after a redirect, and ours lead to any server there is.
 */
const policyOf = (publicUrl: string): string =>
  [
    "default-src 'none'",
    ...["style-src 'self'", "img-src 'self'", "media-src 'self'"],
    `form-action 'self' https:${publicUrl.startsWith('http:') ? ' http:' : ''}`,
    ...["base-uri 'none'", "frame-ancestors 'none'"],
  ].join('; ')

/**
 * The same address answers servers with a document, and some caches do not look at `Vary`: nobody but
 * the reader's browser keeps a page, and it asks again each time.
 */
function fixedHeaders(response: Response): void {
  response.set({
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    vary: 'Accept, Signature, Signature-Input',
  })
}

type Body = { readonly text: string; readonly type: string }

function finish({ request, response }: Exchange, { text, type }: Body): void {
  const isFine = response.statusCode === 200
  response.set('content-type', type)
  response.set('cache-control', isFine ? 'private, no-cache' : 'no-store')
  if (isFine) {
    response.set('etag', `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`)
    if (request.fresh) {
      response.status(304).end()
      return
    }
  }
  response.end(text)
}

/** Answers with a page; the status is set before where it is not 200. */
export function sendPage(exchange: Exchange, { head, main }: Page, publicUrl: string): void {
  const { response } = exchange
  fixedHeaders(response)
  response.set('content-security-policy', policyOf(publicUrl))
  response.set('x-robots-tag', robotsOf(head))
  finish(exchange, { text: toDocument(head, main, publicUrl), type: 'text/html; charset=utf-8' })
}

export function sendFeed(exchange: Exchange, text: string, isIndexed: boolean): void {
  fixedHeaders(exchange.response)
  exchange.response.set({
    'content-security-policy': "default-src 'none'; sandbox",
    'x-robots-tag': robotsOf({ title: '', isIndexed }),
    'access-control-allow-origin': '*',
  })
  finish(exchange, { text, type: 'application/atom+xml; charset=utf-8' })
}
