import { isOpen } from '../model/audience.ts'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { asActivityId, asActorId, asObjectId } from '../model/ids.ts'
import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import type { ObjectRecord } from '../model/note.ts'
import { instanceActorId } from './actor-document.ts'
import type { PublishedKeys } from './actor-document.ts'
import { toStub } from './actor-stub.ts'
import type { Access } from './access.ts'
import { toCount } from './collections.ts'
import { readAudience } from './parse-note.ts'
import { idOf, isJson } from './parse-values.ts'
import type { Json } from './parse-values.ts'
import type { Requesters } from './requester.ts'
import {
  activityJson,
  asksForActivity,
  asksForPage,
  fail,
  personal,
  send,
} from './routes-answers.ts'
import type { OwnStamp } from '../model/quote.ts'
import { withoutProof } from './proof.ts'
import { toStamp } from './quote-document.ts'
import { activityStreams } from './note-document.ts'
import { toTombstone } from './serialize.ts'
import type { Serializer } from './serialize.ts'

type Activity = {
  readonly actor: ActorId
  readonly document: string
  readonly isPublic: boolean
}

/** What the store and the keys tell. */
export type DocumentReads = {
  readonly publicUrl: string
  readonly serializer: Pick<Serializer, 'serializeActor' | 'serializeInstanceActor'>
  /** Makes them when the actor has none yet. */
  readonly keysFor: (id: ActorId) => Promise<PublishedKeys>
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  readonly findLocalActorByUsername: (username: string) => Promise<LocalActor | undefined>
  readonly findObject: (id: ObjectId) => Promise<ObjectRecord | undefined>
  readonly findActivity: (id: ActivityId) => Promise<Activity | undefined>
  /** Revoked ones too. */
  readonly findStamp: (id: ObjectId) => Promise<OwnStamp | undefined>
  /** How many like it, and how many boosted it. */
  readonly likesCount: (id: ObjectId) => Promise<number>
  readonly sharesCount: (id: ObjectId) => Promise<number>
}

export type DocumentDeps = DocumentReads & {
  readonly requesters: Requesters
  readonly access: Access
}

/** Actors, objects and activities, each at its own id and without a redirect. */
export function documentRoutes(deps: DocumentDeps): Router {
  const router = Router()
  router.get('/actor', async (_request, response) => {
    const keys = await deps.keysFor(instanceActorId(deps.publicUrl))
    sendDocument(response, deps.serializer.serializeInstanceActor(keys))
  })
  router.get('/actors/:id', async (request, response, next) => {
    if (asksForPage(request)) {
      next()
      return
    }
    const id = asActorId(`${deps.publicUrl}${request.path}`)
    await answerActor(request, response, { actor: await deps.findLocalActor(id), deps })
  })
  // The page for people is somebody else's, as is everything that is not asked for by name.
  router.get('/@:username', async (request, response, next) => {
    if (!asksForActivity(request)) {
      next()
      return
    }
    const actor = await deps.findLocalActorByUsername(request.params.username)
    await answerActor(request, response, { actor, deps })
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

function sendDocument(response: Response, document: string | object): void {
  send(response, document, { type: activityJson })
}

/** Who is deleted answers 410 to everybody: it makes servers forget the account for ever. */
async function answerActor(
  request: Request,
  response: Response,
  { actor, deps }: { readonly actor: LocalActor | undefined; readonly deps: DocumentDeps },
): Promise<void> {
  const { serializer, keysFor, requesters } = deps
  personal(response)
  if (actor === undefined) {
    fail(response, 404, 'no such actor')
    return
  }
  if (actor.deletedAt !== undefined) {
    fail(response, 410, 'the actor is deleted')
    return
  }
  const requester = await requesters.findSoon(request)
  if (await requesters.isOutcast(requester)) {
    fail(response, 403, 'blocked')
    return
  }
  const document = serializer.serializeActor(actor, await keysFor(actor.id))
  // Whoever checks our signature may not be able to sign yet, and some servers check that of a Block
  // in the name of whom it blocks.
  const mayRead = requester.mayReadPublic && !(await requesters.isBarred(requester, actor.id))
  sendDocument(response, mayRead ? document : toStub(JSON.parse(document) as Json))
}

async function answerObject(
  request: Request,
  response: Response,
  deps: DocumentDeps,
): Promise<void> {
  const id = asObjectId(`${deps.publicUrl}${request.path}`)
  const object = await readObject(id, { request, response }, deps)
  if (object === undefined) return
  if (object.deletedAt !== undefined || object.document === undefined) {
    sendTombstone(response, id, object.deletedAt ?? object.published)
    return
  }
  sendDocument(response, await withCounts(object.document, id, deps))
}

function sendTombstone(response: Response, id: ObjectId, at: number): void {
  response.statusCode = 410
  const tombstone = toTombstone(id, new Date(at).toISOString())
  sendDocument(response, { '@context': activityStreams, ...tombstone })
}

/** Mastodon shows the numbers that stand in the post itself; what is signed as a whole stays as it is. */
async function withCounts(text: string, id: ObjectId, deps: DocumentDeps): Promise<string | Json> {
  const document: unknown = JSON.parse(text)
  if (!isJson(document) || 'proof' in document || document['type'] === 'ChatMessage') return text
  return {
    ...document,
    likes: toCount(`${id}/likes`, await deps.likesCount(id)),
    shares: toCount(`${id}/shares`, await deps.sharesCount(id)),
  }
}

/** Who is forgotten has nothing any more from that moment on, also while their rows are being deleted. */
const endOf = async (
  author: ActorId,
  { findLocalActor }: Pick<DocumentDeps, 'findLocalActor'>,
): Promise<number | undefined> => (await findLocalActor(author))?.deletedAt

/** One of our objects, deleted ones too; where this request may not see it, it is answered. */
export async function readObject(
  id: ObjectId,
  { request, response }: { readonly request: Request; readonly response: Response },
  deps: Pick<DocumentDeps, 'findObject' | 'findLocalActor' | 'access'>,
): Promise<ObjectRecord | undefined> {
  const found = await deps.access.admit(request, response, async () => {
    const object = await deps.findObject(id)
    if (object?.isLocal !== true) return undefined
    return { object, author: object.author, audience: object, isOpen: isOpen(object.visibility) }
  })
  if (found === undefined) return undefined
  const deletedAt = found.object.deletedAt ?? (await endOf(found.author, deps))
  return deletedAt === undefined ? found.object : { ...found.object, deletedAt }
}

/** Open to everybody: whoever is to show the quote has to ask for it. */
async function answerStamp(
  { path }: Request,
  response: Response,
  deps: DocumentDeps,
): Promise<void> {
  const stamp = await deps.findStamp(asObjectId(`${deps.publicUrl}${path}`))
  const endedAt = stamp && (stamp.revokedAt ?? (await endOf(stamp.attributedTo, deps)))
  if (stamp === undefined) fail(response, 404, 'no such permission')
  else if (endedAt !== undefined) fail(response, 410, 'the permission was taken back')
  else sendDocument(response, toStamp(stamp))
}

async function answerActivity(
  request: Request,
  response: Response,
  deps: DocumentDeps,
): Promise<void> {
  const id = asActivityId(`${deps.publicUrl}${request.path}`)
  const found = await deps.access.admit(request, response, async () => {
    const activity = await deps.findActivity(id)
    const document: unknown = JSON.parse(activity?.document ?? 'null')
    if (activity === undefined || !isJson(document)) return undefined
    const audience = readAudience(document)
    return { activity, document, author: activity.actor, audience, isOpen: activity.isPublic }
  })
  if (found === undefined) return
  const { document, activity } = found
  // The Create of a deleted note still carries its text.
  const carried = isJson(document['object']) ? idOf(document['object']) : undefined
  const object = carried === undefined ? undefined : await deps.findObject(asObjectId(carried))
  const isTold = document['type'] === 'Create' || document['type'] === 'Update'
  // That an account is gone is the one thing that is still said of it.
  const isGone = document['type'] !== 'Delete' && (await endOf(activity.actor, deps)) !== undefined
  if (isGone || (isTold && object?.deletedAt !== undefined)) {
    fail(response, 410, 'the object is deleted')
    return
  }
  const isProvable = await hasKnownKey(document, activity.actor, deps)
  sendDocument(response, isProvable ? activity.document : withoutProof(document))
}

/** A proof by a key that we no longer tell of would look forged. */
async function hasKnownKey(
  { proof }: Json,
  actor: ActorId,
  { keysFor }: DocumentDeps,
): Promise<boolean> {
  if (!isJson(proof)) return true
  const { multikeys } = await keysFor(actor)
  return multikeys.some(({ id }) => id === proof['verificationMethod'])
}
