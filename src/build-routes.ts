import type { Deps } from './bridge/ports.ts'
import { senderHost } from './model/job.ts'
import { createInbox, type Inbox } from './activitypub/inbox.ts'
import { activityPubRoutes } from './activitypub/routes.ts'
import { createRates } from './activitypub/rates.ts'
import { suspensionOfActor } from './bridge/domain-blocks.ts'
import { createQueries } from './bridge/queries.ts'
import { createAppserviceRouter, defaultLimits } from './matrix/appservice.ts'
import { checkingToken } from './matrix/tokens.ts'
import { addingSpare } from './queue/spare.ts'
import { imageTypeOf } from './activitypub/image.ts'
import { avatarRoutes } from './web/avatar.ts'
import { echoRoutes } from './web/echo.ts'
import { countFacts, hsTokensIn } from './facts.ts'
import type { homeserverOf } from './homeserver.ts'
import type { ServedMedia } from './serve-media.ts'
import { healthRoutes } from './web/health.ts'
import type { Router } from 'express'
import { createProvisioning } from './commands/provision.ts'
import { createOpenIdCheck } from './matrix/openid.ts'
import { splitMatrixId } from './model/names.ts'
import { provisioningRoutes } from './web/provisioning.ts'
import { buildPages } from './build-pages.ts'
import type { Assembly, World } from './assembly.ts'
import type { Spoken, State } from './build-fediverse.ts'

/** Where the fediverse leaves what it sends us. */
export function buildInbox(
  { config, clock, log }: World,
  { store, queue, heard }: State,
  wake: () => void,
) {
  return (spoken: Spoken): Inbox =>
    createInbox({
      add: async (job) => {
        await Promise.all([queue.add([job]), heard(senderHost(job.lane))])
        wake()
      },
      addUpkeep: addingSpare(queue),
      followersOn: store.followersOn,
      waitingIn: queue.waitingIn,
      keyring: spoken.keyring,
      isKnownActor: async (id) => (await store.findActorHost(id)) !== undefined,
      isBlocked: async (id) => (await suspensionOfActor(id, { store })) !== undefined,
      findLocalActor: store.findLocalActor,
      publicUrl: config.activitypub.publicUrl,
      window: config.signatures,
      limits: {
        perActor: config.limits.activitiesPerActor,
        perHost: config.limits.activitiesPerServer,
      },
      clock,
      log,
    })
}

function buildWorldRoutes(
  world: World,
  state: State,
  { spoken, inbox }: { spoken: Spoken; inbox: Inbox },
): ReturnType<typeof activityPubRoutes> {
  const { config, clock, log } = world
  return activityPubRoutes({
    ...state.store,
    ...config.activitypub,
    inbox,
    ...(world.meter === undefined ? {} : { answered: world.meter.receivedAtInbox }),
    log,
    clock,
    keyring: spoken.keyring,
    window: config.signatures,
    serializer: spoken.serializer,
    keysFor: spoken.keysFor,
    isBlocked: async (id) => (await suspensionOfActor(id, state)) !== undefined,
    nodeInfo: countFacts(config, state.store, clock),
  })
}

/** OpenID tokens that one visitor may bring in a minute. */
const perVisitor = { most: 40, within: 60_000 }

function programRoutes({ config, homeserverHttp, clock, log }: World, deps: Deps): Router[] {
  if (config.provisioning === undefined) return []
  const { serverName, url: baseUrl } = config.homeserver
  const rates = createRates(perVisitor, 1_000)
  const take = (visitor: string): number => rates.take(visitor, clock.now())
  return [
    provisioningRoutes({
      ...config.provisioning,
      provisioning: createProvisioning(deps),
      checkOpenId: createOpenIdCheck({ http: homeserverHttp, baseUrl, serverName, take, clock }),
      isLocal: (userId) => splitMatrixId(userId, '@')?.serverName === serverName,
      log,
    }),
  ]
}

type Home = ReturnType<typeof homeserverOf>
type Parts = { deps: Deps; spoken: Spoken; home: Home; inbox: Inbox; served: ServedMedia }

/** What each of the two listeners answers. */
export function buildRoutes(
  world: World,
  state: State,
  { deps, spoken, home, inbox, served, receive }: Parts & { receive: Assembly['receiveEvents'] },
): Pick<Assembly, 'homeserverRoutes' | 'worldRoutes' | 'worldFront'> {
  const { config, clock, log } = world
  const { store } = state
  const checks = {
    database: store.ping,
    homeserver: async () => {
      await home.probe.versions()
    },
  }
  const health = healthRoutes({ checks, clock })
  const queries = createQueries(deps)
  const appservice = createAppserviceRouter({
    isToken: checkingToken(config.appservice, { clock, log }),
    receive,
    ...queries,
    onPing: state.pings.note,
    clock,
    log,
    limits: defaultLimits,
  })
  const avatars = avatarRoutes({
    publicUrl: config.activitypub.publicUrl,
    findLocalActor: store.findLocalActor,
    readMedia: home.readMedia,
    imageTypeOf,
  })
  const echo = echoRoutes({ hsTokens: hsTokensIn(config), clock })
  const { front, routes } = buildWorldRoutes(world, state, { spoken, inbox })
  const pages = buildPages(world, state, { deps, spoken })
  return {
    homeserverRoutes: [health, appservice],
    worldRoutes: [
      ...[health, echo, avatars, served.routes],
      ...programRoutes(world, deps),
      ...[routes, pages],
    ],
    worldFront: front,
  }
}
