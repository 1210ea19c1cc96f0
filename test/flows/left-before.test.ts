import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let carol: FakeUser
let bob: Account
let room: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  carol = flow.user('carol')
  bob = flow.account('bob', 'remote.example')
  room = await flow.follow(alice, bob)
  await flow.follow(carol, bob)
})
afterEach(() => flow.close())

const undone = (): number => flow.received(bob, 'Undo').length

const toldClosed = async (user: FakeUser): Promise<number> =>
  flow.bodies(await flow.chat(user)).filter((body) => body.includes('was closed on this server'))
    .length

const follows = async (user: FakeUser): Promise<readonly string[]> =>
  flow.command(user, 'following')

const close = (how: { first?: readonly FakeUser[]; isUnheard?: boolean } = {}): void => {
  const { first = [], isUnheard = false } = how
  flow.homeserver.shutDown(room, {
    purge: false,
    first: first.map(({ userId }) => userId),
    isUnheard,
  })
}

describe('who left a room of themselves, and then it was closed, while the bridge was away', () => {
  const away = async (meanwhile: () => Promise<void>): Promise<void> => {
    flow.crash(3_600_000)
    await flow.minutes(10)
    await meanwhile()
    await flow.minutes(60)
  }

  test('follows no more, and the others do', async () => {
    await away(async () => {
      alice.leave(room)
      await flow.minutes(4)
      close()
    })
    await flow.minutes(2)
    expect(undone()).toBe(1)
    expect(await toldClosed(alice)).toBe(0)
    expect(await follows(alice)).toEqual([expect.stringContaining('follow nobody')])
    expect(await toldClosed(carol)).toBe(1)
    expect(await follows(carol)).toEqual([expect.stringContaining(bob.handle)])
  })

  test('is not asked into the next room', async () => {
    await away(async () => {
      alice.leave(room)
      await flow.minutes(4)
      close()
    })
    await flow.tell(bob.post({ content: 'the next' }))
    await flow.minutes(2)
    expect(alice.rooms('invite')).toEqual([])
    expect(carol.rooms('invite')).toHaveLength(1)
  })

  test('follows on where that was in the moment of the closing', async () => {
    await away(async () => {
      alice.leave(room)
      await flow.time.pass(8_000)
      close({ first: [carol] })
    })
    await flow.minutes(2)
    expect(undone()).toBe(0)
    expect(await toldClosed(alice)).toBe(1)
    expect(await follows(alice)).toEqual([expect.stringContaining(bob.handle)])
  })

  test('follows on where they asked to before the bridge was back', async () => {
    const chat = await flow.chat(alice)
    await away(async () => {
      alice.leave(room)
      await flow.minutes(4)
      close()
      alice.say(chat, `follow ${bob.handle}`)
    })
    await flow.minutes(2)
    expect(undone()).toBe(0)
    expect(await follows(alice)).toEqual([expect.stringContaining(bob.handle)])
    expect(alice.rooms('invite')).toHaveLength(1)
  })

  test('follows on, and reads so, where nobody is told of the closing', async () => {
    await away(async () => {
      alice.leave(room)
      await flow.minutes(4)
      close({ isUnheard: true })
    })
    await flow.minutes(15)
    expect(undone()).toBe(0)
    expect(await toldClosed(alice)).toBe(1)
    expect(await follows(alice)).toEqual([expect.stringContaining(bob.handle)])
  })
})

test('who left before the closing follows no more where a post finds the room closed first', async () => {
  flow.close()
  let isAway = false
  flow = await createFlow({
    troubleToBridge: (side) => (isAway && side === 'homeserver' ? 'timeout' : undefined),
  })
  alice = flow.user('alice')
  carol = flow.user('carol')
  bob = flow.account('bob', 'remote.example')
  room = await flow.follow(alice, bob)
  await flow.follow(carol, bob)
  isAway = true
  alice.leave(room)
  await flow.minutes(4)
  close()
  await flow.tell(bob.post({ content: 'the next' }))
  expect(await toldClosed(carol)).toBe(1)
  isAway = false
  await flow.minutes(20)
  expect(undone()).toBe(1)
  expect(alice.rooms('invite')).toEqual([])
  expect(await follows(alice)).toEqual([expect.stringContaining('follow nobody')])
})

test('who leaves, and at once takes the follow back and asks anew, is not taken to have left', async () => {
  flow.manners.set(bob.id, 'ignore')
  alice.leave(room)
  const chat = await flow.chat(alice)
  alice.say(chat, `unfollow ${bob.handle}`)
  await flow.time.pass(1_000)
  alice.say(chat, `follow ${bob.handle}`)
  await flow.minutes(1)
  expect(flow.received(bob, 'Follow')).toHaveLength(3)
  expect(undone()).toBe(1)
})
