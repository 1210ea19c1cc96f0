import { Router } from 'express'
import type { Request, Response } from 'express'
import { asActivityId, asActorId, asObjectId } from '../model/ids.ts'
import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import type { Audience } from '../model/audience.ts'
import type { Follow } from '../model/relation.ts'
import type { LocalActor } from '../model/actor.ts'
import type { ObjectRecord } from '../model/note.ts'
import { RejectedError } from '../model/errors.ts'
import { actorUrls, instanceActorId } from './actor-document.ts'
import { readAudience } from './parse-note.ts'
import { idOf, isJson, isSameHost } from './parse-values.ts'
import { activityJson, asksForActivity, asksForPage, fail, send } from './routes-answers.ts'
import type { OwnStamp } from '../model/quote.ts'
import { toStamp } from './quote-document.ts'
import { activityStreams } from './note-document.ts'
import { toTombstone } from './serialize.ts'
import type { Serializer } from './serialize.ts'
import { readSignature } from './signature.ts'
import { findSigner } from './signer.ts'
import type { SignerDeps } from './signer.ts'

type Activity = {
  readonly actor: ActorId
  readonly document: string
  readonly isPublic: boolean
}

export type DocumentDeps = SignerDeps & {
  readonly publicUrl: string
  readonly serializer: Pick<Serializer, 'serializeActor' | 'serializeInstanceActor'>
  /** SPKI PEM; makes the key when the actor has none yet. */
  readonly publicPem: (id: ActorId) => Promise<string>
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  readonly findLocalActorByUsername: (username: string) => Promise<LocalActor | undefined>
  readonly findObject: (id: ObjectId) => Promise<ObjectRecord | undefined>
  readonly findActivity: (id: ActivityId) => Promise<Activity | undefined>
  /** Revoked ones too. */
  readonly findStamp: (id: ObjectId) => Promise<OwnStamp | undefined>
  readonly followersOf: (id: ActorId) => Promise<readonly Follow[]>
  readonly isBlocked: (id: ActorId) => Promise<boolean>
}

/** Actors, objects and activities, each at its own id and without a redirect. */
export function documentRoutes(deps: DocumentDeps): Router {
  const router = Router()
  router.get('/actor', async (_request, response) => {
    const pem = await deps.publicPem(instanceActorId(deps.publicUrl))
    sendDocument(response, deps.serializer.serializeInstanceActor(pem))
  })
  router.get('/actors/:id', async (request, response, next) => {
    if (asksForPage(request)) {
      next()
      return
    }
    const id = asActorId(`${deps.publicUrl}${request.path}`)
    await answerActor(response, await deps.findLocalActor(id), deps)
  })
  // The page for people is somebody else's, as is everything that is not asked for by name.
  router.get('/@:username', async (request, response, next) => {
    if (!asksForActivity(request)) {
      next()
      return
    }
    const actor = await deps.findLocalActorByUsername(request.params.username)
    await answerActor(response, actor, deps)
  })
  router.get('/objects/:id', async (request, response, next) => {
    if (asksForPage(request)) {
      next()
      return
    }
    await answerObject(request, response, deps)
  })
  router.get('/stamps/:id', (request, response) => answerStamp(request, response, deps))
  router.get('/activities/:id', (request, response) => answerActivity(request, response, deps))
  return router
}

function sendDocument(response: Response, document: string | object, isPublic = true): void {
  // A cache in between must not hand to everybody what one signer may see.
  const headers = {
    vary: 'Accept, Signature',
    ...(isPublic ? {} : { 'cache-control': 'no-store' }),
  }
  send(response, document, { type: activityJson, headers })
}

async function answerActor(
  response: Response,
  actor: LocalActor | undefined,
  { serializer, publicPem }: DocumentDeps,
): Promise<void> {
  if (actor === undefined) {
    fail(response, 404, 'no such actor')
    return
  }
  // 410 makes servers forget the account for ever: only ever for one that was deleted.
  if (actor.deletedAt !== undefined) {
    fail(response, 410, 'the actor is deleted')
    return
  }
  sendDocument(response, serializer.serializeActor(actor, await publicPem(actor.id)))
}

async function answerObject(
  request: Request,
  response: Response,
  deps: DocumentDeps,
): Promise<void> {
  const id = asObjectId(`${deps.publicUrl}${request.path}`)
  const object = await findReadable(id, request, deps)
  if (object === undefined) {
    fail(response, 404, 'no such object')
    return
  }
  if (object.deletedAt !== undefined || object.document === undefined) {
    sendTombstone(response, id, object.deletedAt ?? object.published)
    return
  }
  sendDocument(response, object.document, isOpen(object))
}

function sendTombstone(response: Response, id: ObjectId, at: number): void {
  response.statusCode = 410
  const tombstone = toTombstone(id, new Date(at).toISOString())
  sendDocument(response, { '@context': activityStreams, ...tombstone })
}

const isOpen = ({ visibility }: ObjectRecord): boolean =>
  visibility === 'public' || visibility === 'unlisted'

/** One of our objects, when this request may see it; deleted ones too. */
export async function findReadable(
  id: ObjectId,
  request: Request,
  deps: DocumentDeps,
): Promise<ObjectRecord | undefined> {
  const object = await deps.findObject(id)
  if (object?.isLocal !== true) return undefined
  if (isOpen(object)) return object
  const mayRead = await isFromAddressee(request, { author: object.author, audience: object }, deps)
  return mayRead ? object : undefined
}

/** Open to everybody: whoever is to show the quote has to ask for it. */
async function answerStamp(
  { path }: Request,
  response: Response,
  { publicUrl, findStamp }: DocumentDeps,
): Promise<void> {
  const stamp = await findStamp(asObjectId(`${publicUrl}${path}`))
  if (stamp === undefined) fail(response, 404, 'no such permission')
  else if (stamp.revokedAt !== undefined) fail(response, 410, 'the permission was taken back')
  else sendDocument(response, toStamp(stamp))
}

async function answerActivity(
  request: Request,
  response: Response,
  deps: DocumentDeps,
): Promise<void> {
  const id = asActivityId(`${deps.publicUrl}${request.path}`)
  const activity = await deps.findActivity(id)
  const document: unknown = JSON.parse(activity?.document ?? 'null')
  if (activity === undefined || !isJson(document)) {
    fail(response, 404, 'no such activity')
    return
  }
  const audience = readAudience(document)
  const isReadable =
    activity.isPublic ||
    (await isFromAddressee(request, { author: activity.actor, audience }, deps))
  if (!isReadable) {
    fail(response, 404, 'no such activity')
    return
  }
  // The Create of a deleted note still carries its text.
  const carried = isJson(document['object']) ? idOf(document['object']) : undefined
  const object = carried === undefined ? undefined : await deps.findObject(asObjectId(carried))
  const isTold = document['type'] === 'Create' || document['type'] === 'Update'
  if (isTold && object?.deletedAt !== undefined) {
    fail(response, 410, 'the object is deleted')
    return
  }
  sendDocument(response, activity.document, activity.isPublic)
}

type Addressed = { readonly author: ActorId; readonly audience: Audience }

/**
 * Whether the request is signed by somebody on a host that the author addressed: that server has
 * the text already. Throws `TransientError` when the signer's key cannot be had now.
 */
async function isFromAddressee(
  request: Request,
  { author, audience }: Addressed,
  deps: DocumentDeps,
): Promise<boolean> {
  const signer = await signerOf(request, deps)
  if (signer === undefined || (await deps.isBlocked(signer))) return false
  const addressees = [...audience.to, ...audience.cc]
  if (addressees.some((id) => isSameHost(id, signer))) return true
  if (!addressees.includes(actorUrls(author).followers)) return false
  const follows = await deps.followersOf(author)
  return follows.some((f) => f.state === 'accepted' && isSameHost(f.follower, signer))
}

async function signerOf(request: Request, deps: DocumentDeps): Promise<ActorId | undefined> {
  const { headers, originalUrl: target } = request
  const signature = readSignature(headers)
  if (signature === undefined) return undefined
  try {
    const found = await findSigner({ method: 'GET', target, headers }, signature, deps)
    return 'signer' in found ? found.signer : undefined
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}
