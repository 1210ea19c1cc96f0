import type { HttpSource } from '../model/http.ts'
import type { Mxc } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { toMxc } from './fields.ts'
import { downloadPath } from './media.ts'
import { need, unlessRefused, type Caller, type HomeserverAccess } from './request.ts'

export type Upload = {
  readonly source: HttpSource
  readonly mediaType: string
  readonly name?: string
}

const timeout = 30_000
/** How long a limit is believed, milliseconds: asked for before each upload it also tells whether anybody is there. */
const limitKept = 60_000

/**
 * While the homeserver answers other calls, an upload that fails is that upload's trouble: a proxy
 * cuts what is too large for it, a disk is full. It must not be waited for as for a homeserver that
 * is away, which is without end.
 */
async function explain(error: unknown, call: Caller): Promise<unknown> {
  if (!(error instanceof TransientError) || error.status === 429) return error
  if (error.status === 413)
    return new RejectedError(error.message, { cause: error, status: 413, code: 'M_TOO_LARGE' })
  await call({ method: 'GET', path: ['client', 'versions'] })
  const { status } = error
  return new TransientError(`upload: ${error.message}`, {
    cause: error,
    ...(status === undefined ? {} : { status }),
  })
}

/** The homeserver's own limit in bytes; undefined where it states none. */
async function askLimit(call: Caller): Promise<number | undefined> {
  const get = (...path: readonly string[]) => call({ method: 'GET', path })
  const asked = get('client', 'v1', 'media', 'config')
  // Before spec 1.11.
  const answer = await unlessRefused(asked, [404, 405], () => get('media', 'v3', 'config'))
  const size = answer['m.upload.size']
  return typeof size === 'number' && size > 0 ? size : undefined
}

export function uploads(call: Caller, access: HomeserverAccess) {
  let known: { readonly limit: number | undefined; readonly at: number } | undefined
  return {
    upload: async ({ source, mediaType, name }: Upload): Promise<Mxc> => {
      try {
        const answer = await call({
          method: 'POST',
          path: ['media', 'v3', 'upload'],
          ...(name === undefined ? {} : { query: { filename: name } }),
          file: { source, mediaType },
          // A second copy harms nobody.
          isIdempotent: true,
        })
        return need(toMxc(answer['content_uri']), 'content_uri')
      } catch (error) {
        throw await explain(error, call)
      }
    },
    uploadLimit: async (): Promise<number | undefined> => {
      const now = access.clock.now()
      if (known === undefined || Math.abs(now - known.at) > limitKept)
        known = { limit: await askLimit(call), at: now }
      return known.limit
    },
    hasMedia: async (mxc: Mxc): Promise<boolean> => {
      const path = downloadPath(mxc)
      if (path === undefined) return false
      const { status } = await access.http({
        method: 'GET',
        url: `${access.baseUrl.replace(/\/+$/, '')}${path}`,
        headers: { authorization: `Bearer ${access.asToken}` },
        timeout,
        maxBytes: Number.MAX_SAFE_INTEGER,
        sink: () => undefined,
      })
      return status !== 404
    },
  }
}
