import { authorize, hasPrivilegedCreators } from './homeserver-rules.ts'
import {
  MatrixError,
  isRecord,
  listAt,
  needInvitable,
  recordAt,
  stateOf,
  stringAt,
  type Draft,
  type Json,
  type Room,
  type StoredEvent,
  type World,
} from './homeserver-world.ts'

/** What is left of an event's content after its redaction (room versions 10 and 11). */
const keptByRedaction: Readonly<Record<string, readonly string[]>> = {
  'm.room.member': ['membership'],
  'm.room.join_rules': ['join_rule'],
  'm.room.history_visibility': ['history_visibility'],
}
const neverEmptied = ['m.room.create', 'm.room.power_levels']

function redact(room: Room, redaction: StoredEvent): void {
  const target = room.timeline.find((event) => event.event_id === redaction.redacts)
  if (target === undefined || neverEmptied.includes(target.type)) return
  const kept = keptByRedaction[target.type] ?? []
  target.content = Object.fromEntries(
    Object.entries(target.content).filter(([key]) => kept.includes(key)),
  )
  target.redactedBecause = redaction.event_id
}

/** Adds an event where the rules allow it. State that changes nothing answers the event that stands. */
export function append(world: World, room: Room, draft: Draft): StoredEvent {
  authorize(room, draft)
  const { sender, type, stateKey, content, redacts } = draft
  if (type === 'm.room.member' && content['membership'] === 'invite')
    needInvitable(world, stateKey ?? '')
  const before = stateKey === undefined ? undefined : stateOf(room, type, stateKey)
  const isSame =
    before?.sender === sender && JSON.stringify(before.content) === JSON.stringify(content)
  if (before !== undefined && isSame) return before
  const event: StoredEvent = {
    event_id: `$${world.random.id()}`,
    room_id: room.roomId,
    sender,
    type,
    ...(stateKey === undefined ? {} : { state_key: stateKey }),
    origin_server_ts: draft.ts ?? world.clock.now(),
    ...(redacts === undefined ? {} : { redacts }),
    content,
    ...(before === undefined ? {} : { prevContent: before.content }),
  }
  room.timeline.push(event)
  if (stateKey !== undefined) room.state.set(`${type} ${stateKey}`, event)
  if (redacts !== undefined) redact(room, event)
  world.onEvent(room, event)
  return event
}

export type MemberChange = {
  readonly sender: string
  readonly target: string
  readonly membership: 'join' | 'invite' | 'leave' | 'ban' | 'knock'
  readonly reason?: string
  readonly isDirect?: boolean
}

/** Changes who is in the room. A repeated join or invite changes nothing. */
export function changeMember(world: World, room: Room, change: MemberChange): StoredEvent {
  const { sender, target, membership, reason } = change
  const isKnown = membership === 'join' || membership === 'invite' || membership === 'knock'
  const profile = isKnown ? world.users.get(target) : undefined
  const content = {
    membership,
    ...profile,
    ...(reason === undefined ? {} : { reason }),
    ...(change.isDirect === true ? { is_direct: true } : {}),
  }
  return append(world, room, { sender, type: 'm.room.member', stateKey: target, content })
}

const defaultLevels = (creator: string, version: string, invite: number): Json => ({
  users: hasPrivilegedCreators(version) ? {} : { [creator]: 100 },
  users_default: 0,
  events: {
    'm.room.name': 50,
    'm.room.power_levels': 100,
    'm.room.history_visibility': 100,
    'm.room.canonical_alias': 50,
    'm.room.avatar': 50,
    'm.room.tombstone': hasPrivilegedCreators(version) ? 150 : 100,
    'm.room.server_acl': 100,
    'm.room.encryption': 100,
  },
  events_default: 0,
  state_default: 50,
  ban: 50,
  kick: 50,
  redact: 50,
  invite,
  historical: 100,
})

type Preset = readonly [joinRule: string, guests: string, invite: number]

const privateChat: Preset = ['invite', 'can_join', 0]
const presets: Readonly<Record<string, Preset>> = { public_chat: ['public', 'forbidden', 50] }

function takeAlias(world: World, creator: string, body: Json): string | undefined {
  const name = stringAt(body, 'room_alias_name')
  if (name === undefined) return undefined
  const alias = `#${name}:${world.serverName}`
  const isService = creator === world.bot || world.isOurs(creator)
  if (world.isOurAlias(alias) !== isService)
    throw new MatrixError(400, 'M_EXCLUSIVE', `Alias ${alias} is not yours to make`)
  if (world.aliases.has(alias))
    throw new MatrixError(400, 'M_ROOM_IN_USE', 'Room alias already taken')
  return alias
}

function startRoom(world: World, creator: string, body: Json): Room {
  const version = stringAt(body, 'room_version') ?? world.defaultRoomVersion
  if (!['10', '11', '12'].includes(version))
    throw new MatrixError(400, 'M_UNSUPPORTED_ROOM_VERSION', `No room version ${version}`)
  const invited = listAt(body, 'invite').map(String)
  const isTrusted = stringAt(body, 'preset') === 'trusted_private_chat'
  // The id of a version 12 room is the hash of its creation and names no server (MSC4291).
  const id = world.random.id()
  const roomId = hasPrivilegedCreators(version) ? `!${id}` : `!${id}:${world.serverName}`
  const room: Room = { roomId, version, timeline: [], state: new Map(), forgotten: new Set() }
  world.rooms.set(roomId, room)
  const content = {
    ...recordAt(body, 'creation_content'),
    room_version: version,
    ...(version === '10' ? { creator } : {}),
    ...(hasPrivilegedCreators(version) && isTrusted ? { additional_creators: invited } : {}),
  }
  append(world, room, { sender: creator, type: 'm.room.create', stateKey: '', content })
  changeMember(world, room, { sender: creator, target: creator, membership: 'join' })
  return room
}

type Creation = {
  readonly creator: string
  readonly body: Json
  readonly alias: string | undefined
}

/** In the order in which Synapse sets it. */
function setInitialState(world: World, room: Room, { creator, body, alias }: Creation): void {
  const set = (type: string, content: Json, stateKey = ''): void => {
    append(world, room, { sender: creator, type, stateKey, content })
  }
  const [joinRule, guests, invite] = presets[stringAt(body, 'preset') ?? ''] ?? privateChat
  const override = recordAt(body, 'power_level_content_override')
  set('m.room.power_levels', { ...defaultLevels(creator, room.version, invite), ...override })
  const given = listAt(body, 'initial_state').filter(isRecord)
  const isGiven = (type: string): boolean => given.some((event) => event['type'] === type)
  if (alias !== undefined && !isGiven('m.room.canonical_alias'))
    set('m.room.canonical_alias', { alias })
  if (!isGiven('m.room.join_rules')) set('m.room.join_rules', { join_rule: joinRule })
  if (!isGiven('m.room.history_visibility'))
    set('m.room.history_visibility', { history_visibility: 'shared' })
  if (!isGiven('m.room.guest_access')) set('m.room.guest_access', { guest_access: guests })
  for (const event of given)
    set(stringAt(event, 'type') ?? '', recordAt(event, 'content'), stringAt(event, 'state_key'))
  if (alias !== undefined && world.showsAliases) set('m.room.canonical_alias', { alias })
  const name = stringAt(body, 'name')
  const topic = stringAt(body, 'topic')
  if (name !== undefined) set('m.room.name', { name })
  if (topic !== undefined) set('m.room.topic', { topic })
}

/** `POST /createRoom` by anybody; answers the room. */
export function createRoom(world: World, creator: string, body: Json): Room {
  const alias = takeAlias(world, creator, body)
  const levels = recordAt(recordAt(body, 'power_level_content_override'), 'users')
  const version = stringAt(body, 'room_version') ?? world.defaultRoomVersion
  if (hasPrivilegedCreators(version) && creator in levels)
    throw new MatrixError(400, 'M_UNKNOWN', 'A creator must not appear in content.users')
  const room = startRoom(world, creator, body)
  if (alias !== undefined) world.aliases.set(alias, room.roomId)
  setInitialState(world, room, { creator, body, alias })
  for (const target of listAt(body, 'invite').map(String))
    changeMember(world, room, {
      sender: creator,
      target,
      membership: 'invite',
      isDirect: body['is_direct'] === true,
    })
  return room
}

/** Sets the profile and, as Synapse does, tells every room that the user is in. */
export function setProfile(world: World, userId: string, change: Json): void {
  world.users.set(userId, { ...world.users.get(userId), ...change })
  for (const room of world.rooms.values()) {
    const member = stateOf(room, 'm.room.member', userId)
    if (member?.content['membership'] !== 'join') continue
    changeMember(world, room, { sender: userId, target: userId, membership: 'join' })
  }
}

/** A field beside name and picture; undefined takes it away. */
export function setField(world: World, userId: string, change: Json): void {
  if (!world.hasFields) throw new MatrixError(404, 'M_UNRECOGNIZED', 'Unrecognized request')
  const fields = Object.entries({ ...world.further.get(userId), ...change })
  world.further.set(userId, Object.fromEntries(fields.filter(([, value]) => value !== undefined)))
}
