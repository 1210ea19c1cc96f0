import {
  MatrixError,
  forbidden,
  isRecord,
  listAt,
  membershipOf,
  stringAt,
  toClientEvent,
  type Json,
  type Room,
  type StoredEvent,
  type World,
} from './homeserver-world.ts'

/**
 * Which events of the timeline `userId` may see, by the history visibility that stood at each
 * (client-server API, "Room History Visibility").
 */
export function visibleTo(room: Room, userId: string): readonly boolean[] {
  const memberships: string[] = []
  const visibilities: string[] = []
  let membership = 'leave'
  let visibility = 'shared'
  for (const event of room.timeline) {
    const before = membership
    if (event.type === 'm.room.member' && event.state_key === userId)
      membership = stringAt(event.content, 'membership') ?? 'leave'
    if (event.type === 'm.room.history_visibility')
      visibility = stringAt(event.content, 'history_visibility') ?? 'shared'
    // Somebody's own change is seen with the better of both memberships.
    memberships.push(before === 'join' ? 'join' : membership)
    visibilities.push(visibility)
  }
  const lastJoined = memberships.lastIndexOf('join')
  return room.timeline.map((event, index) => {
    const then = memberships[index]
    if (then === 'join' || (event.type === 'm.room.member' && event.state_key === userId))
      return true
    const rule = visibilities[index]
    if (rule === 'world_readable') return true
    if (rule === 'shared') return index <= lastJoined
    return rule === 'invited' && then === 'invite'
  })
}

function matcher(filter: Json): (event: StoredEvent) => boolean {
  const senders = filter['senders'] === undefined ? undefined : listAt(filter, 'senders')
  const types = filter['types'] === undefined ? undefined : listAt(filter, 'types')
  return (event) =>
    (senders?.includes(event.sender) ?? true) && (types?.includes(event.type) ?? true)
}

function parseFilter(text: string | null): Json {
  const value: unknown = text === null ? {} : JSON.parse(text)
  return isRecord(value) ? value : {}
}

/** Whether the user may read the room at all: is or was in it, and was not put out for good. */
export function checkReader(room: Room, userId: string): void {
  const hasBeen = room.timeline.some(
    (event) =>
      event.type === 'm.room.member' &&
      event.state_key === userId &&
      event.content['membership'] === 'join',
  )
  const isShut = ['invite', 'ban'].includes(membershipOf(room, userId))
  if (!hasBeen || room.forgotten.has(userId) || isShut)
    throw forbidden(`User ${userId} not in room ${room.roomId}`)
}

/**
 * `GET /messages?dir=b`. As on Synapse, the filter works before the limit and the visibility after
 * it, so that a page may be short or empty although there is an `end`.
 */
export function readMessages(
  world: World,
  room: Room,
  ask: { readonly as: string; readonly query: URLSearchParams },
): Json {
  checkReader(room, ask.as)
  const visible = visibleTo(room, ask.as)
  const matches = matcher(parseFilter(ask.query.get('filter')))
  const limit = Math.min(Number(ask.query.get('limit') ?? '10'), 1000)
  const from = Number(ask.query.get('from')?.slice(1) ?? room.timeline.length)
  const chunk: Json[] = []
  let index = from
  for (let found = 0; index > 0 && found < limit; index -= 1) {
    const event = room.timeline[index - 1]
    if (event === undefined || !matches(event)) continue
    found += 1
    if (visible[index - 1] === true) chunk.push(toClientEvent(event, world.clock.now()))
  }
  return { chunk, start: `t${from}`, ...(index > 0 ? { end: `t${index}` } : {}) }
}

/** `GET /event`: what may not be seen is not found. */
export function readEvent(
  world: World,
  room: Room,
  ask: { readonly as: string; readonly eventId: string },
): Json {
  checkReader(room, ask.as)
  const index = room.timeline.findIndex((event) => event.event_id === ask.eventId)
  const event = room.timeline[index]
  if (event === undefined || visibleTo(room, ask.as)[index] !== true)
    throw new MatrixError(404, 'M_NOT_FOUND', 'Event not found.')
  return toClientEvent(event, world.clock.now())
}
