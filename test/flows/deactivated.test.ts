import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser, Fault } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let id: string
const log: string[] = []

beforeEach(async () => {
  log.length = 0
  flow = await createFlow({}, { trace: (line) => void log.push(line()) })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  alice.say(profile, 'hello')
  await flow.quiet()
  id = await flow.actorOf(alice)
})
afterEach(() => flow.close())

const deletes = () => flow.received(bob, 'Delete').filter(({ object }) => object === id)
/** How asking for a profile goes wrong. */
const failProfiles = (fault: Fault): void =>
  flow.homeserver.injectFaults(({ url, method }) =>
    method === 'GET' && url.includes('/profile/') ? fault : undefined,
  )

describe('an account of Matrix that was deactivated and erased', () => {
  test('is forgotten once it is gone for a day, and nobody is told in its chat', async () => {
    const chat = await flow.chat(alice)
    const before = flow.bodies(chat)
    alice.deactivate()
    alice.setErased(true)
    // The first look is at midnight; the second a day later.
    await flow.hours(25)
    expect(deletes()).toEqual([])
    await flow.hours(24)
    expect(deletes()).toHaveLength(1)
    await flow.hours(1)
    expect(flow.bodies(chat)).toEqual(before)
    expect(await flow.store.findLocalActorByUser(alice.userId)).toBeUndefined()
    expect(log.join('\n')).toContain('was deactivated and erased')
    const rows = Object.entries(flow.rows()).flatMap(([table, all]) =>
      all.filter((row) => row.includes(alice.userId)).map((row) => `${table}: ${row}`),
    )
    expect(rows).toEqual([])
  })

  test('stays where it is there again within the day', async () => {
    alice.deactivate()
    alice.setErased(true)
    await flow.hours(25)
    alice.setErased(false)
    await flow.hours(72)
    expect(deletes()).toEqual([])
    expect(await flow.actorOf(alice)).toBe(id)
  })
})

describe('nobody is forgotten', () => {
  test('who was deactivated and not erased: that looks like somebody who has left', async () => {
    alice.deactivate()
    await flow.hours(73)
    expect(deletes()).toEqual([])
  })

  test('who left all rooms and has neither name nor picture', async () => {
    alice.setDisplayName('')
    alice.deactivate()
    await flow.hours(73)
    expect(deletes()).toEqual([])
    expect(await flow.actorOf(alice)).toBe(id)
  })

  test('who is in a room, whatever the homeserver says of the profile', async () => {
    alice.setErased(true)
    await flow.hours(73)
    expect(deletes()).toEqual([])
    expect(await flow.actorOf(alice)).toBe(id)
  })

  test.each<Fault>(['fail-500', 'limit', 'forbid'])(
    'while the homeserver says nothing of the account (%s)',
    async (fault) => {
      alice.deactivate()
      failProfiles(fault)
      await flow.hours(26)
      failProfiles(undefined)
      await flow.hours(2)
      expect(deletes()).toEqual([])
      expect(await flow.actorOf(alice)).toBe(id)
    },
  )
})
