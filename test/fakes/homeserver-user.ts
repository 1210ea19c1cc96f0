import { asEventId, asRoomId, type EventId, type RoomId, type UserId } from '../../src/model/ids.ts'
import { append, changeMember, createRoom, setField, setProfile } from './homeserver-room.ts'
import { visibleTo } from './homeserver-history.ts'
import { membershipOf, roomOf, toClientEvent, type Json, type World } from './homeserver-world.ts'

/**
 * Somebody with a Matrix client. Everything happens at once, under the same rules as calls of the
 * bridge; what is not allowed throws `MatrixError`.
 */
export type FakeUser = {
  readonly userId: UserId
  /** Body of `POST /createRoom`, as clients send it. */
  createRoom(body?: Json): RoomId
  /** As Element makes them: `trusted_private_chat`, `is_direct`. */
  createDm(...others: readonly UserId[]): RoomId
  /** Any content; `m.room.message` unless said otherwise. */
  send(roomId: RoomId, content: Json, type?: string): EventId
  say(roomId: RoomId, body: string): EventId
  reply(roomId: RoomId, target: EventId, body: string): EventId
  replyInThread(roomId: RoomId, root: EventId, body: string): EventId
  edit(roomId: RoomId, target: EventId, body: string): EventId
  react(roomId: RoomId, target: EventId, key: string): EventId
  redact(roomId: RoomId, target: EventId): EventId
  /** `type` may be followed by a space and a state key. */
  setState(roomId: RoomId, type: string, content: Json): EventId
  invite(roomId: RoomId, userId: UserId): void
  join(roomId: RoomId): void
  knock(roomId: RoomId): void
  leave(roomId: RoomId): void
  kick(roomId: RoomId, userId: UserId, reason?: string): void
  ban(roomId: RoomId, userId: UserId, reason?: string): void
  setDisplayName(name: string): void
  /** A name for one room alone. */
  setNick(roomId: RoomId, name: string): void
  setAvatar(mxc: string): void
  /** Fields beside name and picture (MSC4133). */
  setFields(fields: Json): void
  /** What the user's client could show of the room, oldest first. */
  timeline(roomId: RoomId): readonly Json[]
  /** Out of all rooms, as Synapse does it. */
  deactivate(): void
  /** Whether the profile is gone, which Synapse does where the account is erased as well. */
  setErased(isErased: boolean): void
  /** Rooms by the user's own membership. */
  rooms(membership: 'join' | 'invite' | 'knock'): readonly RoomId[]
}

const message = (body: string): Json => ({ msgtype: 'm.text', body, 'm.mentions': {} })

function speech(send: FakeUser['send']) {
  const related = (body: string, relation: Json): Json => ({
    ...message(body),
    'm.relates_to': relation,
  })
  return {
    say: (roomId: RoomId, body: string) => send(roomId, message(body)),
    reply: (roomId: RoomId, target: EventId, body: string) =>
      send(roomId, related(body, { 'm.in_reply_to': { event_id: target } })),
    replyInThread: (roomId: RoomId, root: EventId, body: string) =>
      send(
        roomId,
        related(body, {
          rel_type: 'm.thread',
          event_id: root,
          is_falling_back: true,
          'm.in_reply_to': { event_id: root },
        }),
      ),
    edit: (roomId: RoomId, target: EventId, body: string) =>
      send(roomId, {
        ...related(`* ${body}`, { rel_type: 'm.replace', event_id: target }),
        'm.new_content': message(body),
      }),
    react: (roomId: RoomId, target: EventId, key: string) =>
      send(
        roomId,
        { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key } },
        'm.reaction',
      ),
  }
}

function memberships(world: World, userId: UserId) {
  const change = (
    roomId: RoomId,
    membership: 'join' | 'invite' | 'leave' | 'ban' | 'knock',
    other: { readonly target?: UserId; readonly reason?: string } = {},
  ): void => {
    const { target = userId, reason } = other
    const why = reason === undefined ? {} : { reason }
    changeMember(world, roomOf(world, roomId), { sender: userId, target, membership, ...why })
  }
  return {
    invite: (roomId: RoomId, target: UserId) => change(roomId, 'invite', { target }),
    join: (roomId: RoomId) => change(roomId, 'join'),
    knock: (roomId: RoomId) => change(roomId, 'knock'),
    leave: (roomId: RoomId) => change(roomId, 'leave'),
    kick: (roomId: RoomId, target: UserId, reason = 'kicked') =>
      change(roomId, 'leave', { target, reason }),
    ban: (roomId: RoomId, target: UserId, reason = 'banned') =>
      change(roomId, 'ban', { target, reason }),
  }
}

/** Drives `userId`, who must be known to the homeserver (or be on another one). */
export function createFakeUser(world: World, userId: UserId): FakeUser {
  const send: FakeUser['send'] = (roomId, content, type = 'm.room.message') =>
    asEventId(append(world, roomOf(world, roomId), { sender: userId, type, content }).event_id)
  const makeRoom = (body: Json = {}): RoomId => asRoomId(createRoom(world, userId, body).roomId)
  return {
    userId,
    send,
    ...speech(send),
    ...memberships(world, userId),
    createRoom: makeRoom,
    createDm: (...others) =>
      makeRoom({ preset: 'trusted_private_chat', is_direct: true, invite: others }),
    redact: (roomId, target) => {
      const draft = { sender: userId, type: 'm.room.redaction', content: {}, redacts: target }
      return asEventId(append(world, roomOf(world, roomId), draft).event_id)
    },
    setState: (roomId, name, content) => {
      const [type = '', stateKey = ''] = name.split(' ')
      const draft = { sender: userId, type, stateKey, content }
      return asEventId(append(world, roomOf(world, roomId), draft).event_id)
    },
    setNick: (roomId, displayname) => {
      const content = { membership: 'join', displayname }
      const draft = { sender: userId, type: 'm.room.member', stateKey: userId, content }
      append(world, roomOf(world, roomId), draft)
    },
    setDisplayName: (displayname) => setProfile(world, userId, { displayname }),
    setAvatar: (mxc) => setProfile(world, userId, { avatar_url: mxc }),
    setFields: (fields) => setField(world, userId, fields),
    timeline: (roomId) => {
      const room = roomOf(world, roomId)
      const visible = visibleTo(room, userId)
      const shown = room.timeline.filter((_, index) => visible[index] === true)
      return shown.map((event) => toClientEvent(event, world.clock.now()))
    },
    deactivate: () => {
      for (const room of world.rooms.values())
        if (['join', 'invite'].includes(membershipOf(room, userId)))
          changeMember(world, room, { sender: userId, target: userId, membership: 'leave' })
    },
    setErased: (isErased) => {
      if (isErased) world.erased.add(userId)
      else world.erased.delete(userId)
    },
    rooms: (membership) =>
      [...world.rooms.values()]
        .filter((room) => membershipOf(room, userId) === membership)
        .map((room) => asRoomId(room.roomId)),
  }
}
