import { createQueue } from '../../src/queue/sqlite.ts'
import { createStore } from '../../src/store/store.ts'
import { gathered } from '../../src/store/gathered.ts'
import type { Job } from '../../src/model/job.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createSystemClock, createSystemRandom } from '../../src/net/clock.ts'
import { writeSync } from 'node:fs'

/**
 * Adds jobs and finishes them until it is killed, in several ways at once, as the bridge does: what
 * comes in one turn is one commit. A line on standard output is a promise given:
 * `+ key` acknowledges an add, `- key` a finish. Written synchronously, so that nothing that was
 * promised is unsaid.
 */
const [path, from] = process.argv.slice(2)
const say = (line: string) => writeSync(1, `${line}\n`)
const database = gathered(await openDatabase(`sqlite:${path ?? ''}`))
const clock = createSystemClock()
const { applyChanges } = createStore({ database, clock })
const queue = createQueue({ database, clock, random: createSystemRandom(), applyChanges })
await queue.reclaimAll()

async function work(first: number, step: number): Promise<void> {
  for (let n = first; ; n += step) {
    const kind = n % 3 === 0 ? 'delivery' : 'event'
    await queue.add([{ kind, key: `${n}`, lane: `lane ${n % 5}`, payload: '{}' }])
    say(`+ ${n}`)
    for (const job of await queue.claim(kind, 2)) await end(job)
  }
}

async function end(job: Job): Promise<void> {
  const key = `ended ${job.key}`
  const next = { kind: 'upkeep', key: job.key, lane: job.lane, payload: '{}' } as const
  await queue.finish(job, [
    { change: 'mark', key, value: `${job.id}`, at: 0 },
    { change: 'enqueue', job: next },
  ])
  say(`- ${job.key}`)
}

const ways = 4
await Promise.all(Array.from({ length: ways }, (_, way) => work(Number(from) + way, ways)))
