import type { EventId, RoomAlias, RoomId, UserId } from '../model/ids.ts'
import type { Membership } from '../model/event.ts'
import type { Member, MessageContent, RoomRequest, StateEvent } from '../model/room.ts'
import { TransientError } from '../model/errors.ts'
import { createRoomMaker } from './create-room.ts'
import { findEvent } from './find-event.ts'
import { findSent, jobsSinceInvite, txnField } from './history.ts'
import { findImagePacks } from './image-packs.ts'
import {
  isRecord,
  listAt,
  recordAt,
  toEventId,
  toRoomId,
  toText,
  toUserId,
  type Json,
} from './fields.ts'
import {
  createCaller,
  need,
  unlessRefused,
  v3,
  type Caller,
  type HomeserverAccess,
} from './request.ts'
import { toMembership } from './parse.ts'
import { profiles } from './profiles.ts'
import { uploads } from './uploads.ts'

const localpart = (userId: UserId): string => userId.slice(1, userId.indexOf(':'))

function people(call: Caller) {
  return {
    register: async (userId: UserId): Promise<void> => {
      const body = {
        type: 'm.login.application_service',
        username: localpart(userId),
        // Without it, homeservers that delegate their login refuse (MSC3861).
        inhibit_login: true,
      }
      const done = call({ method: 'POST', path: v3('register'), body, isIdempotent: true })
      await unlessRefused(done, ['M_USER_IN_USE'], () => ({}))
    },
  }
}

type InRoom = { readonly as: UserId; readonly roomId: RoomId }
type Post = (where: InRoom, action: string, body: Json) => Promise<Json>
type Removal = readonly [as: UserId, roomId: RoomId, userId: UserId, reason: string]
type Invitation = readonly [
  as: UserId,
  roomId: RoomId,
  userId: UserId,
  options?: { readonly isDirect: boolean },
]
type Target = InRoom & { readonly userId: UserId }

function rooms(call: Caller) {
  const makeRoom = createRoomMaker(call)
  const post: Post = ({ as, roomId }, action, body) =>
    call({ method: 'POST', path: v3('rooms', roomId, action), as, body, isIdempotent: true })
  return {
    createRoom: async (as: UserId, request: RoomRequest): Promise<RoomId> => {
      const answer = await makeRoom(as, request)
      return need(toRoomId(answer['room_id']), 'room_id')
    },
    resolveAlias: async (alias: RoomAlias): Promise<RoomId | undefined> => {
      const asked = call({ method: 'GET', path: v3('directory', 'room', alias) })
      const answer = await unlessRefused(asked, [404], () => undefined)
      return answer && need(toRoomId(answer['room_id']), 'room_id')
    },
    addAlias: async (alias: RoomAlias, roomId: RoomId): Promise<void> => {
      const body = { room_id: roomId }
      const path = v3('directory', 'room', alias)
      await unlessRefused(call({ method: 'PUT', path, body }), [409], () => ({}))
    },
    moveAlias: async (alias: RoomAlias, roomId: RoomId): Promise<void> => {
      const path = v3('directory', 'room', alias)
      const now = await unlessRefused(call({ method: 'GET', path }), [404], () => undefined)
      if (now?.['room_id'] === roomId) return
      if (now !== undefined)
        await unlessRefused(call({ method: 'DELETE', path }), [404], () => ({}))
      await call({ method: 'PUT', path, body: { room_id: roomId } })
    },
    join: async (as: UserId, roomId: RoomId): Promise<void> => {
      await post({ as, roomId }, 'join', {})
    },
    enter: async (
      as: UserId,
      room: RoomId | RoomAlias,
      via: readonly string[],
    ): Promise<RoomId> => {
      // The older name of the parameter, and the newer one (MSC4156): each homeserver reads one.
      const query = { server_name: via, via }
      const path = v3('join', room)
      const answer = await call({ method: 'POST', path, as, query, body: {}, isIdempotent: true })
      return need(toRoomId(answer['room_id']), 'room_id')
    },
    /** A homeserver forbids this only to those who are not in the room: then it is done. */
    leave: async (as: UserId, roomId: RoomId, reason?: string): Promise<void> => {
      const done = post({ as, roomId }, 'leave', reason === undefined ? {} : { reason })
      await unlessRefused(done, [403, 404], () => ({}))
    },
    ban: async (...[as, roomId, user_id, reason]: Removal): Promise<void> => {
      await post({ as, roomId }, 'ban', { user_id, reason })
    },
    ...members(call, post),
  }
}

/** Where the homeserver does not say what was before, a new name counts as coming. */
function cameAt(event: Json, membership: Membership): Pick<Member, 'cameAt'> {
  const at = event['origin_server_ts']
  const before = recordAt(recordAt(event, 'unsigned'), 'prev_content')['membership']
  return membership === 'join' && before !== 'join' && typeof at === 'number' ? { cameAt: at } : {}
}

function members(call: Caller, post: Post) {
  const membershipOf = async (as: UserId, roomId: RoomId, userId: UserId): Promise<Membership> => {
    const content = await findState(call, { as, roomId }, ['m.room.member', userId])
    return toMembership(content?.['membership']) ?? 'leave'
  }
  /** A refusal because things are already as wanted is none. */
  const unlessSo = async (
    done: Promise<Json>,
    target: Target,
    wanted: readonly Membership[],
  ): Promise<void> => {
    await unlessRefused(done, ['M_FORBIDDEN', 'M_BAD_STATE'], async (error) => {
      const now = await membershipOf(target.as, target.roomId, target.userId)
      if (wanted.includes(now)) return {}
      throw error
    })
  }
  return {
    invite: async (...[as, roomId, userId, options]: Invitation): Promise<void> => {
      const target = { as, roomId, userId }
      const done =
        options?.isDirect === true
          ? inviteToChat(call, target)
          : post(target, 'invite', { user_id: userId })
      const now = () => membershipOf(as, roomId, userId)
      await unlessSo(blameTheirs(done, target, now), target, ['join', 'invite'])
    },
    kick: async (...[as, roomId, userId, reason]: Removal): Promise<void> => {
      const done = post({ as, roomId }, 'kick', { user_id: userId, reason })
      await unlessSo(done, { as, roomId, userId }, ['leave', 'ban'])
    },
    members: async (as: UserId, roomId: RoomId): Promise<readonly Member[]> => {
      const answer = await call({ method: 'GET', path: v3('rooms', roomId, 'members'), as })
      return listAt(answer, 'chunk')
        .filter(isRecord)
        .flatMap((event) => {
          const userId = toUserId(event['state_key'])
          const membership = toMembership(recordAt(event, 'content')['membership'])
          if (userId === undefined || membership === undefined) return []
          return [{ userId, membership, ...cameAt(event, membership) }]
        })
    },
  }
}

/** As long as our homeserver answers anything else, it is the one of the invited that keeps it waiting. */
async function blameTheirs(
  done: Promise<Json>,
  { as, userId }: Target,
  membershipNow: () => Promise<Membership>,
): Promise<Json> {
  try {
    return await done
  } catch (error) {
    const isUnclear = error instanceof TransientError && error.of === 'homeserver'
    if (!isUnclear || error.status === 429 || serverOf(userId) === serverOf(as)) throw error
    if ((await membershipNow()) === 'invite') return {}
    throw new TransientError(error.message, { cause: error, of: 'remote' })
  }
}

const serverOf = (userId: UserId): string => userId.slice(userId.indexOf(':') + 1)

/** `POST /invite` has no `is_direct`. Synapse does the same for this event, at other servers too. */
function inviteToChat(call: Caller, { as, roomId, userId }: Target): Promise<Json> {
  const path = v3('rooms', roomId, 'state', 'm.room.member', userId)
  const body = { membership: 'invite', is_direct: true }
  return call({ method: 'PUT', path, as, body, isIdempotent: true })
}

async function findState(
  call: Caller,
  from: InRoom,
  [type, stateKey]: readonly [string, string],
): Promise<MessageContent | undefined> {
  const path = v3('rooms', from.roomId, 'state', type, stateKey)
  return unlessRefused<MessageContent | undefined>(
    call({ method: 'GET', path, as: from.as }),
    ['M_NOT_FOUND'],
    () => undefined,
  )
}

/** What has not the shape of a state event is left out. */
async function roomState(call: Caller, { as, roomId }: InRoom): Promise<readonly StateEvent[]> {
  const answer = await call({ method: 'GET', path: v3('rooms', roomId, 'state'), as, isList: true })
  return listAt(answer, 'list').flatMap((raw): StateEvent[] => {
    if (!isRecord(raw)) return []
    const sender = toUserId(raw['sender'])
    const [type, stateKey] = [toText(raw['type'], 255), toText(raw['state_key'], 255)]
    if (sender === undefined || type === undefined || stateKey === undefined) return []
    return [{ type, stateKey, sender, content: recordAt(raw, 'content') }]
  })
}

type Message = {
  readonly type: string
  readonly txnId: string
  readonly content: MessageContent
  readonly ts?: number
}

function events(call: Caller) {
  return {
    send: async (as: UserId, roomId: RoomId, message: Message): Promise<EventId> => {
      const answer = await call({
        method: 'PUT',
        path: v3('rooms', roomId, 'send', message.type, message.txnId),
        as,
        query: message.ts === undefined ? {} : { ts: String(message.ts) },
        body: { ...message.content, [txnField]: message.txnId },
      })
      return need(toEventId(answer['event_id']), 'event_id')
    },
    findSent: (as: UserId, roomId: RoomId, txnId: string) => findSent(call, { as, roomId }, txnId),
    redact: async (
      as: UserId,
      roomId: RoomId,
      target: { readonly eventId: EventId; readonly txnId: string; readonly reason?: string },
    ): Promise<void> => {
      const path = v3('rooms', roomId, 'redact', target.eventId, target.txnId)
      const body = target.reason === undefined ? {} : { reason: target.reason }
      await call({ method: 'PUT', path, as, body, isIdempotent: true })
    },
    report: async (
      as: UserId,
      roomId: RoomId,
      { eventId, reason }: { readonly eventId: EventId; readonly reason: string },
    ): Promise<void> => {
      const path = v3('rooms', roomId, 'report', eventId)
      await call({ method: 'POST', path, as, body: { reason } })
    },
    setState: async (
      as: UserId,
      roomId: RoomId,
      event: { readonly type: string; readonly stateKey: string; readonly content: MessageContent },
    ): Promise<void> => {
      const path = v3('rooms', roomId, 'state', event.type, event.stateKey)
      await call({ method: 'PUT', path, as, body: event.content, isIdempotent: true })
    },
    findState: (
      as: UserId,
      roomId: RoomId,
      event: { readonly type: string; readonly stateKey: string },
    ) => findState(call, { as, roomId }, [event.type, event.stateKey]),
    roomState: (as: UserId, roomId: RoomId) => roomState(call, { as, roomId }),
    findEvent: (as: UserId, roomId: RoomId, eventId: EventId) =>
      findEvent(call, { as, roomId }, eventId),
    findImagePacks: (as: UserId, roomId: RoomId) => findImagePacks(call, { as, roomId }),
    jobsSinceInvite: (
      as: UserId,
      roomId: RoomId,
      { isOurs }: { readonly isOurs: (userId: UserId) => boolean },
    ) => jobsSinceInvite(call, { as, roomId }, isOurs),
  }
}

/** The `Homeserver` port over the client-server API (v3), acting by masquerade (`user_id`). */
export function createHomeserver(access: HomeserverAccess) {
  const call = createCaller(access)
  return {
    ...people(call),
    ...profiles(call, access.clock.now),
    ...rooms(call),
    ...events(call),
    ...uploads(call, access),
  }
}
