import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
/** On another homeserver, and let in from there. */
let carol: FakeUser

/** What the creation of a portal, a home room, a public room, a chat and a Space says of other homeservers. */
async function federateOf(): Promise<readonly unknown[]> {
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  await flow.follow(alice, bob)
  await flow.followHome(alice, flow.account('dave', 'remote.example'))
  await flow.publish(alice)
  const mentions = [{ id: await flow.actorOf(alice), name: '@alice' }]
  await flow.tell(bob.post({ content: 'psst', visibility: 'direct', mentions }))
  await flow.minutes(5)
  const chat = await flow.chat(alice)
  const rooms = [...alice.rooms('invite'), ...alice.rooms('join')].filter((id) => id !== chat)
  return rooms.map((roomId) => {
    const created = flow.homeserver.state(roomId, 'm.room.create', '')
    return created?.['m.federate']
  })
}

describe.each(['10', '12'] as const)('rooms of version %s', (roomVersion) => {
  afterEach(() => flow.close())
  test('that are for this homeserver alone say so, all of them', async () => {
    const appservice = { hasSpaces: true }
    flow = await createFlow({}, { localRoomsOnly: true, roomVersion, appservice })
    expect(await federateOf()).toEqual(Array(5).fill(false))
  })

  test('are for others too where nothing is said', async () => {
    flow = await createFlow({}, { roomVersion, appservice: { hasSpaces: true } })
    expect(await federateOf()).toEqual(Array(5).fill(undefined))
  })
})

describe('a user of another homeserver, where rooms are for this one alone', () => {
  beforeEach(async () => {
    flow = await createFlow({}, { localRoomsOnly: true })
    carol = flow.homeserver.addUser('@carol:far.test')
    flow.permissions.set(carol.userId, 'user')
  })
  afterEach(() => flow.close())

  const line =
    'I can bring you into no room: the rooms of this bridge are for users of hs.test alone, and you are on far.test.'

  test.each(['follow @bob@remote.example', 'dm @bob@remote.example', 'publish', 'home'])(
    'is told so by "%s", and nothing is done',
    async (command) => {
      const bob = flow.account('bob', 'remote.example')
      expect(await flow.command(carol, command)).toEqual([line])
      await flow.minutes(5)
      expect(flow.received(bob)).toEqual([])
      expect(carol.rooms('invite')).toEqual([])
    },
  )

  test('writes to accounts in a chat of their own, and is told when somebody begins another', async () => {
    const bob = flow.account('bob', 'remote.example')
    const chat = await flow.chat(carol)
    await flow.command(carol, 'register')
    const room = carol.createDm(flow.ghostOf(bob))
    carol.say(room, 'hello')
    await flow.minutes(1)
    expect(flow.received(bob, 'Create')).toMatchObject([{ object: { content: '<p>hello</p>' } }])
    const eve = flow.account('eve', 'remote.example')
    const mentions = [{ id: await flow.actorOf(carol), name: '@carol' }]
    await flow.tell(eve.post({ content: 'psst', visibility: 'direct', mentions }))
    await flow.tell(eve.post({ content: 'again', visibility: 'direct', mentions }))
    await flow.minutes(5)
    expect(flow.bodies(chat).filter((body) => body.includes('invite you'))).toEqual([
      'I cannot invite you into a private chat with @eve@remote.example: the rooms of this bridge are for users of hs.test alone, and you are on far.test.',
    ])
    expect(carol.rooms('invite')).toEqual([])
    expect(await flow.failures()).toEqual([])
  })
})
