import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { LocalActor } from '../../src/model/actor.ts'
import type { RoomId, UserId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

type Making = {
  /** In the order in which they come; the first makes it. */
  readonly people: readonly [FakeUser, ...FakeUser[]]
  readonly content: Readonly<Record<string, unknown>>
}

/** A room with them and the bot. */
async function makeRoom(flow: Flow, { people, content }: Making): Promise<RoomId> {
  const [owner, ...others] = people
  const roomId = owner.createRoom(content)
  for (const other of others) {
    owner.invite(roomId, other.userId)
    other.join(roomId)
  }
  owner.invite(roomId, bot)
  await flow.quiet()
  return roomId
}

async function groupIdOf(flow: Flow, roomId: RoomId): Promise<string> {
  const group = await flow.store.findGroupByRoom(roomId)
  if (group === undefined) throw new Error('the room is no group')
  return group.id
}

/** A room of Matrix that is a group. */
export type GroupRoom = { readonly roomId: RoomId; readonly id: string }

/** A room that everybody may join, which `owner` has made, with others and the bot in it, and has opened. */
export async function openGroup(
  flow: Flow,
  owner: FakeUser,
  ...others: readonly FakeUser[]
): Promise<GroupRoom> {
  const content = { preset: 'public_chat', name: 'Cats' }
  const roomId = await makeRoom(flow, { people: [owner, ...others], content })
  await flow.command(owner, '!ap group open cats', roomId)
  return { roomId, id: await groupIdOf(flow, roomId) }
}

/** They agree to appear on the fediverse; their own id there. */
export async function agree(flow: Flow, roomId: RoomId, user: FakeUser): Promise<string> {
  await flow.command(user, '!ap group in', roomId)
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

/** A room of Matrix with two people and the bot, not yet opened, and somebody of the fediverse. */
export type GroupStage = {
  readonly flow: Flow
  /** Who made the room. */
  readonly alice: FakeUser
  readonly dora: FakeUser
  readonly bob: Account
  readonly room: RoomId
  /** Another such room of the same two. */
  readonly makeRoom: () => Promise<RoomId>
  /** Types a command in the room; what the bot answered there. */
  readonly say: (user: FakeUser, line: string, where?: RoomId) => Promise<string>
  readonly groupHere: (where?: RoomId) => Promise<LocalActor | undefined>
  readonly idOf: () => Promise<string>
  readonly hasAgreed: (user: { readonly userId: UserId }, where?: RoomId) => Promise<boolean>
}

export async function createGroupStage(): Promise<GroupStage> {
  const flow = await createFlow()
  const [alice, dora] = [flow.user('alice'), flow.user('dora')]
  const content = { name: 'The Garden', topic: 'Peas and *beans*' }
  const another = () => makeRoom(flow, { people: [alice, dora], content })
  const room = await another()
  return {
    ...{ flow, alice, dora, room, makeRoom: another },
    bob: flow.account('bob', 'remote.example'),
    say: async (user, line, where = room) =>
      (await flow.command(user, `!ap ${line}`, where)).join('\n'),
    groupHere: (where = room) => flow.store.findGroupByRoom(where),
    idOf: () => groupIdOf(flow, room),
    hasAgreed: ({ userId }, where = room) => flow.store.hasConsent(where, userId),
  }
}
