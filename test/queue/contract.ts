import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Job } from '../../src/model/job.ts'
import { job, mark, type QueueUnderTest } from './setup.ts'

const day = 24 * 60 * 60 * 1000

/** What every implementation of `Queue` promises. */
export function testQueue(make: () => Promise<QueueUnderTest>): void {
  let q: QueueUnderTest
  beforeEach(async () => {
    q = await make()
  })
  afterEach(() => q.close())

  const claim = (limit = 10): Promise<Job[]> => q.queue.claim('event', limit)
  const claimKeys = async (limit?: number) => (await claim(limit)).map(({ key }) => key)
  const claimOne = async (): Promise<Job> => {
    const [first] = await claim(1)
    if (first === undefined) throw new Error('nothing to claim')
    return first
  }
  const deliveries = async (limit: number, perHost = 4): Promise<Job[]> =>
    q.queue.claim('delivery', limit, { perHost })

  describe('lanes', () => {
    test('a lane gives one job at a time, in the order they were added', async () => {
      await q.queue.add([job('1', 'a'), job('2', 'a'), job('3', 'b')])
      const [first, other] = await claim()
      expect([first?.key, other?.key, ...(await claimKeys())]).toEqual(['1', '3'])
      if (first) await q.queue.finish(first, [])
      expect(await claimKeys()).toEqual(['2'])
    })

    test('a retried job keeps its place and holds back only its own lane', async () => {
      await q.queue.add([job('1', 'a'), job('2', 'a'), job('3', 'b')])
      const first = await claimOne()
      const runAt = q.clock.now() + 5000
      await q.queue.retry(first, { runAt, error: 'away', counts: true })
      expect(await claimKeys()).toEqual(['3'])
      expect(await q.queue.nextDue(['event'])).toBe(runAt)
      await q.clock.advance(5000)
      expect(await claim()).toEqual([{ ...first, runAt, attempts: 1, claims: 1 }])
    })

    test('a try that does not count is a claim, not an attempt', async () => {
      await q.queue.add([job('1', 'a')])
      await q.queue.retry(await claimOne(), { runAt: 0, error: 'away', counts: false })
      expect(await claimOne()).toMatchObject({ attempts: 0, claims: 1 })
    })

    test('a job is not due before its time, and its lane waits for it', async () => {
      await q.queue.add([job('1', 'a', { runAt: q.clock.now() + 10 }), job('2', 'a')])
      expect(await claimKeys()).toEqual([])
      await q.clock.advance(10)
      expect(await claimKeys()).toEqual(['1'])
    })

    test('a finished job commits its changes with its end', async () => {
      await q.queue.add([job('1', 'a')])
      const first = await claimOne()
      expect(await q.queue.finish(first, [mark('done')])).toBe(true)
      expect(await q.findMark('done')).toBe('yes')
      expect(await q.queue.nextDue(['event'])).toBeUndefined()
    })

    test('changes that cannot be applied leave the job claimed', async () => {
      await q.queue.add([job('1', 'a')])
      const first = await claimOne()
      const bad = { ...mark('x'), value: undefined } as never
      await expect(q.queue.finish(first, [mark('done'), bad])).rejects.toThrow()
      expect(await q.findMark('done')).toBeUndefined()
      expect(await q.queue.finish(first, [])).toBe(true)
    })

    test('what a job enqueues on its own lane comes after what waits there', async () => {
      await q.queue.add([job('1', 'a'), job('2', 'a')])
      await q.queue.finish(await claimOne(), [{ change: 'enqueue', job: job('3', 'a') }])
      const second = await claimOne()
      await q.queue.finish(second, [])
      expect([second.key, ...(await claimKeys())]).toEqual(['2', '3'])
    })
  })

  describe('keys', () => {
    test('a known key is ignored while it waits, while it runs and after it was done', async () => {
      expect(await q.queue.add([job('1', 'a'), job('1', 'b')])).toBe(1)
      const first = await claimOne()
      expect(await q.queue.add([job('1', 'a')])).toBe(0)
      await q.queue.finish(first, [])
      expect(await q.queue.add([job('1', 'a')])).toBe(0)
      expect(await claimKeys()).toEqual([])
    })

    test('the same key of another kind is another job', async () => {
      expect(await q.queue.add([job('1', 'a'), job('1', 'a', { kind: 'upkeep' })])).toBe(2)
    })

    test('a key is forgotten after 30 days, when other jobs end', async () => {
      await q.queue.add([job('old', 'a')])
      await q.queue.finish(await claimOne(), [])
      await q.clock.advance(30 * day + 1)
      await q.queue.add(Array.from({ length: 200 }, (_, n) => job(`new ${n}`, `lane ${n}`)))
      for (const each of await claim(200)) await q.queue.finish(each, [])
      expect(await q.queue.add([job('old', 'a'), job('new 1', 'a')])).toBe(1)
    })

    test('the store enqueues with its own changes', async () => {
      await q.commit([mark('sent'), { change: 'enqueue', job: job('1', 'a') }])
      expect([await q.findMark('sent'), ...(await claimKeys())]).toEqual(['yes', '1'])
    })
  })

  describe('parking', () => {
    const parkFor = async (ms: number): Promise<Job> => {
      await q.queue.add([job('1', 'a'), job('2', 'a')])
      const first = await claimOne()
      const until = q.clock.now() + ms
      await q.queue.park(first, { until, waitsFor: 'parent', reason: 'no parent' })
      return first
    }

    test('a parked job lets its lane go on, and is due at its time', async () => {
      await parkFor(60_000)
      expect(await claimKeys()).toEqual(['2'])
      await q.clock.advance(60_000)
      expect(await claimKeys()).toEqual(['1'])
    })

    test('a release makes it due at once', async () => {
      await parkFor(60_000)
      await q.commit([{ change: 'release', waitsFor: 'parent' }])
      expect((await claimKeys()).sort()).toEqual(['1', '2'])
    })

    test('a release that came between its look-up and its parking is not missed', async () => {
      await q.queue.add([job('1', 'a')])
      const first = await claimOne()
      await q.commit([{ change: 'release', waitsFor: 'parent' }])
      const until = q.clock.now() + 60_000
      await q.queue.park(first, { until, waitsFor: 'parent', reason: '' })
      const again = await claimOne()
      expect(again.key).toBe('1')
      await q.queue.park(again, { until, waitsFor: 'parent', reason: '' })
      expect(await claimKeys()).toEqual([])
    })

    test('a job that is parked again is still there once', async () => {
      await parkFor(10)
      await q.clock.advance(10)
      const [second, first] = (await claim()).sort((x, y) => y.id - x.id)
      if (!first || !second) throw new Error('two jobs are due')
      const until = q.clock.now() + 10
      await q.queue.park(first, { until, reason: 'still no parent' })
      await q.queue.finish(second, [])
      await q.clock.advance(10)
      await q.queue.finish(await claimOne(), [])
      expect((await q.queue.depth())[1]).toEqual({ kind: 'event', waiting: 0, failed: 0 })
    })
  })

  describe('claims', () => {
    test('after a crash every claimed job is claimable again, and knows it was claimed', async () => {
      await q.queue.add([job('1', 'a'), job('2', 'b')])
      const [first] = await claim()
      const fresh = q.reopened()
      expect(await fresh.reclaimAll()).toBe(2)
      expect((await claim()).map(({ key, claims }) => [key, claims])).toEqual([
        ['1', 1],
        ['2', 1],
      ])
      expect(first && (await q.queue.finish(first, [mark('late')]))).toBe(false)
      expect(await q.findMark('late')).toBeUndefined()
    })

    test('a claim whose lease ran out belongs to the next who claims it', async () => {
      await q.queue.add([job('1', 'a')])
      const late = await claimOne()
      await q.clock.advance(15 * 60 * 1000)
      const now = await claimOne()
      const end = { runAt: 0, error: '', counts: true }
      expect(await q.queue.retry(late, end)).toBe(false)
      expect(await q.queue.park(late, { until: 0, reason: '' })).toBe(false)
      expect(await q.queue.bury(late, '')).toBe(false)
      expect(await q.queue.finish(now, [])).toBe(true)
      expect(await q.queue.finish(now, [])).toBe(false)
    })
  })

  describe('a claim that is renewed', () => {
    const almost = 14 * 60 * 1000

    test('outlives its lease for as long as it is', async () => {
      await q.queue.add([job('1', 'a'), job('2', 'b')])
      const [first] = await claim()
      if (first === undefined) throw new Error('nothing to claim')
      for (let n = 0; n < 4; n += 1) {
        await q.clock.advance(almost)
        await q.queue.renew([first])
      }
      expect(await claimKeys()).toEqual(['2'])
      expect(await q.queue.finish(first, [])).toBe(true)
    })

    test('runs out after the last time', async () => {
      await q.queue.add([job('1', 'a')])
      const first = await claimOne()
      await q.clock.advance(almost)
      await q.queue.renew([first])
      await q.clock.advance(15 * 60 * 1000)
      expect(await claimKeys()).toEqual(['1'])
    })

    test('must still be the caller’s: what was lost is not had back, nor what is another’s kept', async () => {
      await q.queue.add([job('1', 'a')])
      const late = await claimOne()
      await q.clock.advance(15 * 60 * 1000)
      const now = await claimOne()
      await q.clock.advance(almost)
      await q.queue.renew([late])
      expect(await q.queue.finish(late, [])).toBe(false)
      await q.clock.advance(60 * 1000)
      expect(await claimKeys()).toEqual(['1'])
      expect(await q.queue.finish(now, [])).toBe(false)
    })

    test('is free after a crash all the same', async () => {
      await q.queue.add([job('1', 'a')])
      await q.queue.renew([await claimOne()])
      const fresh = q.reopened()
      expect(await fresh.reclaimAll()).toBe(1)
      expect(await claimKeys()).toEqual(['1'])
    })
  })

  describe('dead letters', () => {
    const buryOne = async (): Promise<Job> => {
      await q.queue.add([job('1', 'a'), job('2', 'a')])
      const first = await claimOne()
      await q.queue.bury(first, 'it is poison', { changes: [mark('told')] })
      return first
    }

    test('a buried job is listed with its error, and its lane goes on', async () => {
      const first = await buryOne()
      const { id, kind, key, lane, payload, addedAt } = first
      expect(await q.queue.listFailed({ limit: 5 })).toEqual([
        {
          ...{ id, kind, key, lane, payload, addedAt },
          attempts: 0,
          claims: 1,
          error: 'it is poison',
          failedAt: q.clock.now(),
        },
      ])
      expect([await q.findMark('told'), ...(await claimKeys())]).toEqual(['yes', '2'])
    })

    test('its key stays known, also when it was dropped', async () => {
      const { id } = await buryOne()
      expect(await q.queue.add([job('1', 'a')])).toBe(0)
      expect(await q.queue.dropFailed(id)).toBe(true)
      expect(await q.queue.dropFailed(id)).toBe(false)
      expect(await q.queue.add([job('1', 'a')])).toBe(0)
      expect(await q.queue.listFailed({ limit: 5 })).toEqual([])
    })

    test('retried, it goes to the end of its lane and knows it was claimed', async () => {
      const { id } = await buryOne()
      expect(await q.queue.retryFailed(id)).toBe(true)
      expect(await q.queue.retryFailed(id)).toBe(false)
      const second = await claimOne()
      await q.queue.finish(second, [])
      expect(await claimOne()).toMatchObject({ key: '1', attempts: 0, claims: 1 })
    })
  })

  describe('hosts', () => {
    const to = (host: string, n: number) =>
      job(`${host} ${n}`, `${host} ${n}`, { kind: 'delivery', host })
    const addTo = (host: string, count: number) =>
      q.queue.add(Array.from({ length: count }, (_, n) => to(host, n)))
    const failAll = async (jobs: readonly Job[], hostFailed: boolean | number = true) => {
      for (const each of jobs)
        await q.queue.retry(each, { runAt: q.clock.now(), error: '', counts: true, hostFailed })
    }

    test('one host gets its share and no more, others go on', async () => {
      await addTo('a', 10)
      await addTo('b', 2)
      const first = await deliveries(20)
      expect(first.map(({ host }) => host)).toEqual(['a', 'a', 'a', 'a', 'b', 'b'])
      expect(await deliveries(20)).toEqual([])
      if (first[0]) await q.queue.finish(first[0], [])
      expect((await deliveries(20)).length).toBe(1)
    })

    test('a host that keeps failing is left alone, then tried with one job', async () => {
      await addTo('a', 10)
      await addTo('b', 1)
      await failAll((await deliveries(20)).filter(({ host }) => host === 'a'))
      expect(await deliveries(20)).toEqual([])
      const due = await q.queue.nextDue(['delivery'])
      expect(due).toBeGreaterThanOrEqual(q.clock.now() + 30_000)
      await q.clock.advance((due ?? 0) - q.clock.now())
      const [probe, ...more] = await deliveries(20)
      expect([probe?.host, more]).toEqual(['a', []])
      if (probe) await q.queue.finish(probe, [])
      expect((await deliveries(20)).length).toBe(4)
    })

    test('a job added to a host that is left alone waits with the others', async () => {
      await addTo('a', 4)
      await failAll(await deliveries(20))
      await q.queue.add([to('a', 99)])
      expect(await deliveries(20)).toEqual([])
    })

    test('a host that asks for peace gets it, one that was heard of is tried at once', async () => {
      await addTo('a', 2)
      const [first] = await deliveries(1)
      await failAll(first ? [first] : [], q.clock.now() + 90_000)
      expect(await deliveries(9)).toEqual([])
      expect(await q.queue.nextDue(['delivery'])).toBe(q.clock.now() + 90_000)
      await q.queue.hostIsWell('a')
      expect((await deliveries(9)).length).toBe(2)
    })

    test('it is known since when nothing succeeded', async () => {
      await addTo('a', 2)
      const since = q.clock.now()
      const [first] = await deliveries(1)
      await failAll(first ? [first] : [])
      await q.clock.advance(1000)
      const [second] = await deliveries(1)
      expect(second && (await q.queue.hostFailingSince(second))).toBe(since)
    })

    test('jobs without a host wait for the homeserver together', async () => {
      await q.queue.add(Array.from({ length: 9 }, (_, n) => job(`${n}`, `${n}`)))
      for (const each of await claim(3))
        await q.queue.retry(each, {
          ...{ runAt: q.clock.now(), error: '', counts: false },
          hostFailed: true,
        })
      expect(await claimKeys()).toEqual([])
      await q.clock.advance(2000)
      expect((await claimKeys()).length).toBe(1)
      await q.queue.hostIsWell()
      expect((await claimKeys()).length).toBe(8)
    })
  })

  test('the depth is counted per kind, with the time of the oldest', async () => {
    const at = q.clock.now()
    await q.queue.add([job('1', 'a'), job('2', 'a')])
    await q.clock.advance(5)
    await q.queue.add([job('3', 'a'), job('x', 'x', { kind: 'upkeep' })])
    await q.queue.bury(await claimOne(), 'poison')
    expect(await q.queue.depth()).toEqual([
      { kind: 'activity', waiting: 0, failed: 0 },
      { kind: 'event', waiting: 2, failed: 1, oldest: at },
      { kind: 'delivery', waiting: 0, failed: 0 },
      { kind: 'upkeep', waiting: 1, failed: 0, oldest: at + 5 },
    ])
  })

  test('own work waits from its time on, and what failed waits', async () => {
    const upkeep = async () => (await q.queue.depth())[3]
    const at = q.clock.now()
    await q.queue.add([job('later', 'later', { kind: 'upkeep', runAt: at + 1_000 })])
    expect(await upkeep()).toEqual({ kind: 'upkeep', waiting: 0, failed: 0, planned: 1 })
    await q.clock.advance(1_500)
    expect(await upkeep()).toEqual({ kind: 'upkeep', waiting: 1, failed: 0, oldest: at + 1_000 })
    const [claimed] = await q.queue.claim('upkeep', 1)
    if (claimed === undefined) throw new Error('nothing is due')
    await q.queue.retry(claimed, { runAt: at + 9_000, error: 'away', counts: false })
    expect(await upkeep()).toEqual({ kind: 'upkeep', waiting: 1, failed: 0, oldest: at })
  })
}
