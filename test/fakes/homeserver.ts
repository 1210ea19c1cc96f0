import type { Clock, Random } from '../../src/model/clock.ts'
import { TransientError } from '../../src/model/errors.ts'
import type { Http, HttpRequest, HttpResponse } from '../../src/model/http.ts'
import { asRoomId, type RoomAlias, type RoomId, type UserId } from '../../src/model/ids.ts'
import { answer } from './homeserver-api.ts'
import { throughSink } from '../support/whole.ts'
import { createPush, type Appservice, type Push } from './homeserver-push.ts'
import { shutDown, type ShutDown } from './homeserver-shutdown.ts'
import { createFakeUser, type FakeUser } from './homeserver-user.ts'
import {
  MatrixError,
  membersOf,
  roomOf,
  stateOf,
  toClientEvent,
  type Json,
  type World,
} from './homeserver-world.ts'

export type { Appservice } from './homeserver-push.ts'
export type { FakeUser } from './homeserver-user.ts'
export { MatrixError } from './homeserver-world.ts'

/** `cut-answer` performs the call, then loses its answer; `timeout` performs nothing. */
export type Fault = 'cut-answer' | 'fail-500' | 'timeout' | 'limit' | 'forbid' | undefined

export type FakeHomeserverOptions = {
  /** `hs.test` */
  readonly serverName: string
  readonly asToken: string
  readonly bot: UserId
  /** The user and alias namespaces of the registration. */
  readonly isOurs: (userId: string) => boolean
  readonly isOurAlias?: (alias: string) => boolean
  readonly clock: Clock
  readonly random: Random
  readonly defaultRoomVersion?: '10' | '11' | '12'
  /** Shows the alias of a new room whatever its first state says, as Dendrite does. */
  readonly showsAliases?: boolean
}

/**
 * A homeserver in memory, for client tests, flow tests and the simulation. It keeps the rules that a
 * bridge runs into: membership, join rules, power levels and creators of room versions 10 to 12,
 * history visibility, aliases, masquerade, transaction ids, and what Synapse pushes to an
 * application service and when.
 *
 * It does not know: federation (users of other servers simply act here), `/sync`, encryption, rate
 * limits (but the fault `limit`), room upgrades, restricted joins, read receipts, devices, changes of
 * power levels above one's own, ephemeral data, downloads. Events are in one line: no forks of the
 * room's graph. A restart loses no event that was not pushed yet, which Synapse may do.
 */
export type FakeHomeserver = {
  readonly http: Http
  /** Every call so far, as `<user id> <method> <path>`. */
  readonly calls: readonly string[]
  /** Where transactions and queries go; undefined: nobody listens. */
  connect(appservice: Appservice | undefined): void
  /** Decides for each call of the bridge whether it goes wrong. */
  injectFaults(fault: (request: HttpRequest) => Fault): void
  /** What an admin can do who deletes a room. */
  shutDown(roomId: RoomId, how: ShutDown): void
  /** Another homeserver is away, or back: whoever is on it cannot be invited meanwhile. */
  setAway(serverName: string, isAway: boolean): void
  /** A user who lets nobody invite them any more, or again. */
  setRefusing(userId: string, isRefusing: boolean): void
  /** Forgets what Synapse keeps in memory: transaction ids of sends, and its transaction counter. */
  restart(): void
  /** How often it did. */
  restarts(): number
  /** A user of any server; one of ours gets a profile. Repeating it is fine. */
  addUser(userId: string, profile?: { displayname?: string; avatar_url?: string }): FakeUser
  /** Offers the next transaction once. */
  readonly pushOnce: Push['pushOnce']
  /** Offers until nothing is left; after a refusal waits 2, 4, 8 … 512 s. Throws after `tries` refusals in a row. */
  pushAll(tries?: number): Promise<void>
  /** Events not accepted yet. */
  readonly pending: Push['pending']
  rooms(): readonly RoomId[]
  findRoom(alias: RoomAlias): RoomId | undefined
  /** Joins and knocks by alias start here: asks the application service for aliases that do not exist yet. */
  resolveAlias(alias: RoomAlias): Promise<RoomId | undefined>
  /** Everything that stands in the room, oldest first, whoever may see it. */
  timeline(roomId: RoomId): readonly Json[]
  state(roomId: RoomId, type: string, stateKey?: string): Json | undefined
  members(
    roomId: RoomId,
    membership: 'join' | 'invite' | 'leave' | 'ban' | 'knock',
  ): readonly string[]
  isRegistered(userId: string): boolean
  profile(userId: string): { displayname?: string; avatar_url?: string } | undefined
  /** What the profile says beside name and picture. */
  fields(userId: string): Json
  /** Whether profiles can say more than that. */
  setHasFields(hasFields: boolean): void
  media(mxc: string): { readonly bytes: Buffer; readonly mediaType: string } | undefined
  /** Every mxc that was uploaded and is still there, in order. */
  uploads(): readonly string[]
  /** A file that a user of the homeserver uploaded. */
  addMedia(mxc: string, bytes: Buffer): void
  /** Forgets a file, as an admin who needs room does. */
  purge(mxc: string): void
  setUploadLimit(bytes: number): void
}

const respond = (status: number, body: Json | Buffer): HttpResponse =>
  Buffer.isBuffer(body)
    ? { status, headers: { 'content-length': String(body.length) }, body }
    : {
        status,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(body)),
      }

const errorBody = (errcode: string, error: string): Json => ({ errcode, error })

async function perform(run: () => Promise<Json | Buffer>): Promise<HttpResponse> {
  try {
    return respond(200, await run())
  } catch (error) {
    if (error instanceof MatrixError)
      return respond(error.status, errorBody(error.errcode, error.message))
    throw error
  }
}

async function withFault(
  fault: Fault,
  request: HttpRequest,
  run: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  switch (fault) {
    case undefined:
      return run()
    case 'fail-500':
      return respond(500, errorBody('M_UNKNOWN', 'Internal server error'))
    case 'limit': {
      const body = errorBody('M_LIMIT_EXCEEDED', 'Too Many Requests')
      return respond(429, { ...body, retry_after_ms: 2000 })
    }
    case 'forbid':
      return respond(403, errorBody('M_FORBIDDEN', 'You are not invited to this room.'))
    case 'timeout':
      throw new TransientError(`${request.url}: no answer in time`)
    case 'cut-answer':
      await run()
      throw new TransientError(`${request.url}: the connection was closed`)
  }
}

function createWorld(options: FakeHomeserverOptions, onEvent: World['onEvent']): World {
  return {
    ...options,
    isOurAlias: options.isOurAlias ?? (() => false),
    defaultRoomVersion: options.defaultRoomVersion ?? '12',
    showsAliases: options.showsAliases ?? false,
    further: new Map(),
    erased: new Set(),
    hasFields: true,
    users: new Map([
      [options.bot, { displayname: options.bot.slice(1, options.bot.indexOf(':')) }],
    ]),
    rooms: new Map(),
    aliases: new Map(),
    uploadLimit: 50 * 1024 * 1024,
    media: new Map(),
    awayServers: new Set(),
    refusing: new Set(),
    sent: new Map(),
    onEvent,
  }
}

function createPushAll(world: World, push: Push): FakeHomeserver['pushAll'] {
  return async (tries = 10) => {
    for (let refused = 0; refused < tries;) {
      const outcome = await push.pushOnce()
      if (outcome === 'idle' || outcome === 'busy') return
      refused = outcome === 'refused' ? refused + 1 : 0
      if (refused > 0) await world.clock.sleep(1000 * 2 ** Math.min(refused, 9))
    }
    throw new Error(`the application service refused ${tries} times`)
  }
}

function views(world: World) {
  return {
    rooms: () => [...world.rooms.keys()].map(asRoomId),
    findRoom: (alias: RoomAlias) => {
      const roomId = world.aliases.get(alias)
      return roomId === undefined ? undefined : asRoomId(roomId)
    },
    timeline: (roomId: RoomId) =>
      roomOf(world, roomId).timeline.map((event) => toClientEvent(event, world.clock.now())),
    state: (roomId: RoomId, type: string, stateKey = '') =>
      stateOf(roomOf(world, roomId), type, stateKey)?.content,
    members: (roomId: RoomId, membership: string) => membersOf(roomOf(world, roomId), membership),
    isRegistered: (userId: string) => world.users.has(userId),
    profile: (userId: string) => world.users.get(userId),
    fields: (userId: string) => world.further.get(userId) ?? {},
    setHasFields: (hasFields: boolean) => {
      world.hasFields = hasFields
    },
    media: (mxc: string) => world.media.get(mxc),
    uploads: () => [...world.media.keys()],
    addMedia: (mxc: string, bytes: Buffer) => void world.media.set(mxc, { bytes, mediaType: '' }),
    purge: (mxc: string) => void world.media.delete(mxc),
    setUploadLimit: (bytes: number) => {
      world.uploadLimit = bytes
    },
  }
}

function setIn(names: Set<string>, name: string, isThere: boolean): void {
  if (isThere) names.add(name)
  else names.delete(name)
}

export function createFakeHomeserver(options: FakeHomeserverOptions): FakeHomeserver {
  let appservice: Appservice | undefined
  let faultOf: (request: HttpRequest) => Fault = () => undefined
  let restarts = 0
  const calls: string[] = []
  const world = createWorld(options, (room, event) => push.consider(room, event))
  const push = createPush(world, () => appservice)
  const service = { world, appservice: () => appservice }
  const { findRoom, ...others } = views(world)
  return {
    ...others,
    findRoom,
    calls,
    http: async (request) => {
      const { pathname, searchParams } = new URL(request.url)
      const as = searchParams.get('user_id') ?? options.bot
      calls.push(`${as} ${request.method} ${decodeURIComponent(pathname)}`)
      const run = () => perform(() => answer(service, request))
      return throughSink(request, await withFault(faultOf(request), request, run))
    },
    connect: (other) => {
      appservice = other
    },
    injectFaults: (fault) => {
      faultOf = fault
    },
    shutDown: (roomId, how) => shutDown(world, roomId, how),
    setAway: (serverName, isAway) => setIn(world.awayServers, serverName, isAway),
    setRefusing: (userId, isRefusing) => setIn(world.refusing, userId, isRefusing),
    restarts: () => restarts,
    restart: () => {
      restarts += 1
      world.sent.clear()
      push.restart()
    },
    addUser: (userId, profile) => {
      if (!world.users.has(userId)) world.users.set(userId, profile ?? {})
      return createFakeUser(world, userId as UserId)
    },
    pushOnce: push.pushOnce,
    pushAll: createPushAll(world, push),
    pending: push.pending,
    resolveAlias: async (alias) => {
      const isAsked = findRoom(alias) === undefined && world.isOurAlias(alias)
      if (isAsked) await appservice?.aliasExists?.(alias).catch(() => false)
      return findRoom(alias)
    },
  }
}
