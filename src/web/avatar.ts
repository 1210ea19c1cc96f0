import { Router, type Response } from 'express'
import type { ActorId, Mxc } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import { pictureOf } from '../model/actor.ts'
import { asActorId } from '../model/ids.ts'

export type AvatarDeps = {
  readonly publicUrl: string
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  /** Undefined when the homeserver has it no more. */
  readonly readMedia: (mxc: Mxc) => Promise<Buffer | undefined>
  /** The type the bytes really have; undefined for what is no picture. */
  readonly imageTypeOf: (bytes: Buffer) => string | undefined
}

/** A picture. It is kept for a while: followers' servers all come at once. */
type Kept = { readonly mxc: Mxc; readonly bytes: Buffer; readonly type: string }

/** Bytes of all pictures that are kept; a larger one is read anew each time. */
const maxKept = 2_000_000

/** Pictures by their media id; those that nobody asked for longest make room for others. */
function createKept() {
  // A Map iterates in the order of insertion, so the first is the oldest.
  const pictures = new Map<Mxc, Kept>()
  let size = 0
  const drop = (picture: Kept | undefined): void => {
    if (picture !== undefined && pictures.delete(picture.mxc)) size -= picture.bytes.length
  }
  const keep = (picture: Kept): void => {
    if (picture.bytes.length > maxKept) return
    drop(pictures.get(picture.mxc))
    pictures.set(picture.mxc, picture)
    size += picture.bytes.length
    for (const oldest of pictures.values()) {
      if (size <= maxKept) return
      drop(oldest)
    }
  }
  const find = (mxc: Mxc): Kept | undefined => {
    const picture = pictures.get(mxc)
    if (picture !== undefined) keep(picture)
    return picture
  }
  return { find, keep }
}

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

type PickPicture = (actor: LocalActor) => Mxc | undefined

/**
 * `GET /actors/:id/avatar` and `…/header`: the pictures that a local actor has now, and no other
 * media of the homeserver. Only real PNG, JPEG, GIF, WebP or AVIF: everything else could be a program.
 */
export function avatarRoutes(deps: AvatarDeps): Router {
  const kept = createKept()
  const read = async (mxc: Mxc): Promise<Kept | undefined> => {
    const known = kept.find(mxc)
    if (known !== undefined) return known
    const bytes = await deps.readMedia(mxc)
    const type = bytes === undefined ? undefined : deps.imageTypeOf(bytes)
    if (bytes === undefined || type === undefined) return undefined
    const picture = { mxc, bytes, type }
    kept.keep(picture)
    return picture
  }
  const router = Router()
  const answer = async (response: Response, id: string, pick: PickPicture): Promise<void> => {
    const actor = await deps.findLocalActor(asActorId(`${deps.publicUrl}/actors/${id}`))
    const mxc = actor === undefined || actor.deletedAt !== undefined ? undefined : pick(actor)
    const picture = mxc === undefined ? undefined : await read(mxc)
    if (picture === undefined) refuse(response, 404)
    else send(response, picture)
  }
  router.get('/actors/:id/avatar', (request, response) =>
    answer(response, request.params.id, pictureOf),
  )
  router.get('/actors/:id/header', (request, response) =>
    answer(response, request.params.id, ({ profile }) => profile?.header),
  )
  return router
}
