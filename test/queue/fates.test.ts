import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Job } from '../../src/model/job.ts'
import { job, makeQueue, mark, type QueueUnderTest } from './setup.ts'

let q: QueueUnderTest
beforeEach(async () => {
  q = await makeQueue()
  await q.queue.add([job('1', 'a', { host: 'remote.example' })])
})
afterEach(() => q.close())

const fate = () => q.queue.fateOf('event', '1')
async function claim(): Promise<Job> {
  const [first] = await q.queue.claim('event', 1)
  if (first === undefined) throw new Error('nothing to claim')
  return first
}

test('what waits says since which try, until when and why', async () => {
  const now = q.clock.now()
  expect(await fate()).toEqual({ state: 'waiting', attempts: 0, nextTry: now, isAtWork: false })
  const first = await claim()
  expect(await fate()).toMatchObject({ isAtWork: true })
  await q.queue.retry(first, { runAt: now + 5_000, error: 'away', counts: true })
  expect(await fate()).toEqual({
    ...{ state: 'waiting', attempts: 1, nextTry: now + 5_000, isAtWork: false },
    error: 'away',
  })
})

test('what waits for a host that keeps failing is not tried before that is', async () => {
  const now = q.clock.now()
  const until = now + 90_000
  await q.queue.retry(await claim(), { runAt: now, error: 'busy', counts: true, hostFailed: until })
  expect(await fate()).toMatchObject({ state: 'waiting', nextTry: until })
})

test('what ended says how', async () => {
  await q.queue.finish(await claim(), [mark('done')])
  expect(await fate()).toEqual({ state: 'done', at: q.clock.now() })
})

test('what a block stopped was not done', async () => {
  await q.queue.finish(await claim(), [], 'stopped')
  expect(await fate()).toEqual({ state: 'stopped', at: q.clock.now() })
})

test('what was dropped was not done', async () => {
  await q.queue.drop(await q.queue.waitingAt('event', 'remote.example', 1), [])
  expect(await fate()).toEqual({ state: 'dropped', at: q.clock.now() })
})

test('what was given up has its reason, until the admin drops it or tries it again', async () => {
  await q.queue.bury(await claim(), 'Error: no')
  const [letter] = await q.queue.listFailed({ limit: 1 })
  const at = q.clock.now()
  expect(await fate()).toEqual({ state: 'failed', at, id: letter?.id, error: 'Error: no' })
  await q.queue.retryFailed(letter?.id ?? 0)
  expect(await fate()).toMatchObject({ state: 'waiting' })
  await q.queue.bury(await claim(), 'Error: no')
  await q.queue.dropFailed((await q.queue.listFailed({ limit: 1 }))[0]?.id ?? 0)
  expect(await fate()).toEqual({ state: 'failed', at })
})

test('of others nothing is known', async () => {
  expect(await q.queue.fateOf('event', '2')).toBeUndefined()
  expect(await q.queue.fateOf('delivery', '1')).toBeUndefined()
})
