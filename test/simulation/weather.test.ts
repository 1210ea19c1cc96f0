import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from '../flows/setup.ts'

const minute = 60_000

describe('what a dead process had sent to the homeserver', () => {
  let flow: Flow
  let room: RoomId
  let latency: number

  beforeEach(async () => {
    latency = 1
    flow = await createFlow({ latency: () => latency })
    const alice = flow.user('alice')
    room = await flow.publish(alice)
    const bob = flow.account('bob', 'remote.example')
    await flow.gain(alice, bob)
    alice.say(room, 'hello')
    await flow.minutes(1)
    const [note] = flow.received(bob, 'Create')
    await flow.tell(bob.like(String((note?.['object'] as { id?: unknown } | undefined)?.id)))
  })
  afterEach(() => flow.close())

  /** The bridge dies while its summary of the likes travels; the next process writes it first. */
  async function dieWhileSending(): Promise<void> {
    latency = 15_000
    await flow.time.pass(minute - (flow.time.now() % minute) + 1_000)
    expect(flow.bodies(room)).toEqual(['hello'])
    flow.crash(1_000)
    latency = 1
    await flow.quiet()
    expect(flow.bodies(room)).toEqual(['hello', '❤️ 1'])
  }

  test('arrives late, and is the same event by its transaction id', async () => {
    await dieWhileSending()
    const sends = (): readonly string[] =>
      flow.homeserver.calls.filter((call) => call.includes('/send/m.room.message/'))
    const before = sends().length
    await flow.minutes(1)
    expect(sends()).toHaveLength(before + 1)
    expect(flow.bodies(room)).toEqual(['hello', '❤️ 1'])
  })

  test('ends with the process of the homeserver to which it was on its way', async () => {
    await dieWhileSending()
    flow.homeserver.restart()
    await flow.minutes(1)
    expect(flow.bodies(room)).toEqual(['hello', '❤️ 1'])
  })

  test('was performed, and is found although the answer came to nobody', async () => {
    latency = 5_000
    await flow.time.pass(minute - (flow.time.now() % minute) + 6_000)
    expect(flow.bodies(room)).toEqual(['hello', '❤️ 1'])
    flow.crash(1_000)
    flow.homeserver.restart()
    latency = 1
    await flow.minutes(1)
    expect(flow.bodies(room)).toEqual(['hello', '❤️ 1'])
  })
})
