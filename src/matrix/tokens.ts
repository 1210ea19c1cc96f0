import type { Clock, Log } from '../model/clock.ts'
import type { Http, HttpRequest, HttpResponse } from '../model/http.ts'
import { isSameSecret } from '../model/same-secret.ts'
import { recordIn } from './fields.ts'

/** Tokens of the registration; those before it are good until then, milliseconds since the epoch. */
export type Tokens = {
  readonly asToken: string
  readonly hsToken: string
  readonly previous?: { readonly asToken: string; readonly hsToken: string; readonly until: number }
}

type Means = { readonly clock: Clock; readonly log: Log }

/** Whether the homeserver is who shows that token. */
export function checkingToken(
  { hsToken, previous }: Omit<Tokens, 'asToken'>,
  { clock, log }: Means,
): (token: string) => boolean {
  let isTold = previous === undefined
  return (token) => {
    const isCurrent = isSameSecret(token, hsToken)
    const isOld = previous !== undefined && isSameSecret(token, previous.hsToken)
    if (isCurrent && !isTold) {
      isTold = true
      log.info({}, 'the homeserver shows the new hs_token')
    }
    return isCurrent || (isOld && clock.now() < previous.until)
  }
}

/** A body that went to a sink was of a good answer: the word of any other is in its status alone. */
function isUnknownToken({ status, body }: HttpResponse, { sink }: HttpRequest): boolean {
  if (status !== 401) return false
  if (sink !== undefined) return true
  return recordIn(body)?.['errcode'] === 'M_UNKNOWN_TOKEN'
}

/**
 * Requests to the homeserver with whichever of both as_tokens it knows: it is restarted with the new
 * registration before us, after us, or days later. One that it does not know did nothing, so the same
 * request is sent once more with the other. The clients of one homeserver share what they learn.
 */
export function choosingToken(
  { asToken, previous }: Omit<Tokens, 'hsToken'>,
  { clock, log }: Means,
): (http: Http) => Http {
  if (previous === undefined) return (http) => http
  let inUse = asToken
  const show = (token: string) => {
    if (inUse === token) return
    inUse = token
    log.info({ isNew: token === asToken }, 'the homeserver knows another as_token now')
  }
  return (http) => async (request) => {
    if (request.headers['authorization'] !== `Bearer ${asToken}`) return http(request)
    const send = (token: string): Promise<HttpResponse> =>
      http({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } })
    const isOver = clock.now() >= previous.until
    const token = isOver ? asToken : inUse
    const first = await send(token)
    if (isOver || !isUnknownToken(first, request)) return first
    const other = token === asToken ? previous.asToken : asToken
    const second = await send(other)
    if (isUnknownToken(second, request)) return first
    show(other)
    return second
  }
}
