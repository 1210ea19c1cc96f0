import type { RoomRequest } from '../model/room.ts'
import type { RoomAlias, UserId } from '../model/ids.ts'
import { TransientError } from '../model/errors.ts'
import { creatorsStandAbove, hiddenAlias } from '../model/room.ts'
import type { Json } from './fields.ts'
import { isRecord, recordAt, toRoomId, toText } from './fields.ts'
import { unlessRefused, v3, type Caller } from './request.ts'

type StateEvent = { readonly type: string; readonly state_key: string; readonly content: Json }

const state = (type: string, content: Json, stateKey = ''): StateEvent => ({
  type,
  state_key: stateKey,
  content,
})

/** The alias that clients shall not take for the name of the room. */
const aliasToHide = ({ alias, name }: RoomRequest): RoomAlias | undefined =>
  name === undefined ? alias : undefined

function initialState(request: RoomRequest): readonly StateEvent[] {
  const hidden = aliasToHide(request)
  return [
    // Stated here, Synapse does not set its own.
    ...(hidden === undefined ? [] : [state('m.room.canonical_alias', { [hiddenAlias]: hidden })]),
    state('m.room.join_rules', { join_rule: request.joinRule }),
    state('m.room.history_visibility', { history_visibility: request.history }),
    state('m.room.guest_access', { guest_access: 'forbidden' }),
    ...(request.name === undefined ? [] : [state('m.room.name', { name: request.name })]),
    ...(request.topic === undefined ? [] : [state('m.room.topic', { topic: request.topic })]),
    ...(request.avatar === undefined ? [] : [state('m.room.avatar', { url: request.avatar })]),
    ...request.state.map((event) => state(event.type, event.content, event.stateKey)),
  ]
}

function powerLevels(creator: UserId, request: RoomRequest, version: string): Json {
  const { users, invite, stateDefault, eventsDefault, events } = request.powerLevels
  const others = Object.entries(users).filter(([userId]) => userId !== creator)
  const above = creatorsStandAbove(version)
  return {
    users: Object.fromEntries(above ? others : [...others, [creator, 100]]),
    users_default: 0,
    events_default: eventsDefault,
    state_default: stateDefault,
    invite,
    // What ghosts say rings for those whom it names, and never for a whole room.
    notifications: { room: 100 },
    // Replaces the homeserver's own table, which would leave name and avatar to power 50.
    events: {
      ...events,
      'm.room.power_levels': 100,
      'm.room.history_visibility': 100,
      'm.room.join_rules': 100,
      'm.room.encryption': 100,
      'm.room.server_acl': 100,
      'm.room.tombstone': above ? 150 : 100,
    },
  }
}

function creationOf({ type, isLocal }: RoomRequest): Json {
  const content = {
    ...(type === undefined ? {} : { type }),
    ...(isLocal === true ? { 'm.federate': false } : {}),
  }
  return Object.keys(content).length === 0 ? {} : { creation_content: content }
}

/** Body of `POST /createRoom`. The version is stated, so that it and the power levels agree. */
function toCreateRoomBody(creator: UserId, request: RoomRequest, version: string): Json {
  const { alias } = request
  return {
    room_version: version,
    visibility: 'private',
    preset: 'private_chat',
    is_direct: request.isDirect,
    ...creationOf(request),
    invite: request.invite,
    ...(alias === undefined ? {} : { room_alias_name: alias.slice(1, alias.indexOf(':')) }),
    initial_state: initialState(request),
    power_level_content_override: powerLevels(creator, request, version),
  }
}

/** Asks once which room version the homeserver makes by default; 1 where it does not say (spec). */
function createVersionLookup(call: Caller): { get(): Promise<string>; forget(): void } {
  let known: string | undefined
  return {
    get: async () => {
      if (known !== undefined) return known
      const answer = await call({ method: 'GET', path: v3('capabilities') })
      const versions = recordAt(answer, 'capabilities')['m.room_versions']
      known = (isRecord(versions) ? toText(versions['default'], 32) : undefined) ?? '1'
      return known
    },
    forget: () => {
      known = undefined
    },
  }
}

/** Dendrite shows the alias of a new room whatever the request says. */
async function hideAlias(
  call: Caller,
  as: UserId,
  room: { readonly id: string; readonly alias: RoomAlias },
) {
  const path = v3('rooms', room.id, 'state', 'm.room.canonical_alias', '')
  const nothing = (): Json => ({})
  const shown = await unlessRefused(call({ method: 'GET', path, as }), [404], nothing)
  if (shown['alias'] === undefined) return
  await call({ method: 'PUT', path, as, body: { [hiddenAlias]: room.alias }, isIdempotent: true })
}

/** Runs `POST /createRoom` in the default room version; asks anew after an upgrade dropped it. */
export function createRoomMaker(call: Caller): (as: UserId, request: RoomRequest) => Promise<Json> {
  const version = createVersionLookup(call)
  return async (as, request) => {
    const body = toCreateRoomBody(as, request, await version.get())
    const made = call({ method: 'POST', path: v3('createRoom'), as, body })
    const answer = await unlessRefused(made, ['M_UNSUPPORTED_ROOM_VERSION'], (cause) => {
      version.forget()
      throw new TransientError('the default room version changed', { cause, of: 'homeserver' })
    })
    const [id, alias] = [toRoomId(answer['room_id']), aliasToHide(request)]
    if (id !== undefined && alias !== undefined) await hideAlias(call, as, { id, alias })
    return answer
  }
}
