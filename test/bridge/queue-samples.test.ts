import { expect, test } from '@jest/globals'
import { sampleEvery, sampleQueue, samplesKept } from '../../src/bridge/queue-samples.ts'
import { createBridge } from '../support/bridge.ts'

const job = (name: string) => ({
  ...{ kind: 'activity' as const, key: name, lane: `activity:${name}`, payload: '{}' },
})

test('every five minutes it is noted how much waits, for a week', async () => {
  const { deps, store, clock } = await createBridge()
  const stopping = new AbortController()
  const sampling = sampleQueue(deps, stopping.signal)
  const start = clock.now()
  await clock.advance(sampleEvery - 1)
  await store.commit([
    { change: 'enqueue', job: job('a') },
    { change: 'enqueue', job: job('b') },
  ])
  await clock.advance(sampleEvery)
  const counts = (await store.queueSamples(0, 10)).map(({ at, waiting }) => [
    at - start,
    waiting.activity,
  ])
  expect(counts).toEqual([
    [0, 0],
    [sampleEvery, 2],
  ])
  await clock.advance(samplesKept)
  const kept = await store.queueSamples(0, 10_000)
  expect(kept.length).toBe(samplesKept / sampleEvery + 1)
  expect(kept[0]?.at).toBeGreaterThanOrEqual(clock.now() - samplesKept - sampleEvery)
  stopping.abort()
  await sampling
})

test('what cannot be noted is tried again the next time', async () => {
  const bridge = await createBridge()
  const { store, clock, deps } = bridge
  let isBroken = true
  const jobs = {
    depth: async () => {
      if (isBroken) throw new Error('disk I/O error')
      return deps.jobs.depth()
    },
  }
  const stopping = new AbortController()
  const sampling = sampleQueue({ ...deps, jobs }, stopping.signal)
  await clock.advance(sampleEvery - 1)
  expect(bridge.warnings).toEqual(['could not note how much waits'])
  isBroken = false
  await clock.advance(sampleEvery)
  expect(await store.queueSamples(0, 10)).toHaveLength(1)
  stopping.abort()
  await sampling
})
