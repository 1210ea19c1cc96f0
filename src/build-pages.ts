import type { Router } from 'express'
import type { Deps } from './bridge/ports.ts'
import { createRates } from './activitypub/rates.ts'
import { isPermitted } from './bridge/actors.ts'
import { isKeptApart } from './bridge/kept-apart.ts'
import { pageRoutes } from './web/pages/routes.ts'
import type { World } from './assembly.ts'
import type { Spoken, State } from './build-fediverse.ts'

const minute = 60_000
/** Servers that visitors of pages may make us ask in a minute: one of them, and all together. */
const perVisitor = { most: 10, within: minute }
const inAll = { most: 60, within: minute }

/** What a browser is answered. */
export function buildPages(
  { config, clock }: World,
  { store }: State,
  { deps, spoken }: { readonly deps: Deps; readonly spoken: Spoken },
): Router {
  const each = createRates(perVisitor, 1_000)
  const all = createRates(inAll, 1)
  return pageRoutes({
    ...store,
    ...config.activitypub,
    serverName: config.homeserver.serverName,
    bot: deps.identity.bot,
    about: config.about,
    isPermitted: (userId) => isPermitted(userId, deps),
    blockedServers: store.domainBlocks,
    ...(config.pruneAfter === undefined ? {} : { pruneAfter: config.pruneAfter }),
    isApart: (ours, other) => isKeptApart(ours, other, deps),
    askTemplate: async (handle) => (await spoken.webFinger.askHandle(handle)).subscribe,
    takeLookup: (visitor) => each.take(visitor, clock.now()) || all.take('', clock.now()),
    clock,
  })
}
