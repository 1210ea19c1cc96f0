import { createQueue } from '../../src/queue/sqlite.ts'
import { createStore } from '../../src/store/store.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createSystemClock, createSystemRandom } from '../../src/net/clock.ts'
import { writeSync } from 'node:fs'

/**
 * Adds jobs and finishes them until it is killed. A line on standard output is a promise given:
 * `+ key` acknowledges an add, `- key` a finish. Written synchronously, so that nothing that was
 * promised is unsaid.
 */
const [path, from] = process.argv.slice(2)
const say = (line: string) => writeSync(1, `${line}\n`)
const database = await openDatabase(`sqlite:${path ?? ''}`)
const clock = createSystemClock()
const { applyChanges } = createStore({ database, clock })
const queue = createQueue({ database, clock, random: createSystemRandom(), applyChanges })
await queue.reclaimAll()

for (let n = Number(from); ; n += 1) {
  const kind = n % 2 === 0 ? 'event' : 'delivery'
  await queue.add([{ kind, key: `${n}`, lane: `lane ${n % 5}`, payload: '{}' }])
  say(`+ ${n}`)
  for (const job of await queue.claim(kind, 2)) {
    const key = `ended ${job.key}`
    const next = { kind: 'upkeep', key: job.key, lane: job.lane, payload: '{}' } as const
    await queue.finish(job, [
      { change: 'mark', key, value: `${job.id}`, at: 0 },
      { change: 'enqueue', job: next },
    ])
    say(`- ${job.key}`)
  }
}
