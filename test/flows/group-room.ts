import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account, Document } from '../fakes/fediverse.ts'
import { asActorId, type RoomId } from '../../src/model/ids.ts'
import { bot, publicUrl, type Flow } from './setup.ts'

/** A room of Matrix that is a group, with who made it in it. */
export type GroupRoom = { readonly roomId: RoomId; readonly id: string }

/** `owner` makes a room, asks the bot in, and opens it. */
export async function openGroup(flow: Flow, owner: FakeUser): Promise<GroupRoom> {
  const roomId = owner.createRoom({ preset: 'public_chat', name: 'Cats', invite: [bot] })
  await flow.quiet()
  const id = asActorId(`${publicUrl}/actors/cats`)
  await flow.store.commit([
    {
      change: 'put-local-actor',
      actor: {
        ...{ id, userId: id as never, username: 'cats', displayName: 'Cats' },
        ...{ group: {}, createdAt: flow.time.now() },
      },
    },
    { change: 'put-portal', portal: { kind: 'group', actorId: id, roomId } },
  ])
  return { roomId, id }
}

/** They come into the room, if they are not there, and agree to appear on the fediverse. */
export async function agree(flow: Flow, roomId: RoomId, user: FakeUser): Promise<string> {
  await flow.command(user, 'register')
  const at = flow.time.now()
  await flow.store.commit([{ change: 'put-consent', roomId, userId: user.userId, at }])
  return flow.actorOf(user)
}

/** What a server of that software hears a group by. */
export function accountOn(flow: Flow, name: string, software: string): Account {
  const host = `${name}.example`
  flow.fediverse.server(host).software = software
  return flow.account(name, host)
}

export const typesOf = (documents: readonly Document[]): readonly string[] =>
  documents.map(({ type, object }) => {
    const inner = typeof object === 'object' && object !== null && 'type' in object ? object : {}
    return 'type' in inner && type === 'Announce' ? `Announce(${String(inner.type)})` : String(type)
  })
