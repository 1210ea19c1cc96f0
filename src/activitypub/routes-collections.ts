import { Router } from 'express'
import type { Request, Response } from 'express'
import { asActorId, asObjectId } from '../model/ids.ts'
import type { ActorId, ObjectId } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import { instanceActorId } from './actor-document.ts'
import { pageSize, toCollection, toCollectionPage, toShortCollection } from './collections.ts'
import type { Page } from './collections.ts'
import { activityJson, fail, send } from './routes-answers.ts'

export type PageQuery = { readonly before?: number; readonly limit: number }

/** Pages newest first; `next` is the `before` of the page after. Only what is public or unlisted, and not deleted. */
export type CollectionReads = {
  /** JSON texts of activities. */
  readonly outboxPage: (id: ActorId, query: PageQuery) => Promise<ReadPage<string>>
  readonly outboxCount: (id: ActorId) => Promise<number>
  readonly repliesPage: (id: ObjectId, query: PageQuery) => Promise<ReadPage<ObjectId>>
  readonly repliesCount: (id: ObjectId) => Promise<number>
  /** Accepted follows only. */
  readonly followersPage: (id: ActorId, query: PageQuery) => Promise<ReadPage<ActorId>>
  readonly followersCount: (id: ActorId) => Promise<number>
  readonly followingPage: (id: ActorId, query: PageQuery) => Promise<ReadPage<ActorId>>
  readonly followingCount: (id: ActorId) => Promise<number>
  /** What the actor has pinned, in the order of pinning. */
  readonly featuredBy: (id: ActorId) => Promise<readonly ObjectId[]>
}

export type ReadPage<T> = { readonly items: readonly T[]; readonly next?: number }

export type CollectionDeps = CollectionReads & {
  readonly publicUrl: string
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  /** Answers 404 or 410 and false where this request may not see the object. */
  readonly mayRead: (id: ObjectId, request: Request, response: Response) => Promise<boolean>
}

type Source = {
  readonly count: (owner: string) => Promise<number>
  readonly page: (owner: string, query: PageQuery) => Promise<Page>
}

function actorSources(reads: CollectionReads): Readonly<Record<string, Source>> {
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
    },
    following: {
      count: (owner) => reads.followingCount(asActorId(owner)),
      page: (owner, query) => reads.followingPage(asActorId(owner), query),
    },
  }
}

/** The collections of actors, and the replies to objects. */
export function collectionRoutes(deps: CollectionDeps): Router {
  const router = Router()
  for (const [name, source] of Object.entries(actorSources(deps))) {
    router.get(`/actors/:id/${name}`, async (request, response) => {
      const owner = ownerOf(request, `/${name}`, deps.publicUrl)
      if (!(await isThere(owner, response, deps))) return
      await answer(request, response, { id: `${owner}/${name}`, owner, source })
    })
  }
  router.get('/actors/:id/featured', async (request, response) => {
    const owner = ownerOf(request, '/featured', deps.publicUrl)
    if (!(await isThere(owner, response, deps))) return
    const items = [...(await deps.featuredBy(asActorId(owner)))].reverse()
    send(response, toShortCollection(`${owner}/featured`, items), { type: activityJson })
  })
  router.get('/actor/outbox', (_request, response) => {
    const id = `${instanceActorId(deps.publicUrl)}/outbox`
    send(response, toCollection(id, 0, false), { type: activityJson })
  })
  const replies: Source = {
    count: (owner) => deps.repliesCount(asObjectId(owner)),
    page: (owner, query) => deps.repliesPage(asObjectId(owner), query),
  }
  router.get('/objects/:id/replies', async (request, response) => {
    const owner = ownerOf(request, '/replies', deps.publicUrl)
    if (!(await deps.mayRead(asObjectId(owner), request, response))) return
    await answer(request, response, { id: `${owner}/replies`, owner, source: replies })
  })
  return router
}

/** Answers 404 or 410 where there is no such actor. */
async function isThere(
  owner: string,
  response: Response,
  { findLocalActor }: CollectionDeps,
): Promise<boolean> {
  const actor = await findLocalActor(asActorId(owner))
  if (actor === undefined) fail(response, 404, 'no such actor')
  else if (actor.deletedAt !== undefined) fail(response, 410, 'the actor is deleted')
  return actor !== undefined && actor.deletedAt === undefined
}

const ownerOf = ({ path }: Request, end: string, publicUrl: string): string =>
  `${publicUrl}${path.slice(0, -end.length)}`

type Wanted = { readonly id: string; readonly owner: string; readonly source: Source }

async function answer(request: Request, response: Response, wanted: Wanted): Promise<void> {
  const { id, owner, source } = wanted
  const { page, before } = request.query
  if (page === undefined) {
    const document = toCollection(id, await source.count(owner), true)
    send(response, document, { type: activityJson })
    return
  }
  const cursor = readCursor(before)
  if (cursor === 'malformed') {
    fail(response, 400, 'before is malformed')
    return
  }
  const query = { limit: pageSize, ...(cursor === undefined ? {} : { before: cursor }) }
  const document = toCollectionPage(id, cursor, await source.page(owner, query))
  send(response, document, { type: activityJson })
}

function readCursor(before: unknown): number | undefined | 'malformed' {
  if (before === undefined) return undefined
  const isNumber = typeof before === 'string' && /^\d{1,15}$/.test(before)
  return isNumber ? Number(before) : 'malformed'
}
