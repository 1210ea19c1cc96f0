import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { bot } from '../simulation/world.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

const withSpaces = { appservice: { hasSpaces: true } }

let flow: Flow
let alice: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow({}, withSpaces)
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

const isSpace = (roomId: RoomId): boolean =>
  flow.homeserver.state(roomId, 'm.room.create')?.['type'] === 'm.space'

const spacesOf = (user: FakeUser, membership: 'join' | 'invite'): readonly RoomId[] =>
  user.rooms(membership).filter(isSpace)

/** Its rooms by their order. */
const roomsIn = (space: RoomId): readonly (readonly [RoomId, unknown])[] =>
  flow.homeserver.rooms().flatMap((roomId) => {
    const content = flow.homeserver.state(space, 'm.space.child', roomId)
    return content?.['via'] === undefined ? [] : [[roomId, content['order']] as const]
  })

const soon = () => flow.time.pass(10_000)

/** Alice follows Bob, is in his room, and in her Space. */
async function enter(): Promise<{ readonly space: RoomId; readonly room: RoomId }> {
  await flow.command(alice, `follow ${bob.handle}`)
  const room = flow.portalOf(bob)
  alice.join(room)
  await soon()
  const [space] = spacesOf(alice, 'invite')
  if (space === undefined) throw new Error('no invite into a Space')
  alice.join(space)
  await soon()
  return { space, room }
}

describe('the Space of a user', () => {
  test('comes with their first room of the fediverse, and holds that and their chat with the bot', async () => {
    await flow.command(alice, 'help')
    await soon()
    expect(spacesOf(alice, 'invite')).toEqual([])
    const { space, room } = await enter()
    expect(flow.homeserver.state(space, 'm.room.name')).toEqual({ name: 'Fediverse' })
    expect(flow.homeserver.state(space, 'm.room.join_rules')).toEqual({ join_rule: 'invite' })
    const chat = await flow.chat(alice)
    expect(new Map(roomsIn(space))).toEqual(
      new Map([
        [chat, '0'],
        [room, '5'],
      ]),
    )
  })

  test('gets the rooms that come later, and loses those that are left', async () => {
    const { space, room } = await enter()
    await flow.command(alice, 'publish')
    for (const roomId of alice.rooms('invite')) alice.join(roomId)
    await soon()
    expect(
      roomsIn(space)
        .map(([, order]) => order)
        .sort(),
    ).toEqual(['0', '1', '5'])
    alice.leave(room)
    await flow.time.pass(30_000)
    expect(
      roomsIn(space)
        .map(([, order]) => order)
        .sort(),
    ).toEqual(['0', '1'])
    expect(spacesOf(alice, 'join')).toEqual([space])
  })

  test('is of one user alone: another one in the same room has another', async () => {
    const { space } = await enter()
    const carla = flow.user('carla')
    await flow.command(carla, `follow ${bob.handle}`)
    carla.join(flow.portalOf(bob))
    await soon()
    const [other] = spacesOf(carla, 'invite')
    expect(other).toBeDefined()
    expect(other).not.toBe(space)
    expect([...flow.homeserver.members(space, 'join')].sort()).toEqual([alice.userId, bot].sort())
  })

  test('keeps what its owner puts in, moves or takes out', async () => {
    const { space, room } = await enter()
    const own = alice.createRoom({})
    alice.setState(space, `m.space.child ${own}`, { via: ['hs.test'] })
    alice.setState(space, `m.space.child ${room}`, { via: ['hs.test'], order: '00' })
    await flow.command(alice, 'publish')
    for (const roomId of alice.rooms('invite')) alice.join(roomId)
    await soon()
    const listed = new Map(roomsIn(space))
    expect(listed.get(own)).toBeUndefined()
    expect(listed.has(own)).toBe(true)
    expect(listed.get(room)).toBe('00')
  })

  test('is not forced on anybody: who leaves it is told how it comes back', async () => {
    const { space } = await enter()
    alice.leave(space)
    await flow.time.pass(30_000)
    const chat = await flow.chat(alice)
    expect(flow.bodies(chat).at(-1)).toContain('`settings space on` brings it back')
    await flow.command(alice, 'publish')
    for (const roomId of alice.rooms('invite')) alice.join(roomId)
    await soon()
    expect(spacesOf(alice, 'invite')).toEqual([])
    await flow.command(alice, 'settings space on')
    await soon()
    expect(spacesOf(alice, 'invite')).toEqual([space])
    expect(
      roomsIn(space)
        .map(([, order]) => order)
        .sort(),
    ).toEqual(['0', '1', '5'])
  })

  test('is left for them when they switch it off', async () => {
    const { space } = await enter()
    expect((await flow.command(alice, 'settings space')).at(-1)).toContain('`space` is `on`')
    await flow.command(alice, 'settings space off')
    await soon()
    expect(spacesOf(alice, 'join')).toEqual([])
    expect(alice.rooms('join')).not.toContain(space)
    expect((await flow.command(alice, 'settings space')).at(-1)).toContain('`space` is `off`')
  })

  test('is made anew when the homeserver has deleted it', async () => {
    const { space } = await enter()
    flow.homeserver.shutDown(space, { purge: false })
    await flow.time.pass(30_000)
    await flow.command(alice, 'settings space on')
    await soon()
    const [next] = spacesOf(alice, 'invite')
    expect(next).toBeDefined()
    expect(next).not.toBe(space)
  })

  test('is there in time although the bridge is killed at any step', async () => {
    for (let step = 1; step < 60; step += 3) {
      flow.close()
      let steps = 0
      flow = await createFlow({}, { ...withSpaces, crashesAt: () => ++steps === step })
      alice = flow.user('alice')
      bob = flow.account('bob', 'remote.example')
      const { space, room } = await enter()
      await flow.time.pass(120_000)
      expect([step, new Map(roomsIn(space)).get(room)]).toEqual([step, '5'])
    }
  })
})

test('where the admin wants none, there is one for those who ask', async () => {
  flow.close()
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.command(alice, `follow ${bob.handle}`)
  alice.join(flow.portalOf(bob))
  await soon()
  expect(spacesOf(alice, 'invite')).toEqual([])
  expect((await flow.command(alice, 'settings space')).at(-1)).toContain('`space` is `off`')
  await flow.command(alice, 'settings space on')
  await soon()
  expect(spacesOf(alice, 'invite')).toHaveLength(1)
})
