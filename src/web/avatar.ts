import { Router, type Response } from 'express'
import type { ActorId, Mxc } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import { headerOf, pictureOf } from '../model/actor.ts'
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

/** Reads a picture once for all who ask while it is read, or while its bytes are still being sent. */
function createReading({ readMedia, imageTypeOf }: AvatarDeps) {
  const kept = createKept()
  const running = new Map<Mxc, Promise<Kept | undefined>>()
  const inUse = new Map<Mxc, { readonly picture: Kept; takers: number }>()

  const read = async (mxc: Mxc): Promise<Kept | undefined> => {
    const bytes = await readMedia(mxc)
    const type = bytes === undefined ? undefined : imageTypeOf(bytes)
    if (bytes === undefined || type === undefined) return undefined
    const picture = { mxc, bytes, type }
    kept.keep(picture)
    return picture
  }
  const find = (mxc: Mxc): Promise<Kept | undefined> => {
    const known = running.get(mxc)
    if (known !== undefined) return known
    const reading = read(mxc).finally(() => running.delete(mxc))
    running.set(mxc, reading)
    return reading
  }
  return {
    find: async (mxc: Mxc): Promise<Kept | undefined> =>
      kept.find(mxc) ?? inUse.get(mxc)?.picture ?? find(mxc),
    /** Until `response` is closed, nobody else needs to read it. */
    holdFor(response: Response, picture: Kept): void {
      const use = inUse.get(picture.mxc) ?? { picture, takers: 0 }
      use.takers += 1
      inUse.set(picture.mxc, use)
      response.once('close', () => {
        use.takers -= 1
        if (use.takers === 0) inUse.delete(picture.mxc)
      })
    },
  }
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
  const reading = createReading(deps)
  const router = Router()
  const answer = async (response: Response, id: string, pick: PickPicture): Promise<void> => {
    const actor = await deps.findLocalActor(asActorId(`${deps.publicUrl}/actors/${id}`))
    const mxc = actor === undefined || actor.deletedAt !== undefined ? undefined : pick(actor)
    const picture = mxc === undefined ? undefined : await reading.find(mxc)
    if (response.closed) return
    if (picture === undefined) {
      refuse(response, 404)
      return
    }
    reading.holdFor(response, picture)
    send(response, picture)
  }
  router.get('/actors/:id/avatar', (request, response) =>
    answer(response, request.params.id, pictureOf),
  )
  router.get('/actors/:id/header', (request, response) =>
    answer(response, request.params.id, headerOf),
  )
  return router
}
