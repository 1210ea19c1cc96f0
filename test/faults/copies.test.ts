import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RoomId } from '../../src/model/ids.ts'
import { ghostOf, type Registered, register } from './support/people.ts'
import { startWorld, type World } from './support/world.ts'

describe('what comes more than once is done once', () => {
  let world: World
  let alice: Registered['alice']
  let me: Registered['me']

  beforeAll(async () => {
    world = await startWorld()
    ;({ alice, me } = await register(world))
  })
  afterAll(() => world.stop())

  const shownAs = (body: string) =>
    world.hs
      .rooms()
      .flatMap((roomId) => world.hs.timeline(roomId))
      .filter(({ content }) => (content as { body?: unknown }).body === body)
  const delivered = (text: string) =>
    world.fediverse.deliveries.filter(({ activity }) =>
      JSON.stringify(activity['object']).includes(`<p>${text}</p>`),
    )
  const chatWith = (name: string): RoomId => {
    const account = world.fediverse.account(name, world.hosts[0])
    world.hs.addUser(ghostOf(account))
    return alice.createDm(ghostOf(account))
  }

  test('an activity by the shared and the personal inbox at once', async () => {
    const bob = world.fediverse.account('bob', world.hosts[0])
    const sent = bob.post({ content: 'by two ways', visibility: 'direct', mentions: [me] })
    const personal = bob.sign(sent.activity, `${me.id}/inbox`)
    expect(await Promise.all([world.post(sent), world.post(personal)])).toEqual([202, 202])
    await world.settle()
    expect(shownAs('by two ways')).toHaveLength(1)
  })

  test('ten copies of an activity at the same time, and one long after', async () => {
    const bob = world.fediverse.account('bob', world.hosts[1])
    const sent = bob.post({ content: 'ten times', visibility: 'direct', mentions: [me] })
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.post(sent)))
    expect(answers).toEqual(Array.from({ length: 10 }, () => 202))
    await world.settle()
    expect(await world.post(bob.sign(sent.activity))).toBe(202)
    await world.settle()
    expect(shownAs('ten times')).toHaveLength(1)
  })

  test('an event in transactions with the same, another, and a restarted number', async () => {
    const room = chatWith('carol')
    await world.settle()
    const eventId = alice.say(room, 'pushed often')
    const events = world.hs.timeline(room).filter(({ event_id }) => event_id === eventId)
    const pushes = ['900', '900', '901', '1'].map((txnId) => world.push(txnId, events))
    expect(await Promise.all(pushes)).toEqual([200, 200, 200, 200])
    await world.settle()
    world.hs.restart()
    expect(await world.push('1', events)).toBe(200)
    await world.settle()
    expect(delivered('pushed often')).toHaveLength(1)
  })

  test('a new event under a transaction number that was used before', async () => {
    const room = chatWith('dora')
    await world.settle()
    world.hs.restart()
    alice.say(room, 'under an old number')
    await world.settle()
    expect(delivered('under an old number')).toHaveLength(1)
  })
})
