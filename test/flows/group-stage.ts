import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { LocalActor } from '../../src/model/actor.ts'
import type { RoomId, UserId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

/** A room of Matrix with two people and the bot, and somebody of the fediverse. */
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
  const makeRoom = async (): Promise<RoomId> => {
    const made = alice.createRoom({ name: 'The Garden', topic: 'Peas and *beans*' })
    alice.invite(made, dora.userId)
    dora.join(made)
    alice.invite(made, bot)
    await flow.quiet()
    return made
  }
  const room = await makeRoom()
  const groupHere: GroupStage['groupHere'] = (where = room) => flow.store.findGroupByRoom(where)
  return {
    ...{ flow, alice, dora, room, makeRoom, groupHere },
    bob: flow.account('bob', 'remote.example'),
    async say(user, line, where = room) {
      const before = flow.messages(where).length
      user.say(where, `!ap ${line}`)
      await flow.quiet()
      const answers = flow.messages(where).slice(before)
      return answers
        .filter(({ sender }) => sender === bot)
        .map(({ content }) => String(content['body']))
        .join('\n')
    },
    async idOf() {
      const group = await groupHere()
      if (group === undefined) throw new Error('the room is no group')
      return group.id
    },
    hasAgreed: ({ userId }, where = room) => flow.store.hasConsent(where, userId),
  }
}
