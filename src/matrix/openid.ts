import type { Clock } from '../model/clock.ts'
import type { Http } from '../model/http.ts'
import type { UserId } from '../model/ids.ts'
import { TransientError } from '../model/errors.ts'
import { createLimit } from '../model/limits.ts'
import { splitMatrixId } from '../model/names.ts'
import { recordIn, toText, toUserId } from './fields.ts'

/** Tokens to ask the homeserver about: anybody can make some up. */
const allTokens = { most: 120, within: 60_000 }
const longestToken = 1_000
const timeout = 10_000
const maxAnswer = 64 * 1024

export type OpenIdOptions = {
  readonly http: Http
  /** The homeserver's. */
  readonly baseUrl: string
  readonly serverName: string
  /** Takes one look for that visitor: 0, or the milliseconds after which it may be tried again. */
  readonly take: (visitor: string) => number
  readonly clock: Clock
}

export type OpenIdCheck = (
  token: string,
  visitor: string,
) => Promise<UserId | 'unknown' | 'too-often'>

const subjectOf = (body: Buffer): UserId | undefined =>
  toUserId(toText(recordIn(body)?.['sub'], 255))

/**
 * Whose OpenID token that is (`POST /user/{id}/openid/request_token`), as our homeserver says
 * (`/_matrix/federation/v1/openid/userinfo`). `unknown` for tokens that are not good, and for users
 * of other servers, for whom it has no say. `TransientError` when it cannot say.
 */
export function createOpenIdCheck({
  http,
  baseUrl,
  serverName,
  take,
  clock,
}: OpenIdOptions): OpenIdCheck {
  const mayAsk = createLimit(allTokens, clock)
  return async (token, visitor) => {
    if (token === '' || token.length > longestToken) return 'unknown'
    // The number of all is not for one who makes them up.
    if (take(visitor) > 0 || !mayAsk()) return 'too-often'
    const query = new URLSearchParams({ access_token: token }).toString()
    const { status, body } = await http({
      method: 'GET',
      url: `${baseUrl}/_matrix/federation/v1/openid/userinfo?${query}`,
      headers: { accept: 'application/json' },
      timeout,
      maxBytes: maxAnswer,
    })
    if (status === 401 || status === 403) return 'unknown'
    const userId = status === 200 ? subjectOf(body) : undefined
    if (userId === undefined)
      throw new TransientError(`openid/userinfo: ${status}`, { of: 'homeserver', status })
    return splitMatrixId(userId, '@')?.serverName === serverName ? userId : 'unknown'
  }
}
