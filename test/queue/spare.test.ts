import { expect, test } from '@jest/globals'
import { addingSpare } from '../../src/queue/spare.ts'
import { job, makeQueue } from './setup.ts'

test('what can be spared is not added where a hundred of its kind wait for its host', async () => {
  const q = await makeQueue()
  const add = addingSpare(q.queue)
  const sync = (key: string, host: string) =>
    add({ ...job(key, `upkeep:${key}`, { kind: 'upkeep' }), host })
  for (let n = 0; n < 120; n++) await sync(`a ${n}`, 'a.example')
  await sync('b', 'b.example')
  const counts = ['a.example', 'b.example'].map(
    async (host) => (await q.queue.waitingAt('upkeep', host, 1_000)).length,
  )
  expect(await Promise.all(counts)).toEqual([100, 1])
  const [first] = await q.queue.claim('upkeep', 1)
  expect(first && (await q.queue.finish(first, []))).toBe(true)
  await sync('a again', 'a.example')
  expect((await q.queue.waitingAt('upkeep', 'a.example', 1_000)).length).toBe(100)
  q.close()
})
