import type { UserId } from '../../src/model/ids.ts'
import { changeMember, createRoom } from './homeserver-room.ts'
import { membersOf, roomOf, type Room, type World } from './homeserver-world.ts'

/** What an admin asks of Synapse who deletes a room (`DELETE /_synapse/admin/v2/rooms/<id>`). */
export type ShutDown = {
  /** Nothing is left of it, nor of its aliases; else it stands empty, and they lead there for ever. */
  readonly purge: boolean
  /** Who leaves before the others: Synapse knows no order. */
  readonly first?: readonly UserId[]
  /** The room is purged before anybody is told that people left it. */
  readonly isUnheard?: boolean
  /** Everybody who was in is put into a room of this admin, and the aliases lead there. */
  readonly by?: UserId
}

/** Who of this homeserver has to do with the room; everybody leaves in their own name. */
function localsOf(world: World, room: Room, first: readonly string[]): readonly string[] {
  const all = ['join', 'invite', 'knock'].flatMap((membership) => membersOf(room, membership))
  const local = all.filter((userId) => userId.endsWith(`:${world.serverName}`))
  return [...first, ...local.filter((userId) => !first.includes(userId))]
}

function repoint(world: World, from: string, to: string | undefined): void {
  for (const [alias, roomId] of [...world.aliases]) {
    if (roomId !== from) continue
    if (to === undefined) world.aliases.delete(alias)
    else world.aliases.set(alias, to)
  }
}

export function shutDown(known: World, roomId: string, how: ShutDown): void {
  const world = how.isUnheard === true ? { ...known, onEvent: () => undefined } : known
  const room = roomOf(world, roomId)
  const joined = membersOf(room, 'join')
  const preset = { preset: 'public_chat' }
  const next = how.by === undefined ? undefined : createRoom(world, how.by, preset)
  for (const userId of localsOf(world, room, how.first ?? [])) {
    changeMember(world, room, { sender: userId, target: userId, membership: 'leave' })
    room.forgotten.add(userId)
    if (next !== undefined && joined.includes(userId))
      changeMember(world, next, { sender: userId, target: userId, membership: 'join' })
  }
  if (next !== undefined) repoint(world, roomId, next.roomId)
  if (!how.purge) return
  repoint(world, roomId, undefined)
  world.rooms.delete(roomId)
}
