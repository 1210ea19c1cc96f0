import { describe, expect, test } from '@jest/globals'

import { createSystemClock, createSystemRandom } from '../../src/net/clock.ts'

describe('the system clock', () => {
  test('sleeps at least as long as asked', async () => {
    const clock = createSystemClock()
    const before = performance.now()
    await clock.sleep(20)
    expect(performance.now() - before).toBeGreaterThanOrEqual(19)
  })

  test.each([1e6, 1e12])('wakes at once when the signal aborts a sleep of %d ms', async (ms) => {
    const controller = new AbortController()
    const sleep = createSystemClock().sleep(ms, controller.signal)
    controller.abort()
    await expect(sleep).resolves.toBeUndefined()
    await expect(createSystemClock().sleep(ms, controller.signal)).resolves.toBeUndefined()
  })
})

test('ids are 22 characters and never the same', () => {
  const random = createSystemRandom()
  const ids = Array.from({ length: 100 }, () => random.id())
  expect(ids.filter((id) => !/^[\w-]{22}$/.test(id))).toEqual([])
  expect(new Set(ids).size).toBe(100)
})
