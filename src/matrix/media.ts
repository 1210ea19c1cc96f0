import type { Mxc } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import type { HomeserverAccess } from './request.ts'

/** An avatar; anything larger is not one. */
const largestImage = 10_000_000
const timeout = 30_000

const mxcForm = /^mxc:\/\/([A-Za-z0-9.:[\]-]+)\/([A-Za-z0-9_-]+)$/

/**
 * Reads one image from the homeserver by authenticated media (spec 1.11). Undefined when there is
 * none any more. What it really is, the caller must look at.
 */
export function createMediaReader(
  access: HomeserverAccess,
): (mxc: Mxc) => Promise<Buffer | undefined> {
  return async (mxc) => {
    const [, server, id] = mxcForm.exec(mxc) ?? []
    if (server === undefined || id === undefined) return undefined
    const response = await access.http({
      method: 'GET',
      url: `${access.baseUrl}/_matrix/client/v1/media/download/${encodeURIComponent(server)}/${id}`,
      headers: { authorization: `Bearer ${access.asToken}` },
      timeout,
      maxBytes: largestImage,
    })
    if (response.status === 200) return response.body
    if (response.status === 404) return undefined
    const what = `media ${mxc}: ${response.status}`
    if (response.status >= 500 || response.status === 429) {
      throw new TransientError(what, { of: 'homeserver', status: response.status })
    }
    throw new RejectedError(what, { status: response.status })
  }
}
