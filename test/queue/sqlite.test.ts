import { describe, expect, test } from '@jest/globals'
import type { Database } from '../../src/store/database.ts'
import { job, makeGatheredQueue, makeQueue } from './setup.ts'
import { testQueue } from './contract.ts'
import { testWaiting } from './contract-waiting.ts'

describe('the queue on SQLite', () => testQueue(() => makeQueue()))
describe('the queue on SQLite, its commits gathered', () => testQueue(makeGatheredQueue))
describe('activities that are not done, on SQLite', () => testWaiting(makeQueue))

/** Names of indexes and tables that a statement walks instead of looking up. */
const scans = (database: Database, sql: string): string[] =>
  database
    .prepare<[], { detail: string }>(`explain query plan ${sql}`)
    .all()
    .map(({ detail }) => detail)
    .filter((detail) => detail.startsWith('SCAN') || detail.includes('TEMP B-TREE'))

describe('claiming looks up, whatever waits', () => {
  test.each([
    `select id from pace where kind = 'event' and next_at <= 5 order by next_at, id limit 9`,
    `select id, head from lane where pace_id = 1 and lease is null and ready_at <= 5
     order by ready_at, head limit 9`,
    `select count(*) from lane where pace_id = 1 and lease is not null`,
    `select id from lane where lease is not null and lease <= 5`,
    `select id, run_at from job where lane_id = 1 order by id limit 1`,
    `select min(ready_at) from lane where pace_id = 1 and lease is null`,
    `select min(next_at) from pace where kind = 'event'`,
    `update job set run_at = 1 where waits_for = 'x'`,
    `select 1 from released where waits_for = 'x' and seq > 1 limit 1`,
  ])('%s', async (sql) => {
    const { database, close } = await makeQueue()
    expect(scans(database, sql)).toEqual([])
    close()
  })

  // Counted by the clock of a machine that does other things too: the best of several rounds, and a
  // loose bound. A scan would be 1,000 times slower.
  test.each([
    ['in one lane', () => 'lane'],
    ['in a lane each', (n: number) => `lane ${n}`],
  ])(
    '100,000 waiting jobs %s do not slow a claim',
    async (_, laneOf) => {
      const { queue, close } = await makeQueue()
      const time = async (): Promise<number> => {
        const rounds: number[] = []
        for (let round = 0; round < 10; round += 1) {
          const started = performance.now()
          for (let n = 0; n < 5; n += 1) {
            const [first] = await queue.claim('event', 1)
            if (first) await queue.finish(first, [])
          }
          rounds.push(performance.now() - started)
        }
        return Math.min(...rounds)
      }
      await queue.add(Array.from({ length: 100 }, (__, n) => job(`few ${n}`, laneOf(n))))
      const few = await time()
      await queue.add(Array.from({ length: 100_000 }, (__, n) => job(`many ${n}`, laneOf(n))))
      expect(await time()).toBeLessThan(Math.max(few * 20, 10))
      close()
    },
    30_000,
  )
})
