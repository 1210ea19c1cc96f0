import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createRecordingLog, createSeededRandom, settled } from './virtual-clock.ts'
import { createWorker, type Worker, type WorkerDeps } from '../../src/queue/worker.ts'
import type { Handler } from '../../src/model/job-result.ts'
import { job, makeQueue, mark, type QueueUnderTest } from './setup.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import type { NewJob } from '../../src/model/job.ts'

let q: QueueUnderTest
let worker: Worker | undefined
let log: ReturnType<typeof createRecordingLog>
beforeEach(async () => {
  q = await makeQueue()
  log = createRecordingLog()
})
afterEach(async () => {
  const stopped = worker?.stop()
  await q.clock.advance(10_000)
  await stopped
  worker = undefined
  q.close()
})

const unread = {} as never
const done: Handler = () => Promise.resolve({ outcome: 'done', changes: [] })
const concurrency = { event: 2, activity: 2, delivery: 8, upkeep: 1 }

function start(handler: Handler, more: Partial<WorkerDeps> = {}): Worker {
  worker = createWorker({
    queue: q.queue,
    clock: q.clock,
    random: createSeededRandom(1),
    log,
    handlers: { event: handler, activity: handler, delivery: handler, upkeep: handler },
    concurrency,
    perHost: { event: 4, activity: 2, delivery: 4, upkeep: 4 },
    ...more,
  })
  worker.start()
  return worker
}

/** Runs jobs until all is quiet for now, and answers the log lines. */
async function work(jobs: readonly NewJob[], handler: Handler, more?: Partial<WorkerDeps>) {
  await q.queue.add(jobs)
  await start(handler, more).idle()
  return log.lines.map(({ key, outcome }) => `${String(key)} ${String(outcome)}`)
}

const failing =
  (error: Error): Handler =>
  ({ key }) =>
    key === 'bad' ? Promise.reject(error) : done(unread)

describe('the worker', () => {
  test('runs what waits, and logs one line a job', async () => {
    await work([job('1', 'a'), job('2', 'a')], done)
    expect(log.lines).toEqual([
      { kind: 'event', key: '1', outcome: 'done', attempts: 0, ms: 0 },
      { kind: 'event', key: '2', outcome: 'done', attempts: 0, ms: 0 },
    ])
  })

  test('is woken by a commit', async () => {
    const running = start(done)
    await running.idle()
    await q.commit([{ change: 'enqueue', job: job('1', 'a') }])
    running.wake()
    await running.idle()
    expect(log.lines.length).toBe(1)
  })

  test('wakes by itself when a job is due', async () => {
    await q.queue.add([job('1', 'a', { runAt: q.clock.now() + 5000 })])
    await start(done).idle()
    expect(log.lines).toEqual([])
    await q.clock.advance(5000)
    expect(log.lines.length).toBe(1)
  })

  test('runs lanes in parallel within bounds, and one lane in order', async () => {
    const open: string[] = []
    let most = 0
    const slow: Handler = async ({ lane, key }) => {
      expect(open).not.toContain(lane)
      open.push(lane)
      most = Math.max(most, open.length)
      await q.clock.sleep(10)
      open.splice(open.indexOf(lane), 1)
      return { outcome: key, changes: [] }
    }
    await q.queue.add(['a1', 'b1', 'c1', 'a2', 'a3'].map((key) => job(key, key.slice(0, 1))))
    start(slow)
    await q.clock.advance(1000)
    const order = log.lines.map(({ key }) => String(key))
    expect([most, order.filter((key) => key.startsWith('a'))]).toEqual([2, ['a1', 'a2', 'a3']])
    expect(order.length).toBe(5)
  })

  test('a poison job goes to the dead letters after three tries, and its lane goes on', async () => {
    await q.queue.add([job('bad', 'a'), job('good', 'a')])
    start(failing(new TypeError('bug')))
    await q.clock.advance(60_000)
    expect(log.lines.map(({ key, outcome }) => [key, outcome])).toEqual([
      ['bad', 'retry'],
      ['bad', 'retry'],
      ['bad', 'failed'],
      ['good', 'done'],
    ])
    const [failed] = await q.queue.listFailed({ limit: 1 })
    expect(failed?.error).toContain('TypeError: bug\n    at ')
  })

  test('a rejected job is buried at once, together with what is told', async () => {
    const onGiveUp = { event: () => Promise.resolve([mark('told')]) }
    const lines = await work([job('bad', 'a')], failing(new RejectedError('no')), { onGiveUp })
    expect([lines, await q.findMark('told')]).toEqual([['bad failed'], 'yes'])
  })

  test('a job is buried even when nobody can be told', async () => {
    const onGiveUp = { event: () => Promise.reject(new Error('nor that')) }
    const lines = await work([job('bad', 'a'), job('good', 'a')], failing(new RejectedError('')), {
      onGiveUp,
    })
    expect(lines).toEqual(['bad undefined', 'bad failed', 'good done'])
  })

  test('a job is buried even when what is told cannot be written', async () => {
    const onGiveUp = { event: () => Promise.resolve([{ ...mark('x'), value: null } as never]) }
    const jobs = [job('bad', 'a'), job('good', 'a')]
    const lines = await work(jobs, failing(new RejectedError('')), { onGiveUp })
    expect(lines).toEqual(['bad undefined', 'bad failed', 'good done'])
  })

  test('changes that cannot be committed are a failure of the job', async () => {
    const bad: Handler = () =>
      Promise.resolve({ outcome: 'done', changes: [{ ...mark('x'), value: null } as never] })
    expect(await work([job('1', 'a')], bad)).toEqual(['1 retry'])
  })

  test('a parked job is tried again when what it waits for is released', async () => {
    let isThere = false
    const handler: Handler = () =>
      isThere
        ? done(unread)
        : Promise.resolve({ park: { until: q.clock.now() + 60_000, waitsFor: 'p', reason: 'why' } })
    await work([job('1', 'a')], handler)
    expect(log.lines.at(-1)).toMatchObject({ key: '1', outcome: 'parked', error: 'why' })
    isThere = true
    await q.commit([{ change: 'release', waitsFor: 'p' }])
    worker?.wake()
    await worker?.idle()
    expect(log.lines.at(-1)).toMatchObject({ key: '1', outcome: 'done' })
  })

  test('the homeserver may be away for days: nothing is given up, all arrives in order', async () => {
    let isAway = true
    const order: string[] = []
    const handler: Handler = ({ key }) => {
      if (isAway) return Promise.reject(new TransientError('away', { of: 'homeserver' }))
      order.push(key)
      return done(unread)
    }
    await q.queue.add(['a1', 'b1', 'a2', 'b2'].map((key) => job(key, key.slice(0, 1))))
    start(handler)
    await q.clock.advance(2 * 24 * 3600 * 1000)
    isAway = false
    await q.clock.advance(120_000)
    expect(order.filter((key) => key.startsWith('a'))).toEqual(['a1', 'a2'])
    expect([order.length, await q.queue.listFailed({ limit: 1 })]).toEqual([4, []])
  })

  test('a dead host costs one try at a time, and its jobs end after some days', async () => {
    let tries = 0
    const handler: Handler = ({ host }) => {
      if (host !== 'dead') return done(unread)
      tries += 1
      return Promise.reject(new TransientError('away'))
    }
    const to = (host: string) =>
      Array.from({ length: 200 }, (_, n) =>
        job(`${host} ${n}`, `${host} ${n}`, { kind: 'delivery', host }),
      )
    await q.queue.add([...to('dead'), ...to('well')])
    start(handler)
    await q.clock.advance(3600_000)
    expect(log.lines.filter(({ outcome }) => outcome === 'done').length).toBe(200)
    expect(tries).toBeLessThan(20)
    await q.clock.advance(4 * 24 * 3600_000)
    const depth = await q.queue.depth()
    expect(depth[2]).toEqual({ kind: 'delivery', waiting: 0, failed: 200 })
    expect(tries).toBeLessThan(400)
  })

  describe('activities', () => {
    const from = (host: string, count = 1) =>
      Array.from({ length: count }, (_, n) =>
        job(`${host} ${n}`, `activity:https://${host}/${n}`, { kind: 'activity', host }),
      )
    const ended = () => log.lines.filter(({ outcome }) => outcome === 'done').map(({ key }) => key)

    test('of a server that keeps us waiting leave room for those of others', async () => {
      const handler: Handler = async ({ host }) => {
        if (host === 'slow') await q.clock.sleep(30_000)
        return done(unread)
      }
      await q.queue.add([...from('slow', 50), ...from('well', 3)])
      start(handler, { concurrency: { ...concurrency, activity: 4 } })
      await q.clock.advance(1_000)
      expect(ended()).toEqual(['well 0', 'well 1', 'well 2'])
      await q.clock.advance(25 * 30_000)
      expect(ended()).toHaveLength(53)
    })

    test('wait together while the homeserver is away, whoever sent them', async () => {
      let isAway = true
      let tries = 0
      const handler: Handler = () => {
        tries += 1
        if (isAway) return Promise.reject(new TransientError('away', { of: 'homeserver' }))
        return done(unread)
      }
      await q.queue.add(['a', 'b', 'c', 'd'].flatMap((host) => from(host, 25)))
      start(handler, { concurrency: { ...concurrency, activity: 4 } })
      await q.clock.advance(3600_000)
      expect(tries).toBeLessThan(200)
      isAway = false
      await q.queue.hostIsWell()
      worker?.wake()
      await q.clock.advance(70_000)
      expect(ended()).toHaveLength(100)
    })

    test('one of which the homeserver cannot take hold up no other', async () => {
      const handler: Handler = ({ key }) =>
        key === 'bad 0'
          ? Promise.reject(new TransientError('', { of: 'homeserver', status: 500 }))
          : done(unread)
      await q.queue.add([...from('bad', 3), ...from('well', 3)])
      start(handler)
      await q.clock.advance(1_000)
      expect(ended()).toHaveLength(5)
      // It is heard of meanwhile: otherwise it would count as away.
      for (let hour = 0; hour < 36; hour += 1) {
        await q.queue.hostIsWell()
        await q.clock.advance(3600_000)
      }
      expect((await q.queue.listFailed({ limit: 2 })).map(({ key }) => key)).toEqual(['bad 0'])
    })
  })

  describe('a handler that lives longer than a lease', () => {
    const minute = 60_000
    /** Answers after 40 minutes, like a server that is slow in a hundred places. */
    const slow: Handler = async () => {
      await q.clock.sleep(40 * minute)
      return { outcome: 'done', changes: [] }
    }
    const outcomes = () => log.lines.map(({ key, outcome }) => [key, outcome])

    test('keeps its job, and its lane waits for it', async () => {
      await q.queue.add([job('1', 'a'), job('2', 'a')])
      start(slow)
      await q.clock.advance(39 * minute)
      expect(outcomes().filter(([, outcome]) => outcome !== undefined)).toEqual([])
      await q.clock.advance(42 * minute)
      expect(outcomes().filter(([, outcome]) => outcome !== undefined)).toEqual([
        ['1', 'done'],
        ['2', 'done'],
      ])
    })

    test('keeps its job also when the machine slept meanwhile, or its clock was set back', async () => {
      let runs = 0
      const running = start((given) => {
        runs += 1
        return slow(given)
      })
      await running.idle()
      q.clock.jump(-60 * minute)
      await q.queue.add([job('1', 'a')])
      running.wake()
      await q.clock.advance(20 * minute)
      q.clock.jump(30 * minute)
      await q.clock.advance(20 * minute)
      expect([runs, log.lines.at(-1)]).toMatchObject([1, { key: '1', outcome: 'done' }])
    })

    test('is told in the log', async () => {
      await q.queue.add([job('1', 'a')])
      start(slow)
      await q.clock.advance(14 * minute)
      expect(log.lines).toEqual([])
      await q.clock.advance(7 * minute)
      expect(log.lines[0]).toMatchObject({ kind: 'event', key: '1', ms: expect.any(Number) })
      expect(log.messages[0]).toBe('job is still at work')
    })

    test('loses it when its end could not be written, so that it is tried again', async () => {
      let isFull = true
      const finish: typeof q.queue.finish = (...given) =>
        isFull ? Promise.reject(new Error('disk full')) : q.queue.finish(...given)
      const retry: typeof q.queue.retry = (...given) =>
        isFull ? Promise.reject(new Error('disk full')) : q.queue.retry(...given)
      await q.queue.add([job('1', 'a')])
      start(done, { queue: { ...q.queue, finish, retry } })
      await q.clock.advance(minute)
      expect(outcomes()).toEqual([['1', 'stuck']])
      isFull = false
      await q.clock.advance(16 * minute)
      expect(outcomes()).toEqual([
        ['1', 'stuck'],
        ['1', 'done'],
      ])
    })
  })

  test('stopping waits for what runs and claims no more', async () => {
    const slow: Handler = async () => {
      await q.clock.sleep(1000)
      return { outcome: 'done', changes: [] }
    }
    await q.queue.add([job('1', 'a'), job('2', 'a')])
    start(slow)
    await settled()
    const stopped = worker?.stop()
    await q.clock.advance(1000)
    await stopped
    expect(log.lines.map(({ key }) => key)).toEqual(['1'])
    expect(await q.queue.claim('event', 9)).toMatchObject([{ key: '2' }])
  })

  test('stopping does not wait for ever', async () => {
    await q.queue.add([job('1', 'a')])
    start(() => new Promise(() => undefined))
    await settled()
    const before = q.clock.now()
    const stopped = worker?.stop()
    await q.clock.advance(5_000)
    await stopped
    expect(q.clock.now() - before).toBeLessThan(10_000)
  })
})
