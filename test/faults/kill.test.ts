import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RoomId } from '../../src/model/ids.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { ghostOf, register, type Registered } from './support/people.ts'
import { type Death, startWorld, type World } from './support/world.ts'

/** More boundaries than this in one flow would be a loop. */
const enough = 80

describe('the process is killed at every step', () => {
  let world: World
  let alice: FakeUser
  /** Strangers may open only so many rooms with one user in a day. */
  const readers: Registered['me'][] = []

  beforeAll(async () => {
    world = await startWorld()
    ;({ alice } = await register(world))
    for (const name of ['ann', 'bea', 'cat', 'dot', 'eve']) {
      readers.push((await register(world, name)).me)
    }
  })
  afterAll(() => world.stop())

  const bodiesIn = (roomId: RoomId): unknown[] =>
    world.hs
      .timeline(roomId)
      .filter(({ type }) => type === 'm.room.message')
      .map(({ content }) => (content as { body?: unknown }).body)
  const roomsWith = (...accounts: Account[]): RoomId[] =>
    world.hs
      .rooms()
      .filter((roomId) =>
        accounts.every((account) => world.hs.members(roomId, 'join').includes(ghostOf(account))),
      )

  /** Runs the flow with a death at its first step, its second … until none is left to die at. */
  async function killEverywhere(
    after: Death['after'],
    flow: (n: number) => Promise<void>,
  ): Promise<number> {
    for (let n = 1; n <= enough; n++) {
      world.arm({ after, n })
      await flow(n)
      const deaths = world.deaths()
      world.arm(undefined)
      if (deaths === 0) return n - 1
    }
    throw new Error(`still dying at step ${enough}`)
  }

  async function firstContact(name: string): Promise<void> {
    const account = world.fediverse.account(name, world.hosts[0])
    const me = readers.shift()
    if (me === undefined) throw new Error('nobody reads')
    readers.push(me)
    const post = { content: `from ${name}`, visibility: 'direct', mentions: [me] } as const
    world.fediverse.send(account.post(post))
    await world.settle()
    const [room, ...others] = roomsWith(account)
    expect(others).toEqual([])
    expect(room === undefined ? [] : bodiesIn(room)).toEqual([`from ${name}`])
  }

  async function firstWords(name: string): Promise<void> {
    const accounts = world.hosts.map((host) => world.fediverse.account(name, host))
    for (const account of accounts) world.hs.addUser(ghostOf(account))
    const room = alice.createDm(...accounts.map(ghostOf))
    alice.say(room, `first for ${name}`)
    alice.say(room, `second for ${name}`)
    await world.settle()
    for (const account of accounts) {
      const arrived = world.fediverse.deliveries.filter(({ inbox }) => inbox === account.inbox)
      const texts = new Map(
        arrived.map(({ activity }) => [
          activity['id'],
          (activity['object'] as Account['profile'])['content'],
        ]),
      )
      expect([...texts.values()]).toEqual([`<p>first for ${name}</p>`, `<p>second for ${name}</p>`])
      // Only a delivery whose answer was cut off may come twice, under the same id.
      expect(arrived.length - texts.size).toBeLessThanOrEqual(world.deaths())
    }
    const notices = bodiesIn(room).filter((body) => String(body).includes('What you write here'))
    expect(notices).toHaveLength(1)
  }

  test.each(['commit', 'request'] as const)(
    'after each %s: a first message from the fediverse makes one room and stands there once',
    async (after) => {
      const steps = await killEverywhere(after, (n) => firstContact(`in-${after}-${n}`))
      expect(steps).toBeGreaterThan(3)
      expect(world.fediverse.refusals).toEqual([])
    },
    600_000,
  )

  test.each(['commit', 'request'] as const)(
    'after each %s: a first message to two ghosts comes to each inbox as one activity, in order',
    async (after) => {
      const steps = await killEverywhere(after, (n) => firstWords(`out-${after}-${n}`))
      expect(steps).toBeGreaterThan(3)
      expect(world.fediverse.refusals).toEqual([])
    },
    600_000,
  )
})
