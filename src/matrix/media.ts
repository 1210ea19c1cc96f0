import type { Mxc } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { partsOfMxc } from './fields.ts'
import type { HomeserverAccess } from './request.ts'

/** An avatar; anything larger is not one. */
const largestImage = 10_000_000
const timeout = 30_000

/** Of authenticated media (spec 1.11); undefined for what is no media id. */
export function downloadPath(mxc: Mxc): string | undefined {
  const parts = partsOfMxc(mxc)
  return parts === undefined
    ? undefined
    : `/_matrix/client/v1/media/download/${encodeURIComponent(parts.server)}/${parts.id}`
}

/**
 * Reads one image from the homeserver by authenticated media (spec 1.11). Undefined when there is
 * none any more. What it really is, the caller must look at.
 */
export function createMediaReader(
  access: HomeserverAccess,
): (mxc: Mxc) => Promise<Buffer | undefined> {
  return async (mxc) => {
    const path = downloadPath(mxc)
    if (path === undefined) return undefined
    const response = await access.http({
      method: 'GET',
      url: `${access.baseUrl}${path}`,
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
