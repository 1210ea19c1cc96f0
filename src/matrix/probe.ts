import type { UserId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { pageOf, type Trouble } from '../model/trouble.ts'
import { listAt, toText, toUserId } from './fields.ts'
import { createCaller, v3, type HomeserverAccess } from './request.ts'

/** What start-up, `check` and `/ready` ask of the homeserver. */
export type HomeserverProbe = {
  /**
   * Has the homeserver call us back (spec 1.7). `reached` means that it did and, with Synapse, that
   * what it held back while we were away comes at once. `unknown`: it has no such call, as Dendrite.
   * Never throws; why we were not reached is logged.
   */
  ping(): Promise<'reached' | 'unreached' | 'unknown'>
  /** Versions of the specification that it speaks. Needs no token. */
  versions(): Promise<readonly string[]>
  /** Whom our token acts as; `TransientError` with status 401 when the homeserver does not know it. */
  whoami(): Promise<UserId>
}

/** Which page tells what to do about that answer of the homeserver. */
export function troubleOfHomeserver(error: unknown): Trouble {
  const text = error instanceof Error ? error.message : ''
  if (/M_UNKNOWN_TOKEN|: 401 /.test(text)) return 'registration-not-loaded'
  if (/M_EXCLUSIVE/.test(text)) return 'bot-taken'
  if (/is not hosted on this homeserver/i.test(text)) return 'wrong-server-name'
  if (/M_BAD_STATUS/.test(text)) return 'another-bridge'
  if (/M_CONNECTION_|M_URL_NOT_SET/.test(text)) return 'homeserver-cannot-reach-us'
  if (/without errcode/.test(text)) return 'not-a-homeserver'
  return error instanceof RejectedError ? 'homeserver-refused' : 'homeserver-unreachable'
}

const errorText = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')

/** `appserviceId` is the `id` of the registration. */
export function createHomeserverProbe(
  access: HomeserverAccess & { readonly appserviceId: string },
): HomeserverProbe {
  const call = createCaller(access)
  return {
    ping: async () => {
      try {
        await call({
          method: 'POST',
          path: ['client', 'v1', 'appservice', access.appserviceId, 'ping'],
        })
        return 'reached'
      } catch (error) {
        if (!(error instanceof TransientError) && !(error instanceof RejectedError)) throw error
        if (error instanceof RejectedError && error.code === 'M_UNRECOGNIZED') return 'unknown'
        const see = pageOf(troubleOfHomeserver(error))
        access.log.warn({ reason: errorText(error), see }, 'the homeserver did not reach us')
        return 'unreached'
      }
    },
    versions: async () => {
      const answer = await call({ method: 'GET', path: ['client', 'versions'] })
      return listAt(answer, 'versions').filter((version) => typeof version === 'string')
    },
    whoami: async () => {
      const answer = await call({ method: 'GET', path: v3('account', 'whoami') })
      const userId = toUserId(toText(answer['user_id'], 255))
      if (userId === undefined)
        throw new TransientError('whoami without user_id', { of: 'homeserver' })
      return userId
    },
  }
}
