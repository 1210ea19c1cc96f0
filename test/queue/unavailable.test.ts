import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { TransientError } from '../../src/model/errors.ts'
import type { Job } from '../../src/model/job.ts'
import { createSettle } from '../../src/queue/settle.ts'
import { job, makeQueue, mark } from './setup.ts'
import { createSeededRandom } from './virtual-clock.ts'

const day = 86_400_000
const second = 1_000

let q: Awaited<ReturnType<typeof makeQueue>>
beforeEach(async () => {
  q = await makeQueue()
})
afterEach(() => q.close())

const delivery = (key: string, host = 'a.example', more = {}) =>
  job(key, `delivery:https://${host}/inbox ${key}`, { kind: 'delivery', host, ...more })

/** Claims what is due, and lets it come to that end. */
async function settleAll(end: (job: Job) => Promise<never> | Promise<'done'>, kept: string[] = []) {
  const settle = createSettle({
    queue: q.queue,
    handlers: {
      activity: () => Promise.reject(new Error('none')),
      event: () => Promise.reject(new Error('none')),
      upkeep: () => Promise.reject(new Error('none')),
      delivery: async (one) => ({ outcome: await end(one), changes: [] }),
    },
    onUnavailable: (host) => [mark(`unavailable ${host}`)],
    concurrency: { activity: 1, event: 1, delivery: 10, upkeep: 1 },
    perHost: { activity: 1, event: 1, delivery: 4, upkeep: 1 },
    clock: q.clock,
    random: createSeededRandom(1),
    log: { debug() {}, warn() {}, info() {}, error: (line) => kept.push(String(line['key'])) },
  })
  const jobs = await q.queue.claim('delivery', 10, { perHost: 4 })
  await Promise.all(jobs.map(settle))
  return jobs.map(({ key }) => key)
}
const away = () => Promise.reject(new TransientError('away'))
const found = () => q.findMark('unavailable a.example')

async function failOnDays(days: number): Promise<void> {
  for (let n = 0; n < days; n++) {
    await q.queue.add([delivery(`day ${n}`)])
    await settleAll(away)
    q.clock.jump(day)
  }
}

describe('a host that fails', () => {
  test('on six days is tried on, on the seventh it is unavailable', async () => {
    await failOnDays(6)
    expect([await found(), await q.queue.isUnavailable('a.example')]).toEqual([undefined, false])
    await q.queue.add([delivery('seventh')])
    while ((await found()) === undefined) {
      await settleAll(away)
      q.clock.jump(60 * second)
    }
    expect(await q.queue.isUnavailable('a.example')).toBe(true)
    expect(await q.queue.isUnavailable('b.example')).toBe(false)
  })

  test('many times on one day has failed on one day', async () => {
    await q.queue.add([delivery('x')])
    for (let n = 0; n < 20; n++) {
      await settleAll(away)
      q.clock.jump(3_600 * second)
    }
    expect(await found()).toBeUndefined()
  })

  test('and is well between begins to count anew', async () => {
    await failOnDays(6)
    await q.queue.add([delivery('good')])
    q.clock.jump(day)
    expect(await settleAll(async () => 'done')).not.toEqual([])
    await q.queue.add([delivery('bad')])
    await settleAll(away)
    expect([await found(), await q.queue.isUnavailable('a.example')]).toEqual([undefined, false])
  })

  test('is let try once a day, and is back as soon as it is heard of', async () => {
    await failOnDays(7)
    // Another day: nothing failed on it yet.
    expect(await q.queue.isUnavailable('a.example')).toBe(false)
    await q.queue.add([delivery('probe')])
    await settleAll(away)
    expect(await q.queue.isUnavailable('a.example')).toBe(true)
    await q.queue.hostIsWell('a.example')
    expect(await q.queue.isUnavailable('a.example')).toBe(false)
  })
})

describe('what waits for a host', () => {
  test('can be ended with changes, but not what somebody is at work on', async () => {
    await q.queue.add([delivery('1'), delivery('2'), delivery('3'), delivery('other', 'b.example')])
    const [first] = await q.queue.claim('delivery', 1)
    const waiting = await q.queue.waitingAt('delivery', 'a.example', 10)
    expect([first?.key, waiting.map(({ key }) => key)]).toEqual(['1', ['2', '3']])
    const all = first === undefined ? waiting : [first, ...waiting]
    expect(await q.queue.drop(all, [mark('dropped')])).toBe(2)
    expect(await q.findMark('dropped')).toBe('yes')
    expect(await q.queue.waitingAt('delivery', 'a.example', 10)).toEqual([])
    expect(first && (await q.queue.finish(first, []))).toBe(true)
    expect((await q.queue.claim('delivery', 10)).map(({ key }) => key)).toEqual(['other'])
    // What was ended stays known.
    expect(await q.queue.add([delivery('2')])).toBe(0)
  })

  test('of one lane goes in order, whichever of it is ended', async () => {
    const same = { lane: 'delivery:https://a.example/inbox x' }
    await q.queue.add(['1', '2', '3'].map((key) => delivery(key, 'a.example', same)))
    const [one] = await q.queue.waitingAt('delivery', 'a.example', 1)
    expect(one && (await q.queue.drop([one], []))).toBe(1)
    const [next] = await q.queue.claim('delivery', 10)
    expect(next?.key).toBe('2')
    expect((await q.queue.waitingAt('delivery', 'a.example', 10)).map(({ key }) => key)).toEqual([
      '3',
    ])
  })
})

describe('a host with a pace', () => {
  test('gets one job in that time, whatever waits, and others go on', async () => {
    const paced = ['1', '2', '3'].map((key) => delivery(key, 'a.example', { every: second }))
    await q.queue.add([...paced, delivery('4', 'b.example'), delivery('5', 'b.example')])
    const keys = async () => {
      const jobs = await q.queue.claim('delivery', 10, { perHost: 4 })
      for (const one of jobs) await q.queue.finish(one, [])
      return jobs.map(({ key }) => key).sort()
    }
    const start = q.clock.now()
    expect(await keys()).toEqual(['1', '4', '5'])
    expect(await keys()).toEqual([])
    expect(await q.queue.nextDue(['delivery'])).toBe(start + second)
    q.clock.jump(second)
    expect(await keys()).toEqual(['2'])
    await q.queue.hostIsWell('a.example')
    expect(await keys()).toEqual([])
    q.clock.jump(second)
    expect(await keys()).toEqual(['3'])
  })

  test('keeps it for what is added meanwhile', async () => {
    await q.queue.add([delivery('1', 'a.example', { every: second })])
    const [first] = await q.queue.claim('delivery', 10)
    await q.queue.add([delivery('2', 'a.example', { every: second })])
    expect(await q.queue.claim('delivery', 10)).toEqual([])
    expect(first && (await q.queue.finish(first, []))).toBe(true)
    expect(await q.queue.claim('delivery', 10)).toEqual([])
    q.clock.jump(second)
    expect((await q.queue.claim('delivery', 10)).map(({ key }) => key)).toEqual(['2'])
  })

  test('keeps it for what is added without one, until it is told to have none', async () => {
    const take = async () => {
      const jobs = await q.queue.claim('delivery', 10)
      for (const one of jobs) await q.queue.finish(one, [])
      return jobs.map(({ key }) => key)
    }
    await q.queue.add([delivery('1', 'a.example', { every: second })])
    await q.queue.add([delivery('2', 'a.example'), delivery('3', 'a.example')])
    expect(await take()).toEqual(['1'])
    expect(await take()).toEqual([])
    q.clock.jump(second)
    expect(await take()).toEqual(['2'])
    await q.queue.add([delivery('4', 'a.example', { every: 0 })])
    q.clock.jump(second)
    expect(await take()).toEqual(['3', '4'])
  })
})
