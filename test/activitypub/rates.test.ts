import { describe, expect, test } from '@jest/globals'
import { createRates } from '../../src/activitypub/rates.ts'

const minute = { most: 60, within: 60_000 }

describe('a rate', () => {
  test('lets all pass at once, then one for each share of the time', () => {
    const rates = createRates(minute, 10)
    expect(Array.from({ length: 60 }, () => rates.take('a', 0))).toEqual(Array(60).fill(0))
    expect([rates.take('a', 0), rates.take('a', 400)]).toEqual([1_000, 600])
    expect([rates.take('a', 1_000), rates.take('a', 1_000)]).toEqual([0, 1_000])
  })

  test('holds for each key alone', () => {
    const rates = createRates({ most: 1, within: 60_000 }, 10)
    expect([rates.take('a', 0), rates.take('b', 0), rates.take('a', 0)]).toEqual([0, 0, 60_000])
  })

  test('asking too often costs nothing', () => {
    const rates = createRates({ most: 1, within: 1_000 }, 10)
    rates.take('a', 0)
    for (let at = 0; at < 1_000; at += 10) rates.take('a', at)
    expect(rates.take('a', 1_000)).toBe(0)
  })

  test('gives no more than all after a long time, and nothing for a clock that goes back', () => {
    const rates = createRates({ most: 2, within: 1_000 }, 10)
    rates.take('a', 0)
    const later = 1e9
    expect([rates.take('a', later), rates.take('a', later)]).toEqual([0, 0])
    expect([rates.take('a', later), rates.take('a', 0)]).toEqual([500, 500])
  })

  test('of 0 is none', () => {
    const rates = createRates({ most: 0, within: 1_000 }, 10)
    expect(rates.take('a', 0) + rates.take('a', 0)).toBe(0)
  })

  test('remembers so many keys, and forgets the one that was quiet for longest', () => {
    const rates = createRates({ most: 1, within: 1_000 }, 2)
    rates.take('a', 0)
    rates.take('b', 0)
    rates.take('a', 1)
    rates.take('c', 2)
    expect([rates.take('a', 3) > 0, rates.take('b', 3)]).toEqual([true, 0])
  })
})
