import type { Router } from 'express'
import type { Config } from './config/config.ts'
import type { Clock, Log, Random } from './model/clock.ts'
import type { Database } from './store/database.ts'
import type { Deps, Permission } from './bridge/ports.ts'
import type { Files } from './model/file.ts'
import type { Http } from './model/http.ts'
import type { RawEvent } from './matrix/intake.ts'
import type { Sign } from './activitypub/signature.ts'
import type { UserId } from './model/ids.ts'
import { senderHost } from './model/job.ts'
import { createDelivery } from './activitypub/deliver.ts'
import { instanceActorId } from './activitypub/actor-document.ts'
import { createDocumentFetch } from './activitypub/fetch.ts'
import { createFediverse } from './activitypub/fediverse.ts'
import { createForwarded } from './activitypub/forwarded.ts'
import { createInbox, type Inbox } from './activitypub/inbox.ts'
import type { Pems } from './activitypub/key-pairs.ts'
import { createKeyring } from './activitypub/keyring.ts'
import { activityPubRoutes, type Front } from './activitypub/routes.ts'
import { createLeadBack, type LeadBack } from './activitypub/lead-back.ts'
import { createSerializer } from './activitypub/serialize.ts'
import { createSchemes, createSignedHttp } from './activitypub/signed-http.ts'
import { createWebFinger } from './activitypub/webfinger-client.ts'
import { refuseBarred, refuseFiles, suspensionOfActor } from './bridge/domain-blocks.ts'
import { forgetJob } from './bridge/forget.ts'
import { createLocks } from './bridge/lock.ts'
import { planCatchUp, stayAlive } from './bridge/outages.ts'
import { isOurs } from './bridge/portals.ts'
import { unavailableJob } from './bridge/unavailable.ts'
import { createQueries } from './bridge/queries.ts'
import { createHandlers, giveUpHandlers } from './handlers.ts'
import { createAppserviceRouter, defaultLimits } from './matrix/appservice.ts'
import { toEventJobs } from './matrix/intake.ts'
import { checkingToken, choosingToken } from './matrix/tokens.ts'
import { deskOf } from './queue/desk.ts'
import { createQueue } from './queue/sqlite.ts'
import { concurrency, perHost } from './queue/shares.ts'
import { addingSpare } from './queue/spare.ts'
import { createHeard } from './queue/heard.ts'
import { createWorker, type Worker } from './queue/worker.ts'
import { createStore, type SqliteStore } from './store/store.ts'
import { imageTypeOf } from './activitypub/image.ts'
import { avatarRoutes } from './web/avatar.ts'
import { countFacts } from './facts.ts'
import { namedAdminsIn } from './config/permission.ts'
import { homeserverOf } from './homeserver.ts'
import { identityOf, introduce, keepNames } from './startup.ts'
import { buildKeys, rotationIn, sealKeys } from './keys.ts'
import { serveMedia, type ServedMedia } from './serve-media.ts'
import { createInTurn } from './transfers.ts'
import { healthRoutes } from './web/health.ts'
import { pageRoutes } from './web/pages.ts'

/** Everything outside: the real world in `main.ts`, a simulated one in tests. */
export type World = {
  readonly config: Config
  readonly database: Database
  /** To the fediverse. */
  readonly http: Http
  readonly homeserverHttp: Http
  /** To the homeserver too, for files: who reads them slowly holds up nothing else. Absent: the same. */
  readonly mediaHttp?: Http
  /** Where files of the fediverse pass through. */
  readonly files: Files
  readonly permissionOf: (userId: UserId) => Permission
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly userAgent: string
  /** Actor keys made in advance. */
  readonly keyPool: number
  /** How requests are signed; a simulation needs the synchronous one. */
  readonly sign: Sign
  /** Absent: RSA in the thread pool. */
  readonly generateKeys?: () => Promise<Pems>
}

export type Assembly = {
  /** Mount in this order. */
  readonly homeserverRoutes: readonly Router[]
  readonly worldRoutes: readonly Router[]
  /** Before those (`behind`). */
  readonly worldFront: Front
  readonly inbox: Inbox
  /** Takes the events of a transaction; durable when it resolves. */
  readonly receiveEvents: (events: readonly RawEvent[]) => Promise<void>
  readonly worker: Worker
  readonly deps: Deps
  /** What must be done before anything comes in; part of `start`. */
  readonly prepare: () => Promise<void>
  readonly start: () => Promise<void>
  /** Lets what runs finish. */
  readonly stop: () => Promise<void>
}

type State = ReturnType<typeof buildState>

function buildState({ database, clock, random }: World, wake: () => void) {
  const store = createStore({ database, clock, onCommit: wake })
  const queue = createQueue({ database, clock, random, applyChanges: store.applyChanges })
  return { store, queue, wake, heard: createHeard({ queue, clock }) }
}

type Spoken = ReturnType<typeof buildFediverse>

const schemesIn = ({ findMark, commit }: SqliteStore, clock: Clock) =>
  createSchemes({
    findMark,
    setMark: (key, value) => commit([{ change: 'mark', key, value, at: clock.now() }]),
    clock,
  })

function buildFediverse(world: World, { store }: State) {
  const { clock, userAgent, config, sign } = world
  const http = refuseBarred(world.http, store)
  const { publicUrl, handleDomain } = config.activitypub
  const { keyPairs, keys } = buildKeys(world, store)
  const serializer = createSerializer({
    publicUrl,
    handleDomain,
    bridgeName: 'Footbridge',
    findKeys: keyPairs.known,
    clock,
  })
  const signer = () => keyPairs.signingKey(instanceActorId(publicUrl))
  const signed = createSignedHttp({ http, sign, clock, schemes: schemesIn(store, clock) })
  const fetchDocument = createDocumentFetch({
    ...{ http: signed, clock, userAgent, signer },
    keyOf: keyPairs.signingKey,
  })
  const keyring = createKeyring({
    fetchDocument,
    findRemoteActor: store.findRemoteActor,
    saveRemoteActor: (actor) => store.commit([{ change: 'put-remote-actor', actor }]),
    clock,
  })
  const fediverse = createFediverse({
    http,
    fileHttp: refuseFiles(http, store),
    clock,
    userAgent,
    fetchDocument,
    serializer,
    files: world.files,
    allowHttp: config.network.allowHttp,
  })
  const deliver = createDelivery({
    http: signed,
    findActivity: async (id) => (await store.findActivity(id)) ?? store.findForwarded(id),
    followersOn: store.followersOn,
    signingKey: keyPairs.signingKey,
    oldKey: async (actorId) => (await keyPairs.keysFor(actorId)).previous,
    userAgent,
    clock,
  })
  const webFinger = createWebFinger({ http, clock, userAgent, allowHttp: config.network.allowHttp })
  const { keysFor } = keyPairs
  return { keys, keysFor, serializer, fetchDocument, keyring, fediverse, deliver, webFinger }
}

function buildInbox(
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
      isKnownActor: async (id) => (await store.findRemoteActor(id)) !== undefined,
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

const pruningIn = ({ pruneAfter }: Config): Pick<Deps, 'pruneAfter'> =>
  pruneAfter === undefined ? {} : { pruneAfter }

function depsOf(
  world: World,
  { store, queue, wake }: State,
  {
    spoken,
    homeserver,
    served,
  }: { spoken: Spoken; homeserver: Deps['homeserver']; served: ServedMedia },
): Deps {
  return {
    store,
    homeserver,
    fediverse: spoken.fediverse,
    keys: spoken.keys,
    identity: identityOf(world.config),
    permissionOf: world.permissionOf,
    namedAdmins: namedAdminsIn(world.config),
    locks: createLocks(),
    inTurn: createInTurn(world.clock),
    look: world.files.look,
    readFile: served.readFile,
    mediaRules: world.config.media,
    userLimits: world.config.limits,
    joinMediaWithin: world.config.publish.joinMediaWithin,
    deliveries: queue,
    jobs: deskOf(queue, wake),
    ...rotationIn(world.config),
    ...pruningIn(world.config),
    forgetMedia: served.forget,
    clock: world.clock,
    random: world.random,
    log: world.log,
  }
}

function buildWorker(
  { clock, random, log }: World,
  { queue }: State,
  { deps, spoken, leadBack }: { deps: Deps; spoken: Spoken; leadBack: LeadBack },
): Worker {
  return createWorker({
    queue,
    handlers: createHandlers({
      deps,
      deliver: spoken.deliver,
      readForwarded: createForwarded({ ...spoken, clock }),
    }),
    onGiveUp: giveUpHandlers(deps),
    onUnavailable: (host) => [unavailableJob(host, clock.now())],
    concurrency,
    perHost,
    // Nothing leaves before others can find whose it is.
    isPaused: (kind) => kind === 'delivery' && !leadBack.isOpen(),
    clock,
    random,
    log,
  })
}

function buildLeadBack({ config, clock, log }: World, { webFinger }: Spoken, onChange: () => void) {
  const { publicUrl, handleDomain } = config.activitypub
  return createLeadBack({ publicUrl, handleDomain, webFinger, clock, log, onChange })
}

type Home = ReturnType<typeof homeserverOf>
type Parts = { deps: Deps; spoken: Spoken; home: Home; inbox: Inbox; served: ServedMedia }

function buildRoutes(
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
  const { front, routes } = buildWorldRoutes(world, state, { spoken, inbox })
  const pages = pageRoutes({ ...store, ...config.activitypub, bot: deps.identity.bot })
  return {
    homeserverRoutes: [health, appservice],
    worldRoutes: [health, avatars, served.routes, routes, pages],
    worldFront: front,
  }
}

async function begin({ config }: World, deps: Deps, store: SqliteStore): Promise<void> {
  await sealKeys(config, store)
  await keepNames(store, deps.identity, deps.clock.now())
  await planCatchUp(deps)
}

function withTokens(world: World): World {
  const { homeserverHttp: http, mediaHttp = http } = world
  const through = choosingToken(world.config.appservice, world)
  return { ...world, homeserverHttp: through(http), mediaHttp: through(mediaHttp) }
}

/** Builds the whole bridge around a world. Nothing runs before `start`. */
export function assemble(given: World): Assembly {
  const world = withTokens(given)
  const { clock } = world
  const workers: Worker[] = []
  const wake = (): void => workers.forEach((worker) => worker.wake())
  const state = buildState(world, wake)
  const { store, queue, heard } = state
  const spoken = buildFediverse(world, state)
  const home = homeserverOf(world)
  const { homeserverHttp: http, mediaHttp = http } = world
  const served = serveMedia({ ...world, http: mediaHttp, store })
  const deps = depsOf(world, state, { spoken, homeserver: home.homeserver, served })
  const leadBack = buildLeadBack(world, spoken, wake)
  const worker = buildWorker(world, state, { deps, spoken, leadBack })
  workers.push(worker)
  const inbox = buildInbox(world, state, wake)(spoken)
  const receiveEvents = async (events: readonly RawEvent[]): Promise<void> => {
    await queue.add(toEventJobs(events, { isOurs: (userId) => isOurs(userId, deps) }))
    await heard()
    wake()
  }
  const stopping = new AbortController()
  let prepared: Promise<void> | undefined
  const prepare = (): Promise<void> => (prepared ??= begin(world, deps, store))
  let living: Promise<void> | undefined
  return {
    ...buildRoutes(world, state, { deps, spoken, home, inbox, served, receive: receiveEvents }),
    inbox,
    receiveEvents,
    worker,
    deps,
    prepare,
    async start() {
      await prepare()
      await queue.reclaimAll()
      await served.load()
      await store.commit([forgetJob(clock.now())])
      worker.start()
      void leadBack.watch(stopping.signal)
      void introduce({ ...deps, ping: home.probe.ping }, stopping.signal)
      living = stayAlive(deps, stopping.signal)
    },
    async stop() {
      stopping.abort()
      await worker.stop()
      await living
    },
  }
}
