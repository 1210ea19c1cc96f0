import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Job } from '../../src/model/job.ts'
import { job, type QueueUnderTest } from './setup.ts'

/** What every implementation of `Queue` promises of the activities that are not done. */
export function testWaiting(make: () => Promise<QueueUnderTest>): void {
  let q: QueueUnderTest
  beforeEach(async () => {
    q = await make()
  })
  afterEach(() => q.close())

  const sent = (key: string, from: string) =>
    job(key, `activity:https://${from}`, { kind: 'activity' })
  const counts = (from: string) => q.queue.waitingIn(`activity:https://${from}`)
  const take = async (): Promise<Job> => {
    const [first] = await q.queue.claim('activity', 1)
    if (first === undefined) throw new Error('nothing to claim')
    return first
  }

  test('are counted by their lane, by the host that sends them, and in all', async () => {
    await q.queue.add([sent('1', 'a.test/bob'), sent('2', 'a.test/bob'), sent('3', 'a.test/eve')])
    await q.queue.add([sent('4', 'b.test/bob'), job('5', 'a'), sent('1', 'a.test/bob')])
    expect(counts('a.test/bob')).toEqual({ lane: 2, host: 3, all: 4 })
    expect(counts('b.test/eve')).toEqual({ lane: 0, host: 1, all: 4 })
    expect(counts('c.test/bob')).toEqual({ lane: 0, host: 0, all: 4 })
    expect(q.reopened().waitingIn('activity:https://a.test/eve')).toEqual({
      ...{ lane: 1, host: 3, all: 4 },
    })
  })

  test('count until they end, however they end', async () => {
    await q.queue.add(['1', '2', '3', '4'].map((key) => sent(key, 'a.test/bob')))
    await q.queue.finish(await take(), [])
    expect(counts('a.test/bob').lane).toBe(3)
    const parked = await take()
    await q.queue.park(parked, { until: q.clock.now() + 9000, reason: 'parent' })
    const retried = await take()
    await q.queue.retry(retried, { runAt: q.clock.now(), error: 'away', counts: true })
    expect(counts('a.test/bob').lane).toBe(3)
    expect(await q.queue.finish(retried, [])).toBe(false)
    expect(counts('a.test/bob').lane).toBe(3)
    await q.queue.bury(await take(), 'poison')
    expect(counts('a.test/bob')).toEqual({ lane: 2, host: 2, all: 2 })
    const [failed] = await q.queue.listFailed({ limit: 1 })
    await q.queue.retryFailed(failed?.id ?? 0)
    expect(counts('a.test/bob')).toEqual({ lane: 3, host: 3, all: 3 })
    await q.clock.advance(9000)
    for (let n = 0; n < 3; n += 1) await q.queue.finish(await take(), [])
    expect(counts('a.test/bob')).toEqual({ lane: 0, host: 0, all: 0 })
  })

  test('that could not be added do not count', async () => {
    const bad = { ...sent('2', 'a.test/bob'), payload: undefined } as never
    await expect(q.queue.add([sent('1', 'a.test/bob'), bad])).rejects.toThrow()
    expect(counts('a.test/bob')).toEqual({ lane: 0, host: 0, all: 0 })
  })
}
