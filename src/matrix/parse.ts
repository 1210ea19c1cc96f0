import type { EventId, RoomId, UserId } from '../model/ids.ts'
import type { MatrixEvent, Membership } from '../model/event.ts'
import {
  isRecord,
  listAt,
  recordAt,
  toEventId,
  toMxc,
  toRoomId,
  toText,
  toUserId,
  type Json,
} from './fields.ts'
import { isImagePack, parsePictures } from './image-packs.ts'
import {
  parseEdit,
  parseMessage,
  unspokenTypes,
  parsePollMessage,
  type Malformed,
} from './parse-message.ts'
import { policyTypes } from '../model/policy.ts'
import { parseSelections, pollTypes } from './parse-poll.ts'

type Head = {
  readonly eventId: EventId
  readonly roomId: RoomId
  readonly sender: UserId
  readonly ts: number
}

/** The end of the year 9999: later ones are no dates for most software. */
const latest = 253_402_300_799_999

const memberships: readonly Membership[] = ['invite', 'join', 'leave', 'ban', 'knock']

export const toMembership = (value: unknown): Membership | undefined =>
  memberships.find((membership) => membership === value)

const malformed = (why: string): Malformed => ({ skip: 'malformed', why })

function parseHead(raw: Json): Head | undefined {
  const eventId = toEventId(raw['event_id'])
  const roomId = toRoomId(raw['room_id'])
  const sender = toUserId(raw['sender'])
  const ts = raw['origin_server_ts']
  if (eventId === undefined || roomId === undefined || sender === undefined) return undefined
  if (typeof ts !== 'number' || !Number.isInteger(ts) || ts < 0 || ts > latest) return undefined
  return { eventId, roomId, sender, ts }
}

/**
 * A pushed or fetched client event in our narrow form. Nothing of the input is trusted: what does
 * not have the shape of the specification is `malformed`, what we do not bridge is `other`.
 */
export function parseEvent(raw: unknown): MatrixEvent | Malformed {
  if (!isRecord(raw)) return malformed('not an object')
  const type = toText(raw['type'], 255)
  const head = parseHead(raw)
  if (type === undefined || type === '' || head === undefined) return malformed('no event')
  if (!isRecord(raw['content'])) return malformed('no content')
  return raw['state_key'] === undefined
    ? parseTimeline(raw, head, type)
    : parseState(raw, head, type)
}

function parseTimeline(raw: Json, head: Head, type: string): MatrixEvent | Malformed {
  const content = recordAt(raw, 'content')
  // A redacted event keeps its type and loses its content: there is nothing to bridge.
  if (type !== 'm.room.redaction' && Object.keys(content).length === 0)
    return { ...head, type: 'other', name: `${type} without content` }
  switch (type) {
    case 'm.room.message': {
      const msgtype = toText(content['msgtype'], 255) ?? ''
      if (unspokenTypes.has(msgtype)) return { ...head, type: 'other', name: msgtype }
      const relation = recordAt(content, 'm.relates_to')
      const message =
        relation['rel_type'] === 'm.replace' ? parseEdit(content) : parseMessage(content)
      return 'skip' in message ? message : { ...head, ...message }
    }
    case 'm.sticker': {
      const message = parseMessage({ ...content, msgtype: 'm.sticker' })
      return 'skip' in message ? message : { ...head, ...message }
    }
    case 'm.reaction':
      return parseReaction(head, content)
    case 'm.room.redaction':
      return parseRedaction(raw, head)
    case pollTypes.start[0]:
    case pollTypes.start[1]: {
      const poll = parsePollMessage(content)
      return 'skip' in poll ? poll : { ...head, ...poll }
    }
    case pollTypes.vote[0]:
    case pollTypes.vote[1]:
      return parseVote(head, content)
    case pollTypes.end[0]:
    case pollTypes.end[1]: {
      const target = referredBy(content)
      return target === undefined ? malformed('poll end') : { ...head, type: 'poll-end', target }
    }
    case 'm.room.encrypted':
      return { ...head, type: 'encrypted' }
    default:
      return { ...head, type: 'other', name: type }
  }
}

function parseReaction(head: Head, content: Json): MatrixEvent | Malformed {
  const relation = recordAt(content, 'm.relates_to')
  const target = toEventId(relation['event_id'])
  const key = toText(relation['key'], 255)
  if (relation['rel_type'] !== 'm.annotation' || target === undefined || !key)
    return malformed('reaction')
  const names = [content['shortcode'], content['com.beeper.reaction.shortcode']]
  const shortcode = names.map((name) => toText(name, 255)).find((name) => name !== undefined)
  return {
    ...head,
    type: 'reaction',
    target,
    key,
    ...(shortcode === undefined ? {} : { shortcode }),
  }
}

function referredBy(content: Json): EventId | undefined {
  const relation = recordAt(content, 'm.relates_to')
  return relation['rel_type'] === 'm.reference' ? toEventId(relation['event_id']) : undefined
}

function parseVote(head: Head, content: Json): MatrixEvent | Malformed {
  const target = referredBy(content)
  const answers = parseSelections(content)
  if (target === undefined || answers === undefined) return malformed('vote')
  return { ...head, type: 'vote', target, answers }
}

/** The target moved into `content` with room version 11; homeservers state it in both places. */
function parseRedaction(raw: Json, head: Head): MatrixEvent | Malformed {
  const inContent = toEventId(recordAt(raw, 'content')['redacts'])
  const onTop = toEventId(raw['redacts'])
  const target = inContent ?? onTop
  if (target === undefined) return malformed('redaction without target')
  if (onTop !== undefined && onTop !== target) return malformed('redaction with two targets')
  return { ...head, type: 'redaction', target }
}

function parseState(raw: Json, head: Head, type: string): MatrixEvent | Malformed {
  switch (type) {
    case 'm.room.member':
      return parseMember(raw, head)
    case 'm.room.pinned_events':
      return raw['state_key'] === ''
        ? { ...head, type: 'pins', pinned: pinnedIn(recordAt(raw, 'content')) }
        : { ...head, type: 'other', name: type }
    case 'm.room.tombstone':
      return parseTombstone(raw, head)
    case 'm.room.encryption':
      return raw['state_key'] === ''
        ? { ...head, type: 'encryption' }
        : { ...head, type: 'other', name: type }
    default:
      if (policyTypes.has(type)) return { ...head, type: 'policy' }
      return isImagePack(type) ? parsePack(raw, head, type) : { ...head, type: 'other', name: type }
  }
}

function parseTombstone(raw: Json, head: Head): MatrixEvent | Malformed {
  const replacement = toRoomId(recordAt(raw, 'content')['replacement_room'])
  // Without one the room ends, and goes on nowhere.
  if (raw['state_key'] !== '' || replacement === undefined)
    return { ...head, type: 'other', name: 'm.room.tombstone' }
  return { ...head, type: 'tombstone', replacement }
}

function parsePack(raw: Json, head: Head, type: string): MatrixEvent | Malformed {
  const stateKey = toText(raw['state_key'], 255)
  if (stateKey === undefined) return malformed('image pack')
  const pictures = parsePictures(recordAt(raw, 'content'))
  return { ...head, type: 'image-pack', pack: { type, stateKey, pictures } }
}

/** The newest stand last. */
const maxPins = 100

const pinnedIn = (content: Json): readonly EventId[] =>
  listAt(content, 'pinned')
    .slice(-maxPins)
    .map(toEventId)
    .filter((id) => id !== undefined)

function parseMember(raw: Json, head: Head): MatrixEvent | Malformed {
  const content = recordAt(raw, 'content')
  const user = toUserId(raw['state_key'])
  const membership = toMembership(content['membership'])
  if (user === undefined || membership === undefined) return malformed('member')
  const before = recordAt(recordAt(raw, 'unsigned'), 'prev_content')
  const previous = toMembership(before['membership'])
  const displayName = toText(content['displayname'], 1000)
  const avatar = toMxc(content['avatar_url'])
  return {
    ...head,
    type: 'member',
    user,
    membership,
    ...(previous === undefined ? {} : { previous }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(avatar === undefined ? {} : { avatar }),
    isDirect: content['is_direct'] === true,
  }
}
