import { asActorId, asRoomAlias, asUserId, type UserId } from '../../src/model/ids.ts'
import { assemble } from '../../src/assemble.ts'
import type { Assembly } from '../../src/assembly.ts'
import type { Surroundings } from '../../src/build-doctor.ts'
import type { Answer, InboxRequest } from '../../src/activitypub/inbox.ts'
import type { Config } from '../../src/config/config.ts'
import { createQueries } from '../../src/bridge/queries.ts'
import { createQueue } from '../../src/queue/sqlite.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import type { Database } from '../../src/store/database.ts'
import { isRawEvent } from '../../src/matrix/intake.ts'
import type { Log } from '../../src/model/clock.ts'
import { gathered } from '../../src/store/gathered.ts'
import type { Queue } from '../../src/queue/queue.ts'
import type { Files } from '../../src/model/file.ts'
import type { Http } from '../../src/model/http.ts'
import { metered } from '../../src/metrics/metered.ts'
import type { Meter, Side } from '../../src/model/meter.ts'
import type { Tracer } from '../../src/model/tracer.ts'
import { tracedHttp } from '../../src/tracing/traced.ts'
import { signRequest } from '../../src/activitypub/signature.ts'
import { createMemoryFiles } from '../support/memory-files.ts'
import { createFakeHomeserver, type FakeHomeserver } from '../fakes/homeserver.ts'
import { createFediverse, type Account, type FakeFediverse, type Sent } from '../fakes/fediverse.ts'
import { idOf } from '../fakes/fediverse-account.ts'
import type { Chance } from './chance.ts'
import { createKeySource, publicKeyOf } from './keys.ts'
import { openEmpty, rowsOf } from './database.ts'
import { createLife, type Life, type Step } from './life.ts'
import { createPusher, type Pusher } from './pusher.ts'
import { createSenders, type Senders } from './senders.ts'
import { createTime, type Time } from './time.ts'
import { through, type Weather } from './weather.ts'
import { bot, config, isGhost, publicUrl, serverName, start } from './names.ts'

export { bot, config, isOurs, publicUrl, serverName, start } from './names.ts'

export type WorldOptions = {
  readonly chance: Chance
  readonly weather: Weather
  /** Whether the bridge's process dies at this step. */
  readonly crashesAt?: (step: Step) => boolean
  /** How long it takes until it is started again. */
  readonly downtime?: () => number
  readonly trace?: (line: () => string) => void
  readonly media?: Partial<Config['media']>
  readonly activitypub?: Partial<Config['activitypub']>
  readonly appservice?: Partial<Config['appservice']>
  /** Stands before the fediverse: answers of hosts that have no accounts. */
  readonly web?: (http: Http) => Http
  readonly publish?: Config['publish']
  /** Rooms of the bridge are for users of its homeserver alone. */
  readonly localRoomsOnly?: true
  /** What is found by looking into files; nothing where it is absent. */
  readonly look?: Files['look']
  readonly limits?: Partial<Config['limits']>
  readonly moderation?: Partial<Config['moderation']>
  readonly tracer?: Tracer
  readonly meter?: Meter
  /** Our own public URL as this machine reaches it; absent: it does not look. */
  readonly ownWeb?: Http
  /** In which the homeserver makes rooms. */
  readonly roomVersion?: '10' | '11' | '12'
  /** Breaks the bridge before it runs: how the simulation itself is tested. */
  readonly sabotage?: (assembly: Assembly) => void
}

/** The whole bridge between a homeserver and a fediverse in memory, all on one virtual clock. */
export type World = {
  readonly time: Time
  readonly homeserver: FakeHomeserver
  readonly fediverse: FakeFediverse
  readonly senders: Senders
  readonly pusher: Pusher
  /** What the bridge has written down, read from outside. */
  readonly store: SqliteStore
  readonly queue: Queue
  /** Keys of all that the bridge remembers to have done. */
  marks(): readonly string[]
  /** One request to the bridge's inbox, as it is; nobody tries again. Rejects while the bridge is down. */
  ask(request: InboxRequest): Promise<Answer>
  /** One transaction of the homeserver's with these events, whatever they are. */
  push(events: readonly unknown[]): Promise<void>
  /** What somebody types at the machine. Resolves while time passes. */
  typed(words: readonly string[]): ReturnType<Assembly['answer']>
  /** Every row of every table, as text. */
  rows(): Readonly<Record<string, readonly string[]>>
  readonly permissions: Map<UserId, ReturnType<Assembly['deps']['permissionOf']>>
  /** What an account (by id) does with a Follow; without an entry it accepts. */
  readonly manners: Map<string, 'accept' | 'reject' | 'ignore'>
  account(username: string, host: string): Account
  /** Ends the process without warning; it is started again after that time, or a while. */
  crash(ms?: number): void
  /** From when until when the bridge does not run, where that is now; milliseconds. */
  outage(): { readonly from: number; readonly to: number } | undefined
  crashes(): number
  close(): void
}

type Running = { readonly life: Life; readonly assembly: Assembly }

type Parts = Omit<
  World,
  | 'crash'
  | 'outage'
  | 'crashes'
  | 'close'
  | 'senders'
  | 'pusher'
  | 'account'
  | 'marks'
  | 'ask'
  | 'push'
  | 'typed'
  | 'rows'
> & {
  readonly options: WorldOptions
  readonly database: Database
  readonly generateKeys: ReturnType<typeof createKeySource>
  readonly files: Files
}

async function filesFor({ look }: WorldOptions): Promise<Files> {
  const files = await createMemoryFiles()
  return look === undefined ? files : { ...files, look }
}

async function buildParts(options: WorldOptions): Promise<Parts> {
  const { chance } = options
  const time = createTime(start)
  const database = await openEmpty()
  const store = createStore({ database, clock: time.clock })
  const queue = createQueue({
    database,
    clock: time.clock,
    random: chance.fork('observer'),
    applyChanges: store.applyChanges,
  })
  const homeserver = createFakeHomeserver({
    serverName,
    asToken: config.appservice.asToken,
    bot,
    isOurs: isGhost,
    isOurAlias: (alias) => /^#_ap_.*:hs\.test$/.test(alias),
    clock: time.clock,
    random: chance.fork('homeserver'),
    ...(options.roomVersion === undefined ? {} : { defaultRoomVersion: options.roomVersion }),
  })
  const fediverse = createFediverse({
    clock: time.clock,
    publicUrl,
    findKey: async (keyId) => {
      const pairs = await store.keyPairsOf(asActorId(keyId.split('#')[0] ?? ''))
      // Servers keep the keys that they have seen, for a while also one that was replaced.
      const pair = pairs.find((one) => one.keyId === keyId)
      return pair && publicKeyOf(pair.publicPem)
    },
  })
  const generateKeys = createKeySource()
  const permissions: World['permissions'] = new Map()
  const manners: World['manners'] = new Map()
  return {
    ...{ time, homeserver, fediverse, store, queue, permissions, manners },
    ...{ options, database, generateKeys, files: await filesFor(options) },
  }
}

function createLog(trace: NonNullable<WorldOptions['trace']>): Log {
  const at =
    (level: string): Log['info'] =>
    (fields, message) =>
      trace(() => `  ${level} ${message} ${JSON.stringify(fields)}`)
  return { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') }
}

/** A machine of which only our own public URL is to be seen. */
const surroundingsOf = (web: Http): Surroundings => ({
  configFile: undefined,
  reach: undefined,
  machine: {
    web,
    close: async () => undefined,
    lookAtCertificate: async () => ({ silent: 'there is none' }),
    addressesOf: async () => ['203.0.113.7'],
    isPublic: () => true,
    freeBytes: async () => undefined,
    writeFault: async () => undefined,
    mayChangeConfig: () => undefined,
    registration: () => undefined,
  },
})

/** A new process on the same database. */
function startBridge(parts: Parts, log: Log): Running {
  const { time, options, homeserver, fediverse, permissions } = parts
  const { weather, chance, crashesAt = () => false, web = (http: Http): Http => http } = options
  const { tracer, meter } = options
  const life = createLife(crashesAt)
  const network = { weather, time }
  const watched = (http: Http, side: Side): Http =>
    tracedHttp(metered(life.guardHttp(http), side, { meter, clock: time.clock }), side, tracer)
  const assembly = assemble({
    config: {
      ...config,
      media: { ...config.media, ...options.media },
      activitypub: { ...config.activitypub, ...options.activitypub },
      appservice: { ...config.appservice, ...options.appservice },
      publish: options.publish ?? config.publish,
      ...(options.localRoomsOnly === true ? { localRoomsOnly: true } : {}),
      limits: { ...config.limits, ...options.limits },
      moderation: { ...config.moderation, ...options.moderation },
    },
    database: gathered(life.guardDatabase(parts.database), (flush) => void time.after(0, flush)),
    http: watched(
      through(web(fediverse.http), ({ url }) => new URL(url).host, network),
      'fediverse',
    ),
    homeserverHttp: watched(
      through(homeserver.http, () => 'homeserver', { ...network, restarts: homeserver.restarts }),
      'homeserver',
    ),
    ...(tracer === undefined ? {} : { tracer }),
    ...(meter === undefined ? {} : { meter }),
    files: parts.files,
    permissionOf: (userId) =>
      permissions.get(userId) ?? (userId.endsWith(`:${serverName}`) ? 'user' : 'none'),
    clock: life.guardClock(time.clock),
    random: chance.fork(`bridge ${chance.id()}`),
    log: life.guardLog(log),
    userAgent: 'Footbridge',
    ...(options.ownWeb === undefined ? {} : { surroundings: surroundingsOf(options.ownWeb) }),
    keyPool: 0,
    sign: signRequest,
    generateKeys: parts.generateKeys,
  })
  options.sabotage?.(assembly)
  assembly.start().catch((error: unknown) => {
    if (!life.isOver()) throw error
  })
  return { life, assembly }
}

/** Whatever runs now, as homeserver and remote servers reach it; rejects while nothing does. */
type Reach = <T>(ask: (assembly: Assembly) => Promise<T>) => Promise<T>

function connectHomeserver(
  { homeserver, options: { weather } }: Parts,
  reach: Reach,
  onPing: () => void,
): void {
  homeserver.connect({
    transaction: async (_, { events }) => {
      const trouble = weather.troubleToBridge('homeserver')
      if (trouble === 'timeout') return 0
      await reach((assembly) => assembly.receiveEvents(events.filter(isRawEvent)))
      return trouble === 'cut-answer' ? 0 : 200
    },
    userExists: (userId) => reach(({ deps }) => createQueries(deps).userExists(asUserId(userId))),
    aliasExists: (alias) =>
      reach(({ deps }) => createQueries(deps).aliasExists(asRoomAlias(alias))),
    ping: () => {
      onPing()
      return reach(async () => 200)
    },
  })
}

/** Accounts answer each Follow once, a moment later, as their manners are. */
function createAnswers({ time, fediverse, manners, options }: Parts, senders: Senders): () => void {
  const answered = new Set<string>()
  let seen = 0
  return () => {
    const fresh = fediverse.deliveries.slice(seen)
    seen = fediverse.deliveries.length
    for (const { activity } of fresh) {
      const id = idOf(activity)
      if (activity['type'] !== 'Follow' || answered.has(id)) continue
      answered.add(id)
      const account = accountOf(fediverse, idOf(activity['object']))
      const manner = manners.get(account.id) ?? 'accept'
      if (manner === 'ignore') continue
      time.after(options.weather.latency(), () =>
        senders.send(manner === 'accept' ? account.accept(activity) : account.reject(activity)),
      )
    }
  }
}

/** The account of that id, which must exist. */
function accountOf(fediverse: FakeFediverse, id: string): Account {
  const { host, pathname } = new URL(id)
  const account = fediverse.server(host).accounts.get(pathname.split('/')[2] ?? '')
  if (account?.id !== id) throw new Error(`nobody is ${id}`)
  return account
}

const localActors = (sent: Sent): string[] => {
  const text = JSON.stringify(sent.activity)
  return [...new Set(text.match(/https:\/\/bridge\.example\/actors\/[\w-]{22}/g) ?? [])]
}

export async function createWorld(options: WorldOptions): Promise<World> {
  const { weather, trace: tell = () => undefined, downtime = () => 1_000 } = options
  const parts = await buildParts(options)
  const { time, homeserver } = parts
  const trace: typeof tell = (line) => {
    tell(() => `${new Date(time.now()).toISOString()} ${line()}`)
  }
  const log = createLog(trace)
  let running: Running | undefined
  let crashes = 0
  let gap: { from: number; to: number } | undefined
  let planned: number | undefined
  const boot = (): void => {
    gap = undefined
    running = startBridge(parts, log)
    running.life.onEnd(() => {
      crashes += 1
      running = undefined
      const ms = planned ?? downtime()
      planned = undefined
      gap = { from: time.now(), to: time.now() + ms }
      trace(() => `the bridge crashed; it starts again in ${ms} ms`)
      time.after(ms, boot)
    })
  }
  const reach: Reach = async (ask) => {
    if (running === undefined) throw new Error('connection refused')
    return running.life.seenFromOutside(ask(running.assembly))
  }
  const pusher = createPusher(homeserver, { time, weather })
  connectHomeserver(parts, reach, pusher.retryNow)
  const senders = createSenders({
    time,
    weather,
    trace,
    personalInboxes: localActors,
    deliver: async ({ target, headers, body }, recipient) => {
      const to = recipient === undefined ? {} : { recipient: asActorId(recipient) }
      return (await reach((bridge) => bridge.inbox({ target, headers, body, ...to }))).status
    },
  })
  const answerFollows = createAnswers(parts, senders)
  time.afterEach(() => {
    pusher.nudge()
    answerFollows()
  })
  boot()
  const { fediverse, store, queue, permissions, manners } = parts
  return {
    ...{ time, homeserver, fediverse, senders, pusher, store, queue, permissions, manners },
    account: (username, host) => {
      const account = fediverse.account(username, host)
      account.autoAccept = false
      return account
    },
    marks: () =>
      parts.database
        .prepare<[], { key: string }>('select key from mark')
        .all()
        .map(({ key }) => key),
    ask: (request) => reach((bridge) => bridge.inbox(request)),
    push: (events) => reach((bridge) => bridge.receiveEvents(events.filter(isRawEvent))),
    typed: (words) => reach((bridge) => bridge.answer(words)),
    rows: () => rowsOf(parts.database),
    crash: (ms) => {
      if (running === undefined) return
      planned = ms
      running.life.end()
    },
    outage: () => gap,
    crashes: () => crashes,
    close: () => parts.database.close(),
  }
}
