import { expect, test } from '@jest/globals'
import { keepFacts } from '../../src/activitypub/nodeinfo.ts'

const factsOf = (users: number) => ({
  ...{ name: 'x', description: 'x', version: '1', isOpen: true },
  ...{ users, activeMonth: 0, activeHalfyear: 0, posts: 0, comments: 0 },
})

test('the numbers are counted once in ten minutes, however many ask', async () => {
  let [now, counted] = [0, 0]
  const facts = keepFacts(async () => factsOf(++counted), { now: () => now })
  const first = await Promise.all([facts(), facts(), facts()])
  now = 599_999
  const second = await facts()
  now = 600_000
  const third = await facts()
  expect([...first, second, third].map(({ users }) => users)).toEqual([1, 1, 1, 1, 2])
})

test('what could not be counted is counted again', async () => {
  let isBroken = true
  const facts = keepFacts(
    async () => {
      if (isBroken) throw new Error('locked')
      return factsOf(7)
    },
    { now: () => 0 },
  )
  await expect(facts()).rejects.toThrow('locked')
  isBroken = false
  expect((await facts()).users).toBe(7)
})
