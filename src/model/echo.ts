import { createHmac } from 'node:crypto'
import { isSameSecret } from './same-secret.ts'

/*
 * How the doctor sees what a reverse proxy makes of a request: it sends one to its own public URL and
 * is told what arrived. Only who knows `hs_token` is answered, and the answer proves that it comes
 * from the bridge of that token.
 */

export const echoPath = '/.well-known/footbridge-echo'
/** Carries `<milliseconds since the epoch>.<proof>`. */
export const echoHeader = 'footbridge-echo'

/** What arrived. */
export type Echo = {
  /** Of the bridge that answers, for the question's time. */
  readonly proof: string
  readonly method: string
  /** Path and query as they stood on the request line. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Bytes of the body. */
  readonly size: number
}

/** How far the clocks of who asks and who answers may be apart: both are one bridge. */
const window = 600_000

const sealOf = (hsToken: string, text: string): string =>
  createHmac('sha256', hsToken).update(`footbridge echo ${text}`).digest('base64url')

/** The value of `echoHeader`. */
export const echoQuestion = (hsToken: string, now: number): string =>
  `${now}.${sealOf(hsToken, `question ${now}`)}`

/** When it was asked, where who asks knows the token and asks now; else undefined. */
export function readQuestion(header: string, hsToken: string, now: number): number | undefined {
  const [, digits = '', seal = ''] = /^(\d{1,15})\.([\w-]{43})$/.exec(header) ?? []
  const at = Number(digits)
  if (digits === '' || Math.abs(now - at) > window) return undefined
  return isSameSecret(seal, sealOf(hsToken, `question ${at}`)) ? at : undefined
}

export const echoProof = (hsToken: string, asked: number): string =>
  sealOf(hsToken, `answer ${asked}`)
