import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, type Flow } from './setup.ts'

/** A room of Matrix that is a group. */
export type GroupRoom = { readonly roomId: RoomId; readonly id: string }

/** A room that everybody may join, which `owner` has made, with others and the bot in it, and has opened. */
export async function openGroup(
  flow: Flow,
  owner: FakeUser,
  ...others: readonly FakeUser[]
): Promise<GroupRoom> {
  const roomId = owner.createRoom({ preset: 'public_chat', name: 'Cats' })
  for (const other of others) other.join(roomId)
  owner.invite(roomId, bot)
  await flow.quiet()
  owner.say(roomId, '!ap group open cats')
  await flow.quiet()
  const group = await flow.store.findGroupByRoom(roomId)
  if (group === undefined) throw new Error('the room is no group')
  return { roomId, id: group.id }
}

/** They agree to appear on the fediverse; their own id there. */
export async function agree(flow: Flow, roomId: RoomId, user: FakeUser): Promise<string> {
  user.say(roomId, '!ap group in')
  await flow.quiet()
  return flow.actorOf(user)
}

/** An account on a server of that software. */
export function accountOn(flow: Flow, name: string, software: string): Account {
  const host = `${name}.example`
  flow.fediverse.server(host).software = software
  return flow.account(name, host)
}

/** Of an activity that is passed on whole, what it is as well. */
export const typesOf = (documents: readonly Document[]): readonly string[] =>
  documents.map(({ type, object }) => {
    const isWhole = type === 'Announce' && typeof object === 'object' && object !== null
    return isWhole && 'type' in object ? `Announce(${String(object.type)})` : String(type)
  })
