import type { Config } from './config/config.ts'
import type { Deps } from './bridge/ports.ts'
import type { RawEvent } from './matrix/intake.ts'
import { createForwarded } from './activitypub/forwarded.ts'
import { createLeadBack, type LeadBack } from './activitypub/lead-back.ts'
import { forgetJob } from './bridge/forget.ts'
import { createLocks } from './bridge/lock.ts'
import { moderationJob } from './bridge/moderation-room.ts'
import { planCatchUp, stayAlive } from './bridge/outages.ts'
import { keepingOut, underPolicies } from './bridge/policies.ts'
import { readLists } from './bridge/policy-lists.ts'
import { refreshAllJob } from './bridge/refresh-all.ts'
import { uncertainUntil } from './bridge/restored.ts'
import { isOurs } from './bridge/portals.ts'
import { unavailableJob } from './bridge/unavailable.ts'
import { countEnds, countEvents } from './metrics/counts.ts'
import { asBegun } from './after-restore.ts'
import { tracedHandlers } from './tracing/traced.ts'
import { answerTyped } from './commands/typed.ts'
import { createHandlers, giveUpHandlers } from './handlers.ts'
import { toEventJobs } from './matrix/intake.ts'
import { choosingToken } from './matrix/tokens.ts'
import { deskOf } from './queue/desk.ts'
import { concurrency, perHost } from './queue/shares.ts'
import { createWorker, type Worker } from './queue/worker.ts'
import { type SqliteStore } from './store/store.ts'
import { namedAdminsIn } from './config/permission.ts'
import { examineRunning, watchOurselves } from './examine-running.ts'
import { operationsOf } from './operations.ts'
import { homeserverOf } from './homeserver.ts'
import { identityOf, introduce, keepNames } from './startup.ts'
import { idsOf, rotationIn, sealKeys } from './keys.ts'
import { serveMedia, type ServedMedia } from './serve-media.ts'
import { createInTurn } from './transfers.ts'
import type { Assembly, World } from './assembly.ts'
import { buildFediverse, buildState, type Spoken, type State } from './build-fediverse.ts'
import { buildInbox, buildRoutes } from './build-routes.ts'

const pruningIn = ({ pruneAfter }: Config): Pick<Deps, 'pruneAfter'> =>
  pruneAfter === undefined ? {} : { pruneAfter }

/** Policy lists count, but for whom the configuration names. */
const permittedIn = ({ config, permissionOf }: World, { policies }: State['store']) =>
  underPolicies(permissionOf, {
    policies,
    hasOwnLine: (userId) => config.permissions[userId] !== undefined,
    identity: identityOf(config),
  })

function depsOf(
  world: World,
  state: State,
  {
    spoken,
    homeserver,
    served,
  }: { spoken: Spoken; homeserver: Deps['homeserver']; served: ServedMedia },
): Deps {
  const { store, queue, wake } = state
  const permissionOf = permittedIn(world, store)
  return {
    store,
    homeserver: keepingOut(homeserver, { store, permissionOf }),
    fediverse: spoken.fediverse,
    keys: spoken.keys,
    identity: identityOf(world.config),
    permissionOf,
    get namedAdmins() {
      return namedAdminsIn(world.config)
    },
    get reportsRoom() {
      return world.config.moderation.reportsRoom
    },
    locks: createLocks(),
    inTurn: createInTurn(world.clock),
    look: world.files.look,
    readFile: served.readFile,
    createArchive: async () => {
      // Ten megabytes, for what is asked for once in a while.
      const { createArchive } = await import('./files/archive.ts')
      return createArchive(await world.files.create())
    },
    mediaRules: world.config.media,
    hasSpaces: world.config.appservice.hasSpaces,
    sendsStatus: world.config.appservice.sendsStatus,
    ...(world.config.localRoomsOnly === true ? { localRoomsOnly: true } : {}),
    get matrixBridges() {
      return world.config.moderation.matrixBridges
    },
    userLimits: world.config.limits,
    joinMediaWithin: world.config.publish.joinMediaWithin,
    deliveries: queue,
    jobs: deskOf(queue, wake),
    ...rotationIn(world.config),
    ...pruningIn(world.config),
    forgetMedia: served.forget,
    idOf: idsOf(world.config),
    examine: examineRunning(world, state, spoken),
    operations: operationsOf(world),
    ...(world.loginLink === undefined ? {} : { loginLink: world.loginLink }),
    clock: world.clock,
    random: world.random,
    log: world.log,
  }
}

type WorkerParts = {
  readonly deps: Deps
  readonly spoken: Spoken
  readonly leadBack: LeadBack
  /** Until when what is done may have been done before. */
  readonly uncertain: () => number
}

function buildWorker(
  { clock, random, log, meter, tracer }: World,
  { queue }: State,
  { deps, spoken, leadBack, uncertain }: WorkerParts,
): Worker {
  const handlers = createHandlers({
    deps,
    deliver: spoken.deliver,
    readForwarded: createForwarded({ ...spoken, clock }),
  })
  return createWorker({
    queue,
    handlers: tracedHandlers(asBegun(handlers, uncertain, clock), tracer),
    onGiveUp: giveUpHandlers(deps),
    onUnavailable: (host) => [unavailableJob(host, clock.now())],
    concurrency,
    perHost,
    ...(meter === undefined ? {} : { onEnd: countEnds(meter, clock) }),
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

/** Answers until when what is done may have been done before. */
async function begin({ config }: World, deps: Deps, store: SqliteStore): Promise<number> {
  const uncertain = await uncertainUntil(deps)
  await sealKeys(config, store)
  await keepNames(store, deps.identity, deps.clock.now())
  await planCatchUp(deps)
  await store.commit(await readLists(`start ${deps.clock.now()}`, deps))
  return uncertain
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
  let until = 0
  const worker = buildWorker(world, state, { deps, spoken, leadBack, uncertain: () => until })
  workers.push(worker)
  const inbox = buildInbox(world, state, wake)(spoken)
  const receiveEvents = async (events: readonly RawEvent[]): Promise<void> => {
    if (world.meter !== undefined) countEvents(events, world.meter, clock)
    await queue.add(toEventJobs(events, { isOurs: (userId) => isOurs(userId, deps) }))
    await heard()
    wake()
  }
  const stopping = new AbortController()
  let prepared: Promise<void> | undefined
  const prepare = (): Promise<void> =>
    (prepared ??= begin(world, deps, store).then((uncertain) => void (until = uncertain)))
  let living: Promise<void> | undefined
  return {
    ...buildRoutes(world, state, { deps, spoken, home, inbox, served, receive: receiveEvents }),
    inbox,
    receiveEvents,
    worker,
    deps,
    answer: (words) => answerTyped(words, deps),
    prepare,
    async start() {
      await prepare()
      await queue.reclaimAll()
      await served.load()
      const now = clock.now()
      await store.commit([forgetJob(now), refreshAllJob(now), moderationJob(`start ${now}`)])
      worker.start()
      void leadBack.watch(stopping.signal)
      void watchOurselves(world, { deps, leadBack }, stopping.signal)
      void introduce({ ...deps, ping: home.probe.ping }, stopping.signal)
      living = stayAlive(deps, stopping.signal)
    },
    permissionsChanged: () => store.commit([moderationJob(world.random.id())]),
    async stop() {
      stopping.abort()
      await worker.stop()
      await living
    },
  }
}
