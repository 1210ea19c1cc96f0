import type { Request, Response } from 'express'

/** No program at all, nothing of anybody else, and forms that lead nowhere else. */
const policy = [
  "default-src 'none'",
  ...["style-src 'self'", "img-src 'self'", "form-action 'self'"],
  ...["base-uri 'none'", "frame-ancestors 'none'"],
].join('; ')

/** Of every answer. Without a referrer of the same origin browsers would send no `Origin` with forms. */
export function guard(response: Response): void {
  response.set({
    'content-security-policy': policy,
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex, nofollow',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  })
}

export function sendHtml(response: Response, status: number, text: string): void {
  response.status(status).set('content-type', 'text/html; charset=utf-8').end(text)
}

const cookieName = 'footbridge-admin'

/** The token of the session that a browser says it has. */
export const sessionIn = ({ headers }: Request): string | undefined =>
  /(?:^|;)\s*footbridge-admin=([\w-]{44})(?:;|$)/.exec(headers.cookie ?? '')?.[1]

/** Whether the browser reaches us by TLS, which a proxy of ours ends. */
function isByTls({ headers }: Request): boolean {
  const forwarded = String(headers['x-forwarded-proto'] ?? '')
  return /^https:\/\//.test(headers.origin ?? '') || /^\s*https\b/.test(forwarded)
}

type Cookie = { readonly token: string; readonly seconds: number }

export function setSession(request: Request, response: Response, { token, seconds }: Cookie): void {
  const parts = [`${cookieName}=${token}`, 'Path=/admin', 'HttpOnly', 'SameSite=Strict']
  const secure = isByTls(request) ? ['Secure'] : []
  response.append('set-cookie', [...parts, `Max-Age=${seconds}`, ...secure].join('; '))
}

/** Whether a form of ours sends it: browsers say where a form stood. */
export function isOwnForm({ headers }: Request): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = headers
  // An old browser, or none: what else is asked for in each form has to be right.
  if (origin === undefined) return true
  return URL.parse(origin)?.host === headers.host
}
