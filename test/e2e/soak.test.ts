import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from './support/peers.ts'
import { soak } from './support/soak.ts'
import { type Stack, startStack } from './support/stack.ts'

describeWith(['synapse'], 'while the bridge is killed every second or two', () => {
  let stack: Stack

  beforeAll(async () => {
    // One person says it all, more than others may in an hour.
    stack = await startStack({ admins: ['alice'] })
  })
  afterAll(() => stack.stop())

  test('nothing is lost, doubled or out of order', async () => {
    const { toMatrix, toFediverse, kills } = await soak(stack, {
      events: 100,
      rooms: 4,
      life: [300, 1200],
      patience: 60_000,
    })
    const whole = { sent: 100, arrived: 100, lost: 0, doubled: 0, disordered: 0 }
    expect({ toMatrix, toFediverse }).toEqual({ toMatrix: whole, toFediverse: whole })
    expect(kills).toBeGreaterThan(0)
  })
})
