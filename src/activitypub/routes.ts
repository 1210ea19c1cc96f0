import { Router } from 'express'
import type { ErrorRequestHandler } from 'express'
import type { Log } from '../model/clock.ts'
import type { Inbox } from './inbox.ts'
import { createAccess } from './access.ts'
import { createRequesters } from './requester.ts'
import type { RequesterDeps } from './requester.ts'
import { answerTrouble } from './routes-answers.ts'
import { collectionRoutes } from './routes-collections.ts'
import type { CollectionReads } from './routes-collections.ts'
import { discoveryRoutes } from './routes-discovery.ts'
import type { DiscoveryDeps } from './routes-discovery.ts'
import { documentRoutes } from './routes-documents.ts'
import type { DocumentReads } from './routes-documents.ts'
import { inboxRoutes, type Front } from './routes-inbox.ts'

export { behind, serverLimits, type Front } from './routes-inbox.ts'

export type RoutesDeps = DiscoveryDeps &
  DocumentReads &
  RequesterDeps &
  CollectionReads & {
    readonly inbox: Inbox
    /** Bytes for bodies that come in at the same time. */
    readonly inboxRoom?: number
    readonly log: Log
  }

/**
 * Everything the fediverse asks of us: `routes` to be mounted at the root of the public listener, and
 * `front` before all of it. What a browser asks for (profile pages, post pages, avatars) falls through
 * to what is mounted after.
 */
export function activityPubRoutes(deps: RoutesDeps): {
  readonly front: Front
  readonly routes: Router
} {
  const { front, router: inbox } = inboxRoutes(deps)
  const router = Router()
  router.use(inbox)
  router.use(discoveryRoutes(deps))
  const requesters = createRequesters(deps)
  const access = createAccess({ requesters, followersOn: deps.followersOn })
  router.use(documentRoutes({ ...deps, requesters, access }))
  router.use(collectionRoutes({ ...deps, access }))
  router.use(ourTrouble(deps.log))
  return { front, routes: router }
}

function ourTrouble(log: Log): ErrorRequestHandler {
  // eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
  return (error: unknown, request, response, next) => {
    if (!answerTrouble(response, error, { request, log })) next(error)
  }
}
