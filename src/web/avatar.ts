import { Router, type Response } from 'express'
import type { ActorId, Mxc } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import { asActorId } from '../model/ids.ts'

export type AvatarDeps = {
  readonly publicUrl: string
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  /** Undefined when the homeserver has it no more. */
  readonly readMedia: (mxc: Mxc) => Promise<Buffer | undefined>
  /** The type the bytes really have; undefined for what is no picture. */
  readonly imageTypeOf: (bytes: Buffer) => string | undefined
}

/** One picture, kept while it is the newest asked for: followers' servers all come at once. */
type Kept = { readonly mxc: Mxc; readonly bytes: Buffer; readonly type: string }

function refuse(response: Response, status: number): void {
  response.status(status).set('cache-control', 'no-store').json({ error: 'no such picture' })
}

function send(response: Response, { bytes, type }: Kept): void {
  response
    .status(200)
    .set({
      'content-type': type,
      'cache-control': 'public, max-age=86400',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    })
    .send(bytes)
}

/**
 * `GET /actors/:id/avatar`: the picture that a local actor has now, and no other media of the
 * homeserver. Only real PNG, JPEG, GIF, WebP or AVIF: everything else could be a program.
 */
export function avatarRoutes(deps: AvatarDeps): Router {
  let kept: Kept | undefined
  const read = async (mxc: Mxc): Promise<Kept | undefined> => {
    if (kept?.mxc === mxc) return kept
    const bytes = await deps.readMedia(mxc)
    const type = bytes === undefined ? undefined : deps.imageTypeOf(bytes)
    if (bytes === undefined || type === undefined) return undefined
    kept = { mxc, bytes, type }
    return kept
  }
  const router = Router()
  router.get('/actors/:id/avatar', async (request, response) => {
    const actor = await deps.findLocalActor(
      asActorId(`${deps.publicUrl}/actors/${request.params.id}`),
    )
    const mxc = actor?.deletedAt === undefined ? actor?.avatar : undefined
    const picture = mxc === undefined ? undefined : await read(mxc)
    if (picture === undefined) refuse(response, 404)
    else send(response, picture)
  })
  return router
}
