import { describe, expect, test } from '@jest/globals'
import { createSeededRandom } from './virtual-clock.ts'
import { job, makeQueue, mark } from './setup.ts'
import type { Job } from '../../src/model/job.ts'
import type { Queue } from '../../src/queue/queue.ts'

/** What must be true, kept by hand: who is next in each lane, and how each job ended. */
type Model = {
  readonly lanes: Map<string, string[]>
  readonly parked: Set<string>
  readonly running: Map<string, Job>
  readonly ended: Map<string, 'done' | 'buried'>
}

type Run = {
  readonly q: Awaited<ReturnType<typeof makeQueue>>
  queue: Queue
  readonly model: Model
  readonly random: () => number
  added: number
}

const pick = <T>(items: readonly T[], random: () => number): T | undefined =>
  items[Math.floor(random() * items.length)]

async function add(run: Run): Promise<void> {
  const fresh = Array.from({ length: 1 + Math.floor(run.random() * 5) }, () => {
    run.added += 1
    const lane = `lane ${Math.floor(run.random() * 6)}`
    return job(`${run.added}`, lane, run.random() < 0.2 ? { runAt: run.q.clock.now() + 50 } : {})
  })
  const again = [...run.model.ended.keys(), ...run.model.running.keys()].slice(0, 2)
  const count = await run.queue.add([...fresh, ...again.map((key) => job(key, 'lane 0'))])
  expect(count).toBe(fresh.length)
  for (const { key, lane } of fresh)
    run.model.lanes.set(lane, [...(run.model.lanes.get(lane) ?? []), key])
}

async function claim({ queue, model }: Run): Promise<void> {
  for (const each of await queue.claim('event', 3)) {
    expect(model.running.has(each.key)).toBe(false)
    expect(model.ended.has(each.key)).toBe(false)
    if (!model.parked.has(each.key)) {
      // The head of its lane, and nobody else of that lane is at work.
      expect(model.lanes.get(each.lane)?.[0]).toBe(each.key)
    }
    model.running.set(each.key, each)
  }
}

const leave = ({ model }: Run, { key, lane }: Job): void => {
  model.parked.delete(key)
  model.lanes.set(
    lane,
    (model.lanes.get(lane) ?? []).filter((other) => other !== key),
  )
}

async function end(run: Run): Promise<void> {
  const { queue, model, random, q } = run
  const each = pick([...model.running.values()], random)
  if (each === undefined) return
  model.running.delete(each.key)
  const runAt = q.clock.now() + Math.floor(random() * 20)
  const choice = random()
  if (choice < 0.5) {
    expect(await queue.finish(each, [mark(each.key, String(each.id))])).toBe(true)
    leave(run, each)
    model.ended.set(each.key, 'done')
  } else if (choice < 0.7) {
    await queue.retry(each, { runAt, error: 'again', counts: true })
  } else if (choice < 0.9) {
    await queue.park(each, { until: runAt + 30, waitsFor: `w${each.id % 3}`, reason: '' })
    leave(run, each)
    model.parked.add(each.key)
  } else {
    await queue.bury(each, 'poison')
    leave(run, each)
    model.ended.set(each.key, 'buried')
  }
}

async function crash(run: Run): Promise<void> {
  const held = [...run.model.running.values()]
  run.queue = run.q.reopened()
  expect(await run.queue.reclaimAll()).toBe(held.length)
  run.model.running.clear()
  for (const late of held) expect(await run.queue.finish(late, [])).toBe(false)
}

async function step(run: Run): Promise<void> {
  const choice = run.random()
  if (choice < 0.2) await add(run)
  else if (choice < 0.5) await claim(run)
  else if (choice < 0.85) await end(run)
  else if (choice < 0.9)
    await run.q.commit([{ change: 'release', waitsFor: `w${Math.floor(run.random() * 3)}` }])
  else if (choice < 0.97) await run.q.clock.advance(10)
  else await crash(run)
}

/** Everything that is left, until nothing is. */
async function drain(run: Run): Promise<void> {
  for (let rounds = 0; rounds < 5000 && run.model.ended.size < run.added; rounds += 1) {
    await claim(run)
    await end(run)
    await run.q.clock.advance(5)
  }
}

describe('a random life of the queue', () => {
  test.each(Array.from({ length: 25 }, (_, n) => n + 1))(
    'seed %i: lanes in order, every job ends once',
    async (seed) => {
      const q = await makeQueue()
      const model: Model = {
        lanes: new Map(),
        parked: new Set(),
        running: new Map(),
        ended: new Map(),
      }
      const random = createSeededRandom(seed).number
      const run: Run = { q, queue: q.queue, model, random, added: 0 }
      for (let n = 0; n < 400; n += 1) await step(run)
      await drain(run)
      expect(model.ended.size).toBe(run.added)
      expect((await run.queue.depth())[1]?.waiting).toBe(0)
      const left = q.database.prepare<[], { n: number }>('select count(*) as n from lane').get()
      expect(left).toEqual({ n: 0 })
      q.close()
    },
  )
})
