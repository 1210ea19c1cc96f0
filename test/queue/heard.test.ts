import { expect, test } from '@jest/globals'
import { createHeard } from '../../src/queue/heard.ts'

test('a host that sends is told well, once in a while', async () => {
  let now = 100
  const told: string[] = []
  const heard = createHeard({
    queue: { hostIsWell: async (host) => void told.push(host ?? 'homeserver') },
    clock: { now: () => now, sleep: async () => undefined },
  })
  await heard('a.example')
  await heard('a.example')
  await heard('b.example')
  await heard()
  now += 5_000
  await heard('a.example')
  await heard()
  expect(told).toEqual(['a.example', 'b.example', 'homeserver', 'a.example', 'homeserver'])
})
