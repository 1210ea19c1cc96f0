import { documentJob } from '../../src/activitypub/parse-payload.ts'
import { createArchive } from '../../src/files/archive.ts'
import { createMemoryFiles } from './memory-files.ts'
import { createLocks } from '../../src/bridge/lock.ts'
import { isOurs } from '../../src/bridge/portals.ts'
import { createQueries } from '../../src/bridge/queries.ts'
import type { Deps, Identity, Permission } from '../../src/bridge/ports.ts'
import { createHandlers } from '../../src/handlers.ts'
import { createHomeserver } from '../../src/matrix/client.ts'
import { isRawEvent, toEventJobs } from '../../src/matrix/intake.ts'
import { asRoomAlias, asUserId, type RoomId, type UserId } from '../../src/model/ids.ts'
import type { DeliveryPayload, Job, JobKind } from '../../src/model/job.ts'
import type { OutgoingActivity } from '../../src/model/outgoing.ts'
import { createQueue } from '../../src/queue/sqlite.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { createFakeHomeserver, type FakeHomeserver, type FakeUser } from '../fakes/homeserver.ts'
import { createCountingRandom, createRecordingLog } from '../matrix/setup.ts'
import { usualLimits } from './limits.ts'
import { createManualClock, type ManualClock } from './clock.ts'
import { createRecordingFediverse, type RecordingFediverse } from './fediverse.ts'

/** What the process did when it was killed: nothing of the call, or all of it but hear the answer. */
export type Kill = 'before' | 'after' | undefined

/** The death of the process at one call of a port. */
class Killed extends Error {}

export type BridgeOptions = {
  readonly permissionOf?: (userId: UserId) => Permission
  readonly namedAdmins?: readonly UserId[]
  readonly examine?: Deps['examine']
  readonly mediaRules?: Deps['mediaRules']
  readonly userLimits?: Deps['userLimits']
  readonly loginLink?: Deps['loginLink']
  /** Collects the files whose copies are given up. */
  readonly forgotten?: string[]
  /** Milliseconds after which what nobody uses is pruned; absent: never. */
  readonly pruneAfter?: number
  /** Asked at every call that changes the world (`send`, `commit`, `lookup` …), in the order of calls. */
  readonly kill?: (call: string) => Kill
}

export type ActivityDocument = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly actor: string
}

/** An activity that was delivered, and where. */
export type Delivered = { readonly inbox: string; readonly activity: OutgoingActivity }

/**
 * The bridge between a homeserver in memory and a fediverse that records, on a real database in
 * memory. There is no worker: `settle` does what is due, one job at a time.
 */
export type Bridge = {
  readonly deps: Deps
  readonly store: SqliteStore
  readonly hs: FakeHomeserver
  readonly fediverse: RecordingFediverse
  readonly clock: ManualClock
  readonly delivered: readonly Delivered[]
  /** How each job ended, in order: `<kind> <outcome>`. */
  readonly outcomes: readonly string[]
  /** What the admin was warned of, oldest first. */
  readonly warnings: readonly string[]
  /** Pushes what the homeserver has, then does jobs until none is due. Other than death, errors are thrown. */
  settle(): Promise<void>
  /** An activity as the inbox hands it on, done at the next `settle`. */
  receive(document: ActivityDocument): Promise<void>
  /** A user with a chat with the bot, who has read its welcome. */
  meet(userId: string): Promise<{ readonly user: FakeUser; readonly chat: RoomId }>
  /** Bodies of the notices of that room, oldest first. */
  notices(roomId: RoomId): readonly string[]
}

const identity: Identity = {
  serverName: 'hs.test',
  bot: asUserId('@apbot:hs.test'),
  prefix: '_ap_',
  publicUrl: 'https://fedi.hs.test',
  handleDomain: 'hs.test',
  commandPrefix: '!ap',
}

const kinds: readonly JobKind[] = ['event', 'activity', 'upkeep', 'delivery']

/** Every function of `port`, made to die where `kill` says so. */
function mortal<T extends object>(port: T, kill: (call: string) => Kill): T {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]): Promise<unknown> => {
        const when = kill(String(name))
        if (when === 'before') throw new Killed(String(name))
        const answer: unknown = await Reflect.apply(value, target, args)
        if (when === 'after') throw new Killed(String(name))
        return answer
      }
    },
  })
}

function createMatrix(clock: ManualClock) {
  const isOurAlias = (alias: string) => /^#_ap_.*:hs\.test$/.test(alias)
  const isOurUser = (userId: string) => /^@(_ap_.*|apbot):hs\.test$/.test(userId)
  const hs = createFakeHomeserver({
    serverName: identity.serverName,
    asToken: 'as-secret',
    bot: identity.bot,
    isOurs: isOurUser,
    isOurAlias,
    clock,
    random: createCountingRandom(),
  })
  const access = { http: hs.http, baseUrl: 'http://hs.test/', asToken: 'as-secret' }
  const { log, lines } = createRecordingLog()
  const client = createHomeserver({ ...access, botUserId: identity.bot, clock, log })
  return { hs, client, log, lines }
}

type Parts = ReturnType<typeof createMatrix> & {
  readonly store: SqliteStore
  readonly queue: ReturnType<typeof createQueue>
  readonly fediverse: RecordingFediverse
  readonly clock: ManualClock
}

function depsOf(
  { client, log, store, queue, fediverse, clock }: Parts,
  options: BridgeOptions,
): Deps {
  const kill = options.kill ?? (() => undefined)
  const startedAt = clock.now()
  const { commit, prune } = mortal({ commit: store.commit, prune: store.prune }, kill)
  const { lookup } = mortal({ lookup: fediverse.lookup }, kill)
  return {
    store: { ...store, commit, prune },
    ...(options.pruneAfter === undefined ? {} : { pruneAfter: options.pruneAfter }),
    ...(options.loginLink === undefined ? {} : { loginLink: options.loginLink }),
    homeserver: mortal(client, kill),
    fediverse: { ...fediverse, lookup },
    keys: {
      ensureKeys: async () => undefined,
      rotate: async () => undefined,
      forget: () => undefined,
    },
    identity,
    examine: options.examine ?? (async () => []),
    permissionOf: options.permissionOf ?? (() => 'user'),
    namedAdmins: options.namedAdmins ?? [],
    reportsRoom: undefined,
    locks: createLocks(),
    inTurn: (_, work) => work(),
    joinMediaWithin: 0,
    look: async (_, facts) => facts,
    readFile: async () => undefined,
    createArchive: async () => createArchive(await (await createMemoryFiles()).create()),
    userLimits: options.userLimits ?? usualLimits,
    hasSpaces: false,
    sendsStatus: false,
    mediaRules: options.mediaRules ?? { sensitive: 'spoiler', emojiReactions: 'text' },
    deliveries: queue,
    jobs: queue,
    operations: {
      logLevel: () => 'info',
      setLogLevel: () => undefined,
      backup: () => Promise.reject(new Error('there is no file')),
      facts: () => ({ version: '0.1.0', startedAt, memory: 121e6, databaseSize: 48e6 }),
    },
    forgetMedia: async (ids) => void options.forgotten?.push(...ids),
    clock,
    random: createCountingRandom(),
    log,
  }
}

type Work = {
  readonly deps: Deps
  readonly parts: Parts
  readonly queue: ReturnType<typeof createQueue>
  readonly delivered: Delivered[]
  readonly outcomes: string[]
}

function createSettle({ deps, parts, queue, delivered, outcomes }: Work) {
  const handlers = createHandlers({
    deps,
    deliver: async (payload) => {
      const { activityId, inbox } = JSON.parse(payload) as DeliveryPayload
      const { document = '' } =
        (await parts.store.findActivity(activityId)) ??
        (await parts.store.findForwarded(activityId)) ??
        {}
      delivered.push({ inbox, activity: JSON.parse(document) as OutgoingActivity })
    },
    readForwarded: async ({ id }) => {
      throw new Error(`nothing to fetch at ${id}`)
    },
  })
  const doJob = async (job: Job): Promise<void> => {
    try {
      const result = await handlers[job.kind](job)
      if ('park' in result) {
        await queue.park(job, result.park)
        outcomes.push(`${job.kind} parked: ${result.park.reason}`)
      } else {
        await queue.finish(job, result.changes)
        outcomes.push(`${job.kind} ${result.outcome}`)
      }
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      await queue.reclaimAll()
    }
  }
  const doNext = async (): Promise<boolean> => {
    await parts.hs.pushAll()
    for (const kind of kinds) {
      const [job] = await queue.claim(kind, 1)
      if (job === undefined) continue
      await doJob(job)
      return true
    }
    return false
  }
  return async (): Promise<void> => {
    while (await doNext());
  }
}

function helpers(hs: FakeHomeserver, settle: () => Promise<void>) {
  return {
    async meet(userId: string) {
      const user = hs.addUser(userId)
      const chat = user.createDm(identity.bot)
      await settle()
      return { user, chat }
    },
    notices: (roomId: RoomId): readonly string[] =>
      hs.timeline(roomId).flatMap((event) => {
        const { msgtype, body } = event['content'] as { msgtype?: string; body?: string }
        return msgtype === 'm.notice' && body !== undefined ? [body] : []
      }),
  }
}

/** A fresh bridge; nothing outlives it, so there is nothing to close. */
export async function createBridge(options: BridgeOptions = {}): Promise<Bridge> {
  const clock = createManualClock()
  const database = await openDatabase('sqlite::memory:')
  const store = createStore({ database, clock })
  const random = createCountingRandom()
  const queue = createQueue({ database, clock, random, applyChanges: store.applyChanges })
  const fediverse = createRecordingFediverse()
  const parts = { ...createMatrix(clock), store, queue, fediverse, clock }
  const deps = depsOf(parts, options)
  const delivered: Delivered[] = []
  const outcomes: string[] = []
  const settle = createSettle({ deps, parts, queue, delivered, outcomes })
  const { hs } = parts
  const queries = createQueries(deps)
  hs.connect({
    userExists: (userId) => queries.userExists(asUserId(userId)),
    aliasExists: (alias) => queries.aliasExists(asRoomAlias(alias)),
    async transaction(_txnId, { events }) {
      const isOursHere = (userId: UserId) => isOurs(userId, deps)
      await queue.add(toEventJobs(events.filter(isRawEvent), { isOurs: isOursHere }))
      return 200
    },
  })
  return {
    deps,
    store,
    hs,
    fediverse,
    clock,
    delivered,
    outcomes,
    get warnings() {
      return parts.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)
    },
    settle,
    async receive(document) {
      await queue.add([documentJob(document, JSON.stringify(document))])
    },
    ...helpers(hs, settle),
  }
}
