import type { Clock, Random } from '../../src/model/clock.ts'

export type Json = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const recordAt = (record: Json, key: string): Json => {
  const value = record[key]
  return isRecord(value) ? value : {}
}

export const stringAt = (record: Json, key: string): string | undefined => {
  const value = record[key]
  return typeof value === 'string' ? value : undefined
}

export const listAt = (record: Json, key: string): readonly unknown[] => {
  const value: unknown = record[key]
  return Array.isArray(value) ? value : []
}

/** An error answer of the client-server API; the drivers of `FakeUser` throw it. */
export class MatrixError extends Error {
  override readonly name = 'MatrixError'
  readonly status: number
  readonly errcode: string
  constructor(status: number, errcode: string, message: string) {
    super(message)
    this.status = status
    this.errcode = errcode
  }
}

export const forbidden = (message: string): MatrixError =>
  new MatrixError(403, 'M_FORBIDDEN', message)

/** For an invite ours needs the homeserver of the invited, who may refuse it, too. */
export function needInvitable({ awayServers, refusing }: World, userId: string): void {
  const server = userId.slice(userId.indexOf(':') + 1)
  if (awayServers.has(server)) throw new MatrixError(502, 'M_UNKNOWN', `Failed to reach ${server}`)
  if (refusing.has(userId)) throw forbidden(`${userId} wants no invites`)
}

/** An event as the homeserver keeps it. A redaction empties `content`. */
export type StoredEvent = {
  readonly event_id: string
  readonly room_id: string
  readonly sender: string
  readonly type: string
  readonly state_key?: string
  readonly origin_server_ts: number
  readonly redacts?: string
  content: Json
  readonly prevContent?: Json
  redactedBecause?: string
}

export type Room = {
  readonly roomId: string
  readonly version: string
  readonly timeline: StoredEvent[]
  readonly state: Map<string, StoredEvent>
  /** Who left it for good: they may not even read what they could before. */
  readonly forgotten: Set<string>
}

export type Profile = { displayname?: string; avatar_url?: string }

/** What somebody wants to add to a room. */
export type Draft = {
  readonly sender: string
  readonly type: string
  readonly stateKey?: string
  readonly content: Json
  readonly redacts?: string
  readonly ts?: number
}

/** Everything one homeserver knows. */
export type World = {
  readonly serverName: string
  readonly asToken: string
  readonly bot: string
  readonly isOurs: (userId: string) => boolean
  readonly isOurAlias: (alias: string) => boolean
  readonly defaultRoomVersion: string
  readonly showsAliases: boolean
  readonly clock: Clock
  readonly random: Random
  readonly users: Map<string, Profile>
  /** Who was deactivated and erased. */
  readonly erased: Set<string>
  /** What profiles say beside name and picture (MSC4133); nothing of it is told to rooms. */
  readonly further: Map<string, Json>
  /** The homeserver has no further fields. */
  hasFields: boolean
  readonly rooms: Map<string, Room>
  readonly aliases: Map<string, string>
  /** Bytes. */
  uploadLimit: number
  readonly media: Map<string, { readonly bytes: Buffer; readonly mediaType: string }>
  /** Other homeservers that do not answer ours just now. */
  readonly awayServers: Set<string>
  /** Users who let nobody invite them. */
  readonly refusing: Set<string>
  /** Transaction ids of sends: in memory, for 30 minutes, one space for the whole application service. */
  readonly sent: Map<string, { readonly eventId: string; readonly at: number }>
  /** Told of every event after it stands in its room. */
  readonly onEvent: (room: Room, event: StoredEvent) => void
}

export const stateOf = (room: Room, type: string, stateKey = ''): StoredEvent | undefined =>
  room.state.get(`${type} ${stateKey}`)

export const membershipOf = (room: Room, userId: string): string =>
  stringAt(stateOf(room, 'm.room.member', userId)?.content ?? {}, 'membership') ?? 'leave'

export const membersOf = (room: Room, membership: string): readonly string[] =>
  [...room.state.values()]
    .filter((event) => event.type === 'm.room.member' && event.content['membership'] === membership)
    .flatMap((event) => event.state_key ?? [])

export function roomOf(world: World, roomId: string): Room {
  const room = world.rooms.get(roomId)
  if (room === undefined) throw forbidden(`User not in room ${roomId}`)
  return room
}

/** The event as clients and the application service see it now. */
export function toClientEvent(event: StoredEvent, now: number): Json {
  const { prevContent, redactedBecause, ...kept } = event
  return {
    ...kept,
    // Synapse states the target in both places, whatever the room version says.
    ...(event.redacts === undefined
      ? {}
      : { content: { ...event.content, redacts: event.redacts } }),
    unsigned: {
      age: now - event.origin_server_ts,
      ...(prevContent === undefined ? {} : { prev_content: prevContent }),
      ...(redactedBecause === undefined ? {} : { redacted_because: { event_id: redactedBecause } }),
    },
  }
}
