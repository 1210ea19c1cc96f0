import { Router } from 'express'
import type { ActorId } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import type { FetchMode } from './requester.ts'
import type { Place } from './actor-document.ts'
import { nodeInfoType, nodeInfoVersions, toNodeInfo, toNodeInfoLinks } from './nodeinfo.ts'
import type { NodeInfoFacts } from './nodeinfo.ts'
import { fail, send } from './routes-answers.ts'
import {
  readResource,
  toHostMeta,
  toHostMetaJson,
  toInstanceWebFinger,
  toWebFinger,
} from './webfinger.ts'
import type { WebFingerTarget } from './webfinger.ts'

export type DiscoveryDeps = Place & {
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  /** Case-insensitive. */
  readonly findLocalActorByUsername: (username: string) => Promise<LocalActor | undefined>
  /** Whether everybody may read actors whole. */
  readonly fetchMode: FetchMode
  readonly nodeInfo: () => Promise<NodeInfoFacts>
}

/** Anybody may read these, scripts of other sites too. */
const open = { 'access-control-allow-origin': '*' }
const json = 'application/json; charset=utf-8'

/** WebFinger (RFC 7033), host-meta (RFC 6415) and NodeInfo. */
export function discoveryRoutes(deps: DiscoveryDeps): Router {
  const router = Router()
  router.get('/.well-known/webfinger', async ({ query }, response) => {
    const { resource } = query
    const target = readResource(typeof resource === 'string' ? resource : undefined, deps)
    response.setHeader('access-control-allow-origin', '*')
    if (target === 'malformed') {
      fail(response, 400, 'resource is missing or malformed')
      return
    }
    const found = target === 'elsewhere' ? undefined : await describe(target, deps)
    if (found === undefined) {
      fail(response, 404, 'no such account')
      return
    }
    if (found === 'deleted') {
      fail(response, 410, 'the account is deleted')
      return
    }
    send(response, found, { type: 'application/jrd+json; charset=utf-8' })
  })
  router.get('/.well-known/host-meta', (_request, response) => {
    const type = 'application/xrd+xml; charset=utf-8'
    send(response, toHostMeta(deps.publicUrl), { type, headers: open })
  })
  router.get('/.well-known/host-meta.json', (_request, response) => {
    send(response, toHostMetaJson(deps.publicUrl), { type: json, headers: open })
  })
  router.get('/.well-known/nodeinfo', (_request, response) => {
    send(response, toNodeInfoLinks(deps.publicUrl), { type: json, headers: open })
  })
  for (const version of nodeInfoVersions) {
    router.get(`/nodeinfo/${version}`, async (_request, response) => {
      const type = nodeInfoType(version)
      send(response, toNodeInfo(version, await deps.nodeInfo()), { type, headers: open })
    })
  }
  return router
}

async function describe(
  target: WebFingerTarget,
  deps: DiscoveryDeps,
): Promise<object | 'deleted' | undefined> {
  if (target.kind === 'instance') return toInstanceWebFinger(deps.publicUrl)
  const actor =
    target.kind === 'actor'
      ? await deps.findLocalActor(target.id)
      : await deps.findLocalActorByUsername(target.username)
  if (actor === undefined) return undefined
  return actor.deletedAt === undefined
    ? toWebFinger(actor, deps, deps.fetchMode === 'public')
    : 'deleted'
}
