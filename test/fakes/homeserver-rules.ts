import {
  MatrixError,
  forbidden,
  listAt,
  membersOf,
  membershipOf,
  recordAt,
  stateOf,
  stringAt,
  type Draft,
  type Room,
} from './homeserver-world.ts'

const numberAt = (record: Readonly<Record<string, unknown>>, key: string): number | undefined => {
  const value = record[key]
  return typeof value === 'number' ? value : undefined
}

export const hasPrivilegedCreators = (version: string): boolean => Number(version) >= 12

function creatorsOf(room: Room): readonly string[] {
  const create = stateOf(room, 'm.room.create')
  if (create === undefined) return []
  return [create.sender, ...listAt(create.content, 'additional_creators').map(String)]
}

function powerOf(room: Room, userId: string): number {
  const isCreator = creatorsOf(room).includes(userId)
  if (isCreator && hasPrivilegedCreators(room.version)) return Infinity
  const levels = stateOf(room, 'm.room.power_levels')?.content
  if (levels === undefined) return isCreator ? 100 : 0
  return numberAt(recordAt(levels, 'users'), userId) ?? numberAt(levels, 'users_default') ?? 0
}

function neededFor(room: Room, action: string, otherwise: number): number {
  const levels = stateOf(room, 'm.room.power_levels')?.content ?? {}
  return numberAt(levels, action) ?? otherwise
}

function neededToSend(room: Room, draft: Draft): number {
  const levels = stateOf(room, 'm.room.power_levels')?.content
  if (levels === undefined) return 0
  const ofType = numberAt(recordAt(levels, 'events'), draft.type)
  if (ofType !== undefined) return ofType
  return draft.stateKey === undefined
    ? (numberAt(levels, 'events_default') ?? 0)
    : (numberAt(levels, 'state_default') ?? 50)
}

const needPower = (room: Room, sender: string, level: number): void => {
  if (powerOf(room, sender) < level)
    throw forbidden(`${sender} has not the power for this (${level})`)
}

const needJoined = (room: Room, sender: string): void => {
  if (membershipOf(room, sender) !== 'join')
    throw forbidden(`User ${sender} not in room ${room.roomId}`)
}

const badState = (message: string): MatrixError => new MatrixError(403, 'M_BAD_STATE', message)

const joinRuleOf = (room: Room): string =>
  stringAt(stateOf(room, 'm.room.join_rules')?.content ?? {}, 'join_rule') ?? 'invite'

/** Throws what Synapse answers when `draft` is not allowed in the room as it is (auth rules of v10–12). */
export function authorize(room: Room, draft: Draft): void {
  if (draft.type === 'm.room.create') return
  if (draft.type === 'm.room.member') {
    authorizeMember(room, draft, draft.stateKey ?? '')
    return
  }
  needJoined(room, draft.sender)
  needPower(room, draft.sender, neededToSend(room, draft))
  if (draft.stateKey?.startsWith('@') === true && draft.stateKey !== draft.sender)
    throw forbidden('Only that user may set this state')
  if (draft.type === 'm.room.power_levels') checkPowerLevels(room, draft)
  if (draft.type === 'm.room.redaction') authorizeRedaction(room, draft)
}

function checkPowerLevels(room: Room, draft: Draft): void {
  if (!hasPrivilegedCreators(room.version)) return
  const users = Object.keys(recordAt(draft.content, 'users'))
  if (creatorsOf(room).some((creator) => users.includes(creator)))
    throw new MatrixError(400, 'M_UNKNOWN', 'A creator must not appear in content.users')
}

function authorizeRedaction(room: Room, draft: Draft): void {
  const target = room.timeline.find((event) => event.event_id === draft.redacts)
  if (target?.sender !== draft.sender) needPower(room, draft.sender, neededFor(room, 'redact', 50))
}

function authorizeMember(room: Room, draft: Draft, target: string): void {
  const membership = stringAt(draft.content, 'membership')
  const now = membershipOf(room, target)
  if (membership === 'join') authorizeJoin(room, draft, now)
  else if (membership === 'invite') authorizeInvite(room, draft, target)
  else if (membership === 'knock') authorizeKnock(room, draft, now)
  else if (membership === 'leave' && target === draft.sender) {
    if (!['join', 'invite', 'knock'].includes(now)) throw forbidden(`User ${target} not in room`)
  } else if (membership === 'leave' || membership === 'ban') {
    authorizeRemoval(room, draft, target)
  } else throw new MatrixError(400, 'M_BAD_JSON', 'Unknown membership')
}

function authorizeJoin(room: Room, draft: Draft, now: string): void {
  if (draft.stateKey !== draft.sender) throw forbidden('Cannot join somebody else')
  if (room.timeline.length === 1 && creatorsOf(room)[0] === draft.sender) return
  if (now === 'ban') throw badState('Cannot join user who was banned')
  const isLetIn = now === 'join' || now === 'invite' || joinRuleOf(room) === 'public'
  if (!isLetIn) throw forbidden('You are not invited to this room.')
}

function authorizeInvite(room: Room, draft: Draft, target: string): void {
  needJoined(room, draft.sender)
  const now = membershipOf(room, target)
  if (now === 'ban') throw badState('Cannot invite user who was banned')
  if (now === 'join') throw forbidden(`${target} is already in the room.`)
  needPower(room, draft.sender, neededFor(room, 'invite', 0))
}

function authorizeKnock(room: Room, draft: Draft, now: string): void {
  if (draft.stateKey !== draft.sender) throw forbidden('Cannot knock for somebody else')
  // Nobody is left who could hear it: a homeserver looks for others then, and there are none.
  if (membersOf(room, 'join').length === 0)
    throw new MatrixError(404, 'M_UNKNOWN', 'No servers are in the room')
  if (joinRuleOf(room) !== 'knock') throw forbidden("You don't have permission to knock")
  if (now !== 'leave' && now !== 'knock') throw forbidden('You cannot knock on this room')
}

function authorizeRemoval(room: Room, draft: Draft, target: string): void {
  const isBan = draft.content['membership'] === 'ban'
  const now = membershipOf(room, target)
  needJoined(room, draft.sender)
  needPower(room, draft.sender, neededFor(room, isBan ? 'ban' : 'kick', 50))
  if (powerOf(room, target) >= powerOf(room, draft.sender))
    throw forbidden(`You cannot remove ${target}, who has as much power`)
  if (!isBan && now === 'ban') throw badState('Cannot kick user who was banned')
  if (!isBan && now === 'leave') throw forbidden('The target user is not in the room')
}
