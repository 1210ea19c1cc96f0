import { Router } from 'express'
import type { ErrorRequestHandler } from 'express'
import type { Log } from '../model/clock.ts'
import type { Inbox } from './inbox.ts'
import { createAccess } from './access.ts'
import { createRequesters } from './requester.ts'
import type { RequesterDeps } from './requester.ts'
import { fail } from './routes-answers.ts'
import { collectionRoutes } from './routes-collections.ts'
import type { CollectionReads } from './routes-collections.ts'
import { discoveryRoutes } from './routes-discovery.ts'
import type { DiscoveryDeps } from './routes-discovery.ts'
import { documentRoutes } from './routes-documents.ts'
import type { DocumentReads } from './routes-documents.ts'
import { inboxRoutes } from './routes-inbox.ts'

export { serverLimits } from './routes-inbox.ts'

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
 * Everything the fediverse asks of us, to be mounted at the root of the public listener. What a
 * browser asks for (profile pages, post pages, avatars) falls through to what is mounted after.
 */
export function activityPubRoutes(deps: RoutesDeps): Router {
  const router = Router()
  router.use(inboxRoutes(deps))
  router.use(discoveryRoutes(deps))
  const requesters = createRequesters(deps)
  const access = createAccess({ requesters, followersOn: deps.followersOn })
  router.use(documentRoutes({ ...deps, requesters, access }))
  router.use(collectionRoutes({ ...deps, access }))
  router.use(ourTrouble(deps.log))
  return router
}

/** A lookup that fails is never a 404 or 410: those would make other servers forget the account. */
function ourTrouble(log: Log): ErrorRequestHandler {
  // eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
  return (error: unknown, request, response, next) => {
    // The sender went away in the middle: anybody can, and nobody is left to answer.
    if (error === request.errored) return
    // A path that does not decode is the reader's mistake.
    if (error instanceof URIError) {
      fail(response, 400, 'the path is malformed')
      return
    }
    log.error({ err: error, path: request.path }, 'request failed')
    if (response.headersSent) {
      next(error)
      return
    }
    fail(response, 503, 'try again later')
  }
}
