import { Router } from 'express'
import type { Request, Response } from 'express'
import { asActorId, asObjectId } from '../model/ids.ts'
import type { ActorId, ObjectId, UserId } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import { followLists } from '../model/settings.ts'
import { baseOf } from './access.ts'
import type { Access } from './access.ts'
import { instanceActorId } from './actor-document.ts'
import {
  pageSize,
  toCollection,
  toCollectionPage,
  toContext,
  toShortCollection,
} from './collections.ts'
import type { Page } from './collections.ts'
import { mostFollowersOfHost } from './followers-sync.ts'
import { readObject } from './routes-documents.ts'
import type { DocumentDeps } from './routes-documents.ts'
import { activityJson, fail, send } from './routes-answers.ts'

export type PageQuery = { readonly before?: number; readonly limit: number }

/**
 * Pages newest first; `next` is the `before` of the page after. Only what is public or unlisted, and
 * not deleted. Counts go up to a bound of the store's.
 */
export type CollectionReads = {
  /** JSON texts of activities. */
  readonly outboxPage: (id: ActorId, query: PageQuery) => Promise<ReadPage<string>>
  readonly outboxCount: (id: ActorId) => Promise<number>
  readonly repliesPage: (id: ObjectId, query: PageQuery) => Promise<ReadPage<ObjectId>>
  readonly repliesCount: (id: ObjectId) => Promise<number>
  readonly likesCount: (id: ObjectId) => Promise<number>
  readonly sharesCount: (id: ObjectId) => Promise<number>
  /** Of a conversation, in no order but that of their coming. */
  readonly contextPage: (context: string, query: PageQuery) => Promise<ReadPage<ObjectId>>
  readonly contextCount: (context: string) => Promise<number>
  /** Who of ours wrote the first post of it that everybody may see. */
  readonly contextOwner: (context: string) => Promise<ActorId | undefined>
  /** Accepted follows only. */
  readonly followersPage: (id: ActorId, query: PageQuery) => Promise<ReadPage<ActorId>>
  readonly followersCount: (id: ActorId) => Promise<number>
  readonly followersOn: (id: ActorId, base: string, limit: number) => Promise<readonly ActorId[]>
  readonly followingPage: (id: ActorId, query: PageQuery) => Promise<ReadPage<ActorId>>
  readonly followingCount: (id: ActorId) => Promise<number>
  /** What the actor has pinned, in the order of pinning. */
  readonly featuredBy: (id: ActorId) => Promise<readonly ObjectId[]>
  /** What a user has chosen. */
  readonly findSetting: (userId: UserId, name: string) => Promise<string | undefined>
}

export type ReadPage<T> = { readonly items: readonly T[]; readonly next?: number }

export type CollectionDeps = CollectionReads & {
  readonly publicUrl: string
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  readonly findObject: DocumentDeps['findObject']
  readonly access: Access
}

type Source = {
  readonly count: (owner: string) => Promise<number>
  readonly page: (owner: string, query: PageQuery) => Promise<Page>
  /** Who is in it is the owner's own affair, where they want that. */
  readonly isPrivate?: (owner: LocalActor) => Promise<boolean>
}

function actorSources(reads: CollectionReads): Readonly<Record<string, Source>> {
  const isPrivate = async ({ userId, group }: LocalActor): Promise<boolean> =>
    group !== undefined ||
    (await reads.findSetting(userId, followLists.name)) === followLists.hidden
  return {
    outbox: {
      count: (owner) => reads.outboxCount(asActorId(owner)),
      page: async (owner, query) => {
        const page = await reads.outboxPage(asActorId(owner), query)
        return { ...page, items: page.items.map((text): unknown => JSON.parse(text)) }
      },
    },
    followers: {
      count: (owner) => reads.followersCount(asActorId(owner)),
      page: (owner, query) => reads.followersPage(asActorId(owner), query),
      isPrivate,
    },
    following: {
      count: (owner) => reads.followingCount(asActorId(owner)),
      page: (owner, query) => reads.followingPage(asActorId(owner), query),
      isPrivate,
    },
  }
}

/** The collections of actors, and what belongs to objects and conversations. */
export function collectionRoutes(deps: CollectionDeps): Router {
  const router = Router()
  addActorRoutes(router, deps)
  addObjectRoutes(router, deps)
  router.get('/actor/outbox', (_request, response) => {
    const id = `${instanceActorId(deps.publicUrl)}/outbox`
    send(response, toCollection(id, 0, false), { type: activityJson })
  })
  return router
}

function addActorRoutes(router: Router, deps: CollectionDeps): void {
  for (const [name, source] of Object.entries(actorSources(deps))) {
    router.get(`/actors/:id/${name}`, async (request, response) => {
      const owner = await shownOwner(request, response, { end: `/${name}`, deps })
      if (owner === undefined) return
      const isHidden = (await source.isPrivate?.(owner)) === true
      await answer(request, response, { id: `${owner.id}/${name}`, of: owner.id, source, isHidden })
    })
  }
  router.get('/actors/:id/featured', async (request, response) => {
    const owner = await shownOwner(request, response, { end: '/featured', deps })
    if (owner === undefined) return
    const items = [...(await deps.featuredBy(owner.id))].reverse()
    send(response, toShortCollection(`${owner.id}/featured`, items), { type: activityJson })
  })
  // Nobody here features hashtags; whoever looks for them finds that.
  router.get('/actors/:id/featured/tags', async (request, response) => {
    const end = '/featured/tags'
    const owner = await shownOwner(request, response, { end, deps })
    if (owner !== undefined)
      send(response, toShortCollection(`${owner.id}${end}`, []), { type: activityJson })
  })
  router.get('/actors/:id/followers/synchronization', (request, response) =>
    answerFollowersOfHost(request, response, deps),
  )
}

/**
 * FEP-8fcf: an actor's followers on the server of who asks, whatever the actor shows to others: that
 * server knows them.
 */
async function answerFollowersOfHost(
  request: Request,
  response: Response,
  deps: CollectionDeps,
): Promise<void> {
  const end = '/followers/synchronization'
  const id = asActorId(ownerOf(request, end, deps.publicUrl))
  const requester = await deps.access.admitToActor(request, response, id)
  if (requester === undefined) return
  if (requester.actor === undefined) {
    fail(response, 401, 'this needs an HTTP signature')
    return
  }
  if ((await thatIsThere(id, response, deps)) === undefined) return
  const limit = mostFollowersOfHost + 1
  const items = await deps.followersOn(id, baseOf(requester.actor), limit)
  // Half of them would make that server forget the others.
  if (items.length === limit) fail(response, 404, 'too many to list')
  else send(response, toShortCollection(`${id}${end}`, items), { type: activityJson })
}

function addObjectRoutes(router: Router, deps: CollectionDeps): void {
  const replies: Source = {
    count: (owner) => deps.repliesCount(asObjectId(owner)),
    page: (owner, query) => deps.repliesPage(asObjectId(owner), query),
  }
  router.get('/objects/:id/replies', async (request, response) => {
    const of = await shownObject(request, response, { end: '/replies', deps })
    if (of !== undefined)
      await answer(request, response, { id: `${of}/replies`, of, source: replies })
  })
  const counts = { likes: deps.likesCount, shares: deps.sharesCount }
  for (const [name, count] of Object.entries(counts)) {
    router.get(`/objects/:id/${name}`, async (request, response) => {
      const of = await shownObject(request, response, { end: `/${name}`, deps })
      if (of === undefined) return
      send(response, toCollection(`${of}/${name}`, await count(of), false), { type: activityJson })
    })
  }
  const conversation: Source = { count: deps.contextCount, page: deps.contextPage }
  router.get('/contexts/:id', async (request, response) => {
    const id = ownerOf(request, '', deps.publicUrl)
    const admitted = await deps.access.admit(request, response, async () => {
      const author = await deps.contextOwner(id)
      return author && { author, audience: { to: [], cc: [] }, isOpen: true }
    })
    if (admitted === undefined) return
    const owner = admitted.author
    await answer(request, response, { id, of: id, source: conversation, owner })
  })
}

type Route = { readonly end: string; readonly deps: CollectionDeps }

/** The actor whose collection it is; undefined: it is answered already. */
async function shownOwner(
  request: Request,
  response: Response,
  { end, deps }: Route,
): Promise<LocalActor | undefined> {
  const id = asActorId(ownerOf(request, end, deps.publicUrl))
  if ((await deps.access.admitToActor(request, response, id)) === undefined) return undefined
  return thatIsThere(id, response, deps)
}

/** Answers 404 or 410 where there is no such actor. */
async function thatIsThere(
  id: ActorId,
  response: Response,
  { findLocalActor }: CollectionDeps,
): Promise<LocalActor | undefined> {
  const actor = await findLocalActor(id)
  if (actor === undefined) fail(response, 404, 'no such actor')
  else if (actor.deletedAt !== undefined) fail(response, 410, 'the actor is deleted')
  return actor?.deletedAt === undefined ? actor : undefined
}

async function shownObject(
  request: Request,
  response: Response,
  { end, deps }: Route,
): Promise<ObjectId | undefined> {
  const id = asObjectId(ownerOf(request, end, deps.publicUrl))
  const object = await readObject(id, { request, response }, deps)
  if (object?.deletedAt !== undefined) fail(response, 410, 'the object is deleted')
  return object?.deletedAt === undefined ? object?.id : undefined
}

const ownerOf = ({ path }: Request, end: string, publicUrl: string): string =>
  `${publicUrl}${path.slice(0, path.length - end.length)}`

type Wanted = {
  readonly id: string
  /** Whose it is, as its source knows that. */
  readonly of: string
  readonly source: Source
  readonly isHidden?: boolean
  /** Of a conversation. */
  readonly owner?: ActorId
}

async function answer(request: Request, response: Response, wanted: Wanted): Promise<void> {
  const { id, of, source, isHidden = false, owner } = wanted
  const { page, before } = request.query
  if (page === undefined) {
    const count = await source.count(of)
    const document =
      owner === undefined ? toCollection(id, count, !isHidden) : toContext(id, owner, count)
    send(response, document, { type: activityJson })
    return
  }
  if (isHidden) {
    fail(response, 403, 'who is in it is not shown')
    return
  }
  const cursor = readCursor(before)
  if (cursor === 'malformed') {
    fail(response, 400, 'before is malformed')
    return
  }
  const query = { limit: pageSize, ...(cursor === undefined ? {} : { before: cursor }) }
  const document = toCollectionPage(id, cursor, await source.page(of, query))
  send(response, document, { type: activityJson })
}

function readCursor(before: unknown): number | undefined | 'malformed' {
  if (before === undefined) return undefined
  const isNumber = typeof before === 'string' && /^\d{1,15}$/.test(before)
  return isNumber ? Number(before) : 'malformed'
}
