import type { HttpRequest } from '../../src/model/http.ts'
import { append, changeMember, createRoom, setField, setProfile } from './homeserver-room.ts'
import { checkReader, readEvent, readMessages } from './homeserver-history.ts'
import type { Appservice } from './homeserver-push.ts'
import { wholeOf } from '../support/whole.ts'
import {
  MatrixError,
  isRecord,
  membershipOf,
  forbidden,
  roomOf,
  stateOf,
  stringAt,
  toClientEvent,
  type Json,
  type World,
} from './homeserver-world.ts'

/** One authenticated call. */
type Ask = {
  readonly as: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Json
  readonly request: HttpRequest
  /** Path as sent: Synapse's key for transaction ids, without the query and so without the ghost. */
  readonly path: string
}

type Service = { readonly world: World; readonly appservice: () => Appservice | undefined }
type Route = readonly [
  method: string,
  pattern: string,
  run: (service: Service, ask: Ask) => Json | Buffer | Promise<Json>,
]

const param = (ask: Ask, name: string): string => ask.params[name] ?? ''
const text = (body: Json, key: string): string => {
  const value = stringAt(body, key)
  if (value === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `Missing ${key}`)
  return value
}
const reasonOf = (body: Json): { readonly reason?: string } => {
  const reason = stringAt(body, 'reason')
  return reason === undefined ? {} : { reason }
}

const txnLifetime = 30 * 60_000

/** The same path within 30 minutes answers the same event, whoever asks; a restart forgets. */
function once(world: World, ask: Ask, run: () => string): Json {
  const known = world.sent.get(ask.path)
  if (known !== undefined && world.clock.now() - known.at < txnLifetime)
    return { event_id: known.eventId }
  const eventId = run()
  world.sent.set(ask.path, { eventId, at: world.clock.now() })
  return { event_id: eventId }
}

function register({ world }: Service, { body }: Ask): Json {
  if (body['type'] !== 'm.login.application_service')
    throw forbidden('Registration has been disabled')
  const userId = `@${text(body, 'username')}:${world.serverName}`
  if (userId !== world.bot && !world.isOurs(userId))
    throw new MatrixError(
      400,
      'M_EXCLUSIVE',
      'Invalid user localpart for this application service.',
    )
  if (world.users.has(userId)) throw new MatrixError(400, 'M_USER_IN_USE', 'User ID already taken.')
  // Synapse names a new user after its localpart.
  world.users.set(userId, { displayname: text(body, 'username') })
  return { user_id: userId }
}

/** An alias of the service's namespace that does not exist is asked for, even when the service itself asks. */
async function findAlias({ world, appservice }: Service, ask: Ask): Promise<Json> {
  const alias = param(ask, 'alias')
  if (!world.aliases.has(alias) && world.isOurAlias(alias)) {
    await appservice()
      ?.aliasExists?.(alias)
      .catch(() => false)
  }
  const roomId = world.aliases.get(alias)
  if (roomId === undefined)
    throw new MatrixError(404, 'M_NOT_FOUND', `Room alias ${alias} not found`)
  return { room_id: roomId, servers: [world.serverName] }
}

function addAlias({ world }: Service, ask: Ask): Json {
  const alias = param(ask, 'alias')
  if (!world.isOurAlias(alias)) throw new MatrixError(400, 'M_EXCLUSIVE', 'Not yours to make')
  if (world.aliases.has(alias))
    throw new MatrixError(409, 'M_UNKNOWN', `Room alias ${alias} already exists`)
  world.aliases.set(alias, roomOf(world, text(ask.body, 'room_id')).roomId)
  return {}
}

async function ping({ appservice }: Service): Promise<Json> {
  const service = appservice()
  if (service === undefined) throw new MatrixError(502, 'M_CONNECTION_FAILED', 'Nobody there')
  const status = (await service.ping?.()) ?? 200
  if (status !== 200) throw new MatrixError(502, 'M_BAD_STATUS', `HTTP ${status}`)
  return { duration_ms: 1 }
}

const account: readonly Route[] = [
  ['GET', 'client/v3/account/whoami', (_, ask) => ({ user_id: ask.as })],
  ['POST', 'client/v3/register', register],
  [
    'GET',
    'client/v3/capabilities',
    ({ world }) => {
      const available = { 10: 'stable', 11: 'stable', 12: 'stable' }
      return {
        capabilities: {
          'm.room_versions': { default: world.defaultRoomVersion, available },
          ...(world.hasFields ? { 'm.profile_fields': { enabled: true } } : {}),
        },
      }
    },
  ],
  [
    'GET',
    'client/v3/profile/:user',
    ({ world }, ask) => {
      const user = param(ask, 'user')
      const profile = world.users.get(user)
      if (world.erased.has(user) || profile === undefined)
        throw new MatrixError(404, 'M_UNKNOWN', 'No row found (profiles)')
      const all = { ...profile, ...world.further.get(user) }
      // So Synapse, of who has taken away their name and has no picture.
      if (Object.values(all).every((value) => value === ''))
        throw new MatrixError(404, 'M_NOT_FOUND', 'Profile was not found')
      return all
    },
  ],
  [
    'GET',
    'client/v3/profile/:user/displayname',
    ({ world }, ask) => {
      const user = param(ask, 'user')
      const profile = world.users.get(user)
      if (world.erased.has(user) || profile === undefined)
        throw new MatrixError(404, 'M_NOT_FOUND', 'Profile was not found')
      return profile.displayname === undefined ? {} : { displayname: profile.displayname }
    },
  ],
  [
    'PUT',
    'client/v3/profile/:user/:field',
    ({ world }, ask) => {
      if (param(ask, 'user') !== ask.as) throw forbidden("Cannot set another user's profile")
      const field = param(ask, 'field')
      if (/^(?:displayname|avatar_url)$/.test(field))
        setProfile(world, ask.as, { [field]: text(ask.body, field) })
      else setField(world, ask.as, { [field]: ask.body[field] })
      return {}
    },
  ],
  [
    'DELETE',
    'client/v3/profile/:user/:field',
    ({ world }, ask) => {
      if (param(ask, 'user') !== ask.as) throw forbidden("Cannot set another user's profile")
      setField(world, ask.as, { [param(ask, 'field')]: undefined })
      return {}
    },
  ],
  [
    'POST',
    'media/v3/upload',
    async ({ world }, { request }) => {
      const uri = `mxc://${world.serverName}/${world.random.id()}`
      const bytes =
        request.source === undefined
          ? Buffer.from(request.body ?? '')
          : await wholeOf(request.source.chunks())
      if (bytes.length > world.uploadLimit)
        throw new MatrixError(413, 'M_TOO_LARGE', 'Upload request body is too large')
      world.media.set(uri, { bytes, mediaType: request.headers['content-type'] ?? '' })
      return { content_uri: uri }
    },
  ],
  ['GET', 'client/v1/media/config', ({ world }) => ({ 'm.upload.size': world.uploadLimit })],
  [
    'GET',
    'client/v1/media/download/:server/:id',
    ({ world }, ask) => {
      const file = world.media.get(`mxc://${param(ask, 'server')}/${param(ask, 'id')}`)
      if (file !== undefined) return file.bytes
      throw new MatrixError(404, 'M_NOT_FOUND', 'Not found')
    },
  ],
  ['POST', 'client/v1/appservice/:id/ping', ping],
]

const memberRoute = (
  action: string,
  membership: 'join' | 'invite' | 'leave' | 'ban',
  isOfSelf: boolean,
): Route => [
  'POST',
  `client/v3/rooms/:room/${action}`,
  ({ world }, { as, params, body }) => {
    const target = isOfSelf ? as : text(body, 'user_id')
    const room = world.rooms.get(params['room'] ?? '')
    if (room === undefined && action === 'invite') throw forbidden('Unknown room')
    if (room === undefined) throw new MatrixError(404, 'M_UNKNOWN', 'Not a known room')
    changeMember(world, room, { sender: as, target, membership, ...reasonOf(body) })
    return action === 'join' ? { room_id: room.roomId } : {}
  },
]

const rooms: readonly Route[] = [
  [
    'POST',
    'client/v3/createRoom',
    ({ world }, { as, body }) => ({ room_id: createRoom(world, as, body).roomId }),
  ],
  ['GET', 'client/v3/directory/room/:alias', findAlias],
  ['PUT', 'client/v3/directory/room/:alias', addAlias],
  [
    'DELETE',
    'client/v3/directory/room/:alias',
    ({ world }, ask) => {
      if (!world.aliases.delete(param(ask, 'alias')))
        throw new MatrixError(404, 'M_NOT_FOUND', 'Room alias not found')
      return {}
    },
  ],
  memberRoute('join', 'join', true),
  [
    'POST',
    'client/v3/join/:room',
    ({ world }, { as, params, body }) => {
      const name = params['room'] ?? ''
      const room = world.rooms.get(name.startsWith('#') ? (world.aliases.get(name) ?? '') : name)
      if (room === undefined) throw new MatrixError(404, 'M_NOT_FOUND', 'No known servers')
      changeMember(world, room, { sender: as, target: as, membership: 'join', ...reasonOf(body) })
      return { room_id: room.roomId }
    },
  ],
  memberRoute('leave', 'leave', true),
  memberRoute('invite', 'invite', false),
  memberRoute('kick', 'leave', false),
  memberRoute('ban', 'ban', false),
  [
    'GET',
    'client/v3/rooms/:room/members',
    ({ world }, ask) => {
      const room = roomOf(world, param(ask, 'room'))
      checkReader(room, ask.as)
      const members = [...room.state.values()].filter(({ type }) => type === 'm.room.member')
      return { chunk: members.map((event) => toClientEvent(event, world.clock.now())) }
    },
  ],
  [
    'GET',
    'client/v3/rooms/:room/state',
    ({ world }, ask) => {
      const room = roomOf(world, param(ask, 'room'))
      checkReader(room, ask.as)
      // A list, as the specification has it.
      return [...room.state.values()].map((event) => toClientEvent(event, world.clock.now()))
    },
  ],
  [
    'GET',
    'client/v3/rooms/:room/messages',
    ({ world }, ask) => readMessages(world, roomOf(world, param(ask, 'room')), ask),
  ],
  [
    'GET',
    'client/v3/rooms/:room/event/:event',
    ({ world }, ask) =>
      readEvent(world, roomOf(world, param(ask, 'room')), {
        as: ask.as,
        eventId: param(ask, 'event'),
      }),
  ],
]

const events: readonly Route[] = [
  [
    'PUT',
    'client/v3/rooms/:room/send/:type/:txn',
    ({ world }, ask) =>
      once(world, ask, () => {
        const ts = ask.query.get('ts')
        return append(world, roomOf(world, param(ask, 'room')), {
          sender: ask.as,
          type: param(ask, 'type'),
          content: ask.body,
          ...(ts === null ? {} : { ts: Number(ts) }),
        }).event_id
      }),
  ],
  [
    'PUT',
    'client/v3/rooms/:room/redact/:event/:txn',
    ({ world }, ask) =>
      once(world, ask, () => {
        const room = roomOf(world, param(ask, 'room'))
        const redacts = param(ask, 'event')
        const content = reasonOf(ask.body)
        return append(world, room, { sender: ask.as, type: 'm.room.redaction', content, redacts })
          .event_id
      }),
  ],
  ['POST', 'client/v3/rooms/:room/report/:event', () => ({})],
  [
    'PUT',
    'client/v3/rooms/:room/state/:type/:key',
    ({ world }, ask) => {
      const [type, stateKey] = [param(ask, 'type'), param(ask, 'key')]
      const draft = { sender: ask.as, type, stateKey, content: ask.body }
      return { event_id: append(world, roomOf(world, param(ask, 'room')), draft).event_id }
    },
  ],
  [
    'GET',
    'client/v3/rooms/:room/state/:type/:key',
    ({ world }, ask) => {
      const room = roomOf(world, param(ask, 'room'))
      if (membershipOf(room, ask.as) !== 'join') checkReader(room, ask.as)
      const event = stateOf(room, param(ask, 'type'), param(ask, 'key'))
      if (event === undefined) throw new MatrixError(404, 'M_NOT_FOUND', 'Event not found.')
      return event.content
    },
  ],
]

const routes = [...account, ...rooms, ...events].map(
  ([method, pattern, run]) => ({ method, parts: pattern.split('/'), run }) as const,
)

function matchParts(
  pattern: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const given = parts[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = given
    else if (part !== given) return undefined
  }
  return params
}

function findRoute(method: string, path: string) {
  const parts = path.replace('/_matrix/', '').split('/').map(decodeURIComponent)
  for (const route of routes) {
    const params = route.method === method ? matchParts(route.parts, parts) : undefined
    if (params !== undefined) return { run: route.run, params }
  }
  throw new MatrixError(404, 'M_UNRECOGNIZED', `Unrecognized request ${method} ${path}`)
}

/** Whom the call acts as (application service API, "Identity assertion"). */
function authenticate(world: World, request: HttpRequest, query: URLSearchParams): string {
  const token = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1]
  if (token === undefined) throw new MatrixError(401, 'M_MISSING_TOKEN', 'Missing access token')
  if (token !== world.asToken) throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'Unknown access token')
  const userId = query.get('user_id') ?? world.bot
  if (userId === world.bot) return userId
  if (!world.isOurs(userId))
    throw forbidden(`Application service cannot masquerade as this user (${userId}).`)
  if (!world.users.has(userId))
    throw forbidden(`Application service has not registered this user (${userId})`)
  return userId
}

function parseBody(request: HttpRequest, path: string): Json {
  if (request.body === undefined || path.startsWith('/_matrix/media/')) return {}
  if (request.body.length > 65_536) throw new MatrixError(413, 'M_TOO_LARGE', 'event too large')
  try {
    const value: unknown = JSON.parse(Buffer.from(request.body).toString('utf8'))
    if (isRecord(value)) return value
  } catch {
    throw new MatrixError(400, 'M_NOT_JSON', 'Content not JSON.')
  }
  throw new MatrixError(400, 'M_BAD_JSON', 'Content must be a JSON object.')
}

/** Performs one client-server call; throws `MatrixError`. */
export async function answer(service: Service, request: HttpRequest): Promise<Json | Buffer> {
  const { pathname: path, searchParams: query } = new URL(request.url)
  if (path === '/_matrix/client/versions') return { versions: ['v1.1', 'v1.11', 'v1.16'] }
  const as = authenticate(service.world, request, query)
  const { run, params } = findRoute(request.method, path)
  return run(service, { as, params, query, body: parseBody(request, path), request, path })
}
